"""Built-in tool task: hands a piece of work to a sub-agent."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from pydantic import Field

from agent_runner._clock import now
from agent_runner._conversation import ToolMessage, ToolRequest, Turn, Usage
from agent_runner._errors import AgentRunnerError, ToolError
from agent_runner._record import Record
from agent_runner._text import shortened, to_struct, valid
from agent_runner.tools._tool import Arguments, Tool, built_in
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    SUB_AGENT_COMPLETED,
    SUB_AGENT_FAILED,
    SUB_AGENT_IN_PROGRESS,
    SubAgentExecution,
)

GENERAL_PURPOSE = "general-purpose"
# What is kept of a task and its outcome in the status; the agents have read all of it.
_KEPT_CHARACTERS = 16_384


@dataclass(frozen=True, slots=True)
class SubAgent:
    """A sub-agent: what the parent is told of it, and how it does a task."""

    name: str
    description: str
    run: Callable[[str, "SubAgentLog"], Awaitable[str]]


class SubAgentLog:
    """Counts what a sub-agent does."""

    def __init__(self, record: Record) -> None:
        """Count for an execution, too."""
        self._record = record
        self.turns = 0
        self.tool_calls = 0
        self.usage = Usage()

    def add_text(self, piece: str) -> None:
        """See TurnLog."""

    def end_turn(self, turn: Turn) -> None:
        """See TurnLog."""
        self.turns += 1
        self.usage += turn.usage
        self._record.add_usage(turn.usage)

    def start_call(self, request: ToolRequest) -> None:
        """See CallLog."""
        del request
        self.tool_calls += 1

    def end_call(self, answer: ToolMessage) -> None:
        """See CallLog."""


class _Task(Arguments):
    description: str = Field(min_length=1, description="The task, with all that is needed for it.")
    subagent_type: str = Field(default=GENERAL_PURPOSE, description="Which sub-agent does it.")


def task_tool(sub_agents: Mapping[str, SubAgent], record: Record) -> Tool:
    """Make the tool."""
    listed = "\n".join(f"- {one.name}: {one.description}" for one in sub_agents.values())

    async def task(arguments: _Task) -> str:
        sub_agent = sub_agents.get(arguments.subagent_type)
        if sub_agent is None:
            message = (
                f"there is no sub-agent {arguments.subagent_type!r};"
                f" there are: {', '.join(sub_agents)}"
            )
            raise ToolError(message)
        return await _delegate(sub_agent, arguments.description, record)

    text = f"Hand a task to a sub-agent and get its last message. Sub-agents:\n{listed}"
    return built_in("task", text, _Task, task)


async def _delegate(sub_agent: SubAgent, description: str, record: Record) -> str:
    log = SubAgentLog(record)
    execution = record.add_sub_agent(
        SubAgentExecution(
            name=valid(sub_agent.name),
            input=shortened(valid(description), _KEPT_CHARACTERS),
            status=SUB_AGENT_IN_PROGRESS,
            started_at=now(),
        )
    )
    try:
        output = await sub_agent.run(description, log)
    except AgentRunnerError as error:
        cause = valid(record.redactor.clean(str(error)))
        execution.status, execution.error = SUB_AGENT_FAILED, cause
        message = f"the sub-agent {sub_agent.name} failed: {cause}"
        raise ToolError(message) from error
    except asyncio.CancelledError:
        execution.status, execution.error = SUB_AGENT_FAILED, "stopped with its parent"
        raise
    else:
        execution.status = SUB_AGENT_COMPLETED
        execution.output = shortened(valid(output), _KEPT_CHARACTERS)
        return output
    finally:
        execution.completed_at = now()
        execution.metadata.CopyFrom(
            to_struct(
                {
                    "turns": log.turns,
                    "tool_calls": log.tool_calls,
                    "usage": {
                        "input_tokens": log.usage.input_tokens,
                        "output_tokens": log.usage.output_tokens,
                    },
                }
            )
        )
        record.touch()
