"""The environment of an execution: values and secrets from several places, merged in one order."""

import re
from collections.abc import Iterable, Mapping

from agent_runner._errors import ConfigurationError
from ai.stigmer.agentic.agent.v1.agent_pb2 import Agent
from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import AgentExecution
from ai.stigmer.agentic.environment.v1.environment_pb2 import Environment

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Variables:
    """The merged environment."""

    def __init__(self, values: Mapping[str, str], secret_names: Iterable[str]) -> None:
        """Take values by name, and the names of those that nobody may see."""
        self._values = dict(values)
        self._secret_names = frozenset(secret_names)

    @property
    def values(self) -> Mapping[str, str]:
        """The values by name."""
        return self._values

    @property
    def secrets(self) -> list[str]:
        """The values that nobody may see."""
        return [value for name, value in self._values.items() if name in self._secret_names]

    def fill(self, text: str, where: str) -> str:
        """Replace each `${NAME}` of the text by its value.

        Raises:
            ConfigurationError: a name has no value.
        """
        missing = sorted(
            {name for name in _PLACEHOLDER.findall(text) if not self._values.get(name)}
        )
        if missing:
            message = (
                f"{where} needs {', '.join(missing)}, which has no value; give it when you run the"
                " agent, or in an environment of the agent's instance"
            )
            raise ConfigurationError(message)
        return _PLACEHOLDER.sub(lambda match: self._values[match[1]], text)


def merge(
    agent: Agent, environments: Iterable[Environment], execution: AgentExecution
) -> Variables:
    """Merge the agent's defaults, its instance's environments in their order, the run's values.

    A later one wins. What is a secret in one place stays a secret, wherever the value comes from.
    """
    values: dict[str, str] = {}
    secret_names: set[str] = set()
    layers = [
        agent.spec.env_spec.data,
        *(environment.spec.data for environment in environments),
        execution.spec.runtime_env,
    ]
    for layer in layers:
        for name, entry in layer.items():
            values[name] = entry.value
            if entry.is_secret:
                secret_names.add(name)
    return Variables(values, secret_names)
