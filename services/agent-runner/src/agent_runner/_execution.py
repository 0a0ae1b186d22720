"""One execution of an agent, from its ids to its final status."""

from collections.abc import Sequence
from dataclasses import dataclass

from ai.stigmer.agentic.agent.v1.agent_pb2 import Agent
from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import AgentExecution

from agent_runner._conversation import Model, Prompt, ToolMessage, ToolRequest, ToolSpec, UserMessage
from agent_runner._errors import ConfigurationError
from agent_runner._loop import run_turns
from agent_runner._platform import Platform
from agent_runner._record import Record
from agent_runner._settings import Settings


@dataclass(frozen=True, slots=True)
class Execution:
    """What an execution needs."""

    execution: AgentExecution
    settings: Settings
    platform: Platform
    model: Model
    record: Record

    async def run(self) -> None:
        """Run the agent and write down what happens.

        Raises:
            AgentRunnerError: the execution has failed, for a reason that the user can read.
        """
        agent = await self._agent()
        model = self.execution.spec.execution_config.model_name or self.settings.llm_model
        prompt = Prompt(model, agent.spec.instructions, (UserMessage(user_text(self.execution)),))
        await run_turns(
            self.model,
            prompt,
            NoTools(),
            max_turns=self.settings.max_turns,
            on_text=self.record.add_text,
            on_turn=lambda turn: self.record.end_turn(turn, model),
        )

    async def _agent(self) -> Agent:
        spec = self.execution.spec
        if spec.session_id:
            session = await self.platform.session(spec.session_id)
            instance = await self.platform.agent_instance(session.spec.agent_instance_id)
            return await self.platform.agent(instance.spec.agent_id)
        if spec.agent_id:
            return await self.platform.agent(spec.agent_id)
        message = "the execution has neither a session nor an agent; create it with one of them"
        raise ConfigurationError(message)


def user_text(execution: AgentExecution) -> str:
    """What the model reads as the user's message: the message and the organization it is asked for."""
    return f"{execution.spec.message}\n\n---\nContext:\n- Organization: {execution.metadata.org}"


class NoTools:
    """A toolbox without tools."""

    specs: tuple[ToolSpec, ...] = ()

    async def call_all(self, requests: Sequence[ToolRequest]) -> list[ToolMessage]:
        """Refuse each call."""
        return [ToolMessage(request, f"there is no tool {request.name}", failed=True) for request in requests]
