"""The status of one execution while it is made."""

import asyncio

from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    EXECUTION_CANCELLED,
    EXECUTION_COMPLETED,
    EXECUTION_FAILED,
    EXECUTION_IN_PROGRESS,
    MESSAGE_AI,
    MESSAGE_SYSTEM,
    AgentExecutionStatus,
    AgentMessage,
    ExecutionPhase,
)

from agent_runner._clock import now
from agent_runner._conversation import Turn, Usage

_TERMINAL = {EXECUTION_COMPLETED, EXECUTION_FAILED, EXECUTION_CANCELLED}


class Record:
    """Collects what happens in an execution; whoever reports it waits for `changed`."""

    def __init__(self) -> None:
        """Begin: the execution is in progress."""
        self.changed = asyncio.Event()
        self.ended = asyncio.Event()
        self._status = AgentExecutionStatus(phase=EXECUTION_IN_PROGRESS, started_at=now())
        self._speaking: AgentMessage | None = None
        self._usage = Usage()
        self.changed.set()

    def snapshot(self) -> AgentExecutionStatus:
        """A copy of the status as it is now."""
        copy = AgentExecutionStatus()
        copy.CopyFrom(self._status)
        return copy

    def add_text(self, piece: str) -> None:
        """Let the model's current message grow."""
        if self._speaking is None:
            self._speaking = self._status.messages.add(type=MESSAGE_AI, timestamp=now())
        self._speaking.content += piece
        self.changed.set()

    def end_turn(self, turn: Turn, model: str) -> None:
        """Close the model's current message and note what its answer took."""
        self._usage += turn.usage
        if self._speaking is None and not turn.calls:
            self.add_text("")
        if self._speaking is not None:
            self._speaking.metadata.update(
                {
                    "model": model,
                    "stop_reason": turn.stop_reason,
                    "usage": _usage(turn.usage),
                    "total_usage": _usage(self._usage),
                }
            )
        self._speaking = None
        self.changed.set()

    def complete(self) -> None:
        """End well."""
        self._end(EXECUTION_COMPLETED)

    def fail(self, cause: str) -> None:
        """End badly; what was said so far stays."""
        self._status.error = cause
        self._status.messages.add(
            type=MESSAGE_SYSTEM, content=f"❌ Error: Execution failed: {cause}", timestamp=now()
        )
        self._end(EXECUTION_FAILED)

    def cancel(self) -> None:
        """End because somebody asked; what was said so far stays."""
        self._end(EXECUTION_CANCELLED)

    def _end(self, phase: ExecutionPhase) -> None:
        self._status.phase = phase
        self._status.completed_at = now()
        self.ended.set()
        self.changed.set()


def is_terminal(status: AgentExecutionStatus) -> bool:
    """Whether the execution has ended."""
    return status.phase in _TERMINAL


def _usage(usage: Usage) -> dict[str, int]:
    return {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
