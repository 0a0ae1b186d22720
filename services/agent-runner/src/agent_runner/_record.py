"""The status of one execution while it is made."""

import asyncio
from collections.abc import Mapping

from agent_runner._clock import now
from agent_runner._conversation import ToolMessage, ToolRequest, Turn, Usage
from agent_runner._text import Redactor, shortened, to_struct, valid
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    EXECUTION_CANCELLED,
    EXECUTION_COMPLETED,
    EXECUTION_FAILED,
    EXECUTION_IN_PROGRESS,
    MESSAGE_AI,
    MESSAGE_SYSTEM,
    MESSAGE_TOOL,
    TOOL_CALL_COMPLETED,
    TOOL_CALL_FAILED,
    TOOL_CALL_PENDING,
    TOOL_CALL_RUNNING,
    AgentExecutionStatus,
    AgentMessage,
    ComponentMetadata,
    ExecutionPhase,
    SubAgentExecution,
    TodoItem,
    ToolCall,
)

_TERMINAL = {EXECUTION_COMPLETED, EXECUTION_FAILED, EXECUTION_CANCELLED}
_UNFINISHED = {TOOL_CALL_PENDING, TOOL_CALL_RUNNING}
# A call of these changes the status itself and is shown there, unless it fails.
_PLANNING_TOOLS = {"write_todos"}
# What is kept of a tool's answer; the model has read all of it.
_RESULT_CHARACTERS = 16_384
# Hints for user interfaces, in the platform's words.
_COMPONENTS = {
    "ls": "filesystem",
    "read_file": "preview",
    "write_file": "editor",
    "edit_file": "editor",
    "glob": "search",
    "grep": "search",
    "task": "subagent",
    "write_todos": "todo",
}


class Record:
    """Collects what happens in an execution; whoever reports it waits for `changed`."""

    def __init__(self) -> None:
        """Begin: the execution is in progress."""
        self.changed = asyncio.Event()
        self.ended = asyncio.Event()
        self.redactor = Redactor()
        self.model_name = ""
        self._status = AgentExecutionStatus(phase=EXECUTION_IN_PROGRESS, started_at=now())
        self._speaking: AgentMessage | None = None
        self._calls: dict[str, list[ToolCall]] = {}
        self._usage = Usage()
        self._turns = 0
        self.changed.set()

    def snapshot(self) -> AgentExecutionStatus:
        """Copy the status as it is now."""
        copy = AgentExecutionStatus()
        copy.CopyFrom(self._status)
        return copy

    def add_text(self, piece: str) -> None:
        """Let the model's current message grow."""
        self._message().content += valid(piece)
        self.changed.set()

    def end_turn(self, turn: Turn) -> None:
        """Close the model's current message, with the calls it asks for and what it took."""
        self._turns += 1
        self.add_usage(turn.usage)
        if self._speaking is not None or not turn.calls:
            self._describe(self._message(), turn)
        for request in turn.calls:
            if request.name not in _PLANNING_TOOLS:
                self._add_call(request)
        self._speaking = None
        self.changed.set()

    def add_usage(self, usage: Usage) -> None:
        """Count tokens that belong to no message of this execution: those of sub-agents."""
        self._usage += usage

    def start_call(self, request: ToolRequest) -> None:
        """Note that a call has begun."""
        for call in self._calls.get(request.id, ()):
            call.status = TOOL_CALL_RUNNING
            call.started_at = now()
        self.changed.set()

    def end_call(self, answer: ToolMessage) -> None:
        """Note what a call came to, and add the tool's message."""
        request, text = answer.call, shortened(valid(answer.text), _RESULT_CHARACTERS)
        if request.name in _PLANNING_TOOLS:
            if not answer.failed:
                return
            self._add_call(request)
        for call in self._calls.get(request.id, ()):
            call.status = TOOL_CALL_FAILED if answer.failed else TOOL_CALL_COMPLETED
            call.completed_at = now()
            call.error = text if answer.failed else ""
        # The text stands once in the list of calls and once as the message, not in each copy.
        shown = self._calls[request.id][0]
        message = self._status.messages.add(type=MESSAGE_TOOL, content=text, timestamp=now())
        # Calls that were asked for together are told together to the next run of the session.
        message.metadata.update({"turn": self._turns})
        message.tool_calls.add().CopyFrom(shown)
        shown.result = "" if answer.failed else text
        self.changed.set()

    def set_todos(self, todos: Mapping[str, TodoItem]) -> None:
        """Replace the agent's list of things to do."""
        self._status.todos.clear()
        for key, todo in todos.items():
            self._status.todos[key].CopyFrom(todo)
        self.changed.set()

    def todos(self) -> dict[str, TodoItem]:
        """Copy the agent's list of things to do."""
        return dict(self.snapshot().todos)

    def add_sub_agent(self, execution: SubAgentExecution) -> SubAgentExecution:
        """Add a sub-agent's work; change the answer and say `touch` as it goes on."""
        added = self._status.sub_agent_executions.add()
        added.CopyFrom(execution)
        added.id = f"sub-agent-{len(self._status.sub_agent_executions)}"
        self.changed.set()
        return added

    def touch(self) -> None:
        """Say that something in the status has changed."""
        self.changed.set()

    def complete(self) -> None:
        """End well."""
        self._end(EXECUTION_COMPLETED, "")

    def fail(self, cause: str) -> None:
        """End badly; what was said so far stays."""
        cause = valid(self.redactor.clean(cause))
        self._status.error = cause
        text = f"❌ Error: Execution failed: {cause}"
        self._status.messages.add(type=MESSAGE_SYSTEM, content=text, timestamp=now())
        self._end(EXECUTION_FAILED, "the execution failed before this call came to an end")

    def cancel(self) -> None:
        """End because somebody asked; what was said so far stays."""
        self._end(EXECUTION_CANCELLED, "the execution was cancelled")

    def _message(self) -> AgentMessage:
        if self._speaking is None:
            self._speaking = self._status.messages.add(type=MESSAGE_AI, timestamp=now())
        return self._speaking

    def _describe(self, message: AgentMessage, turn: Turn) -> None:
        message.metadata.update(
            {
                "model": self.model_name,
                "stop_reason": turn.stop_reason,
                "usage": _counted(turn.usage),
                "total_usage": _counted(self._usage),
            }
        )

    def _add_call(self, request: ToolRequest) -> None:
        call = ToolCall(
            id=request.id,
            name=valid(request.name),
            args=to_struct(request.arguments),
            status=TOOL_CALL_PENDING,
            component_metadata=ComponentMetadata(
                component_type=_COMPONENTS.get(request.name, "tool"),
                component_group="main-agent-tools",
            ),
        )
        self._status.tool_calls.append(call)
        self._calls[request.id] = [self._status.tool_calls[-1]]
        if self._speaking is not None:
            self._speaking.tool_calls.append(call)
            self._calls[request.id].append(self._speaking.tool_calls[-1])

    def _end(self, phase: ExecutionPhase, unfinished: str) -> None:
        for calls in self._calls.values():
            for call in calls:
                if call.status in _UNFINISHED:
                    call.status = TOOL_CALL_FAILED
                    call.error = unfinished
                    call.completed_at = now()
        self._status.phase = phase
        self._status.completed_at = now()
        self.ended.set()
        self.changed.set()


def is_terminal(status: AgentExecutionStatus) -> bool:
    """Whether the execution has ended."""
    return status.phase in _TERMINAL


def _counted(usage: Usage) -> dict[str, int]:
    return {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
