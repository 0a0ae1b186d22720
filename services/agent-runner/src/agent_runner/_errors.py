"""The errors of the agent-runner.

AgentRunnerError
├── SettingsError            the environment is wrong
├── TemporalUnreachableError no worker without Temporal
├── PlatformError            the server refused a request or stayed away
├── ConfigurationError       an agent, environment or execution cannot be run as it is
├── ModelError               the language model's service failed
├── TurnLimitError           the model never came to an end
├── ToolServerError          a tool server cannot be started or used
└── ToolError                one tool call failed; the model is told and goes on
"""


class AgentRunnerError(Exception):
    """Root of the errors that this program expects; the text is for the user and names the cure."""


class SettingsError(AgentRunnerError):
    """The environment variables are wrong; the text lists every mistake."""


class TemporalUnreachableError(AgentRunnerError):
    """Temporal did not answer, or not for this namespace."""


class PlatformError(AgentRunnerError):
    """The server refused a request or could not be reached."""


class ConfigurationError(AgentRunnerError):
    """What was applied cannot be run: a missing value, a reference to nothing."""


class ModelError(AgentRunnerError):
    """The language model's service failed or answered nonsense."""

    def __init__(self, provider: str, detail: str, status_code: int | None = None) -> None:
        """Say which service failed, how, and with which HTTP status if there was one."""
        suffix = f" (status code: {status_code})" if status_code is not None else ""
        super().__init__(f"{provider}: {detail}{suffix}")
        self.provider = provider
        self.status_code = status_code


class TurnLimitError(AgentRunnerError):
    """The model asked for tools in every one of the turns it may have."""


class ToolServerError(AgentRunnerError):
    """A tool server could not be started, reached or understood."""


class ToolError(AgentRunnerError):
    """A tool call failed; the text is what the model and the user read."""
