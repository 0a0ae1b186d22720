"""Keeps a status within the size that its carriers accept."""

from collections.abc import Iterable

from google.protobuf.json_format import MessageToJson

from agent_runner._text import shortened, to_struct
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    MESSAGE_TOOL,
    AgentExecutionStatus,
    ToolCall,
)

# Temporal refuses results of more than 2 MB, and as JSON a status is longer than its bytes.
LARGEST_STATUS = 1_000_000
# What is left of each long text, step by step, until the whole fits.
_STEPS = (4096, 512, 64)


def fitted(status: AgentExecutionStatus, limit: int = LARGEST_STATUS) -> AgentExecutionStatus:
    """Shorten what tools were given and answered, then everything, until `limit` bytes are kept."""
    for characters in _STEPS:
        if status.ByteSize() <= limit:
            break
        for call in _calls(status):
            _shorten(call, characters)
        for message in status.messages:
            if message.type == MESSAGE_TOOL:
                message.content = shortened(message.content, characters)
    for characters in _STEPS:
        if status.ByteSize() <= limit:
            break
        for message in status.messages:
            message.content = shortened(message.content, characters)
        for sub_agent in status.sub_agent_executions:
            sub_agent.input = shortened(sub_agent.input, characters)
            sub_agent.output = shortened(sub_agent.output, characters)
    return status


def _calls(status: AgentExecutionStatus) -> Iterable[ToolCall]:
    yield from status.tool_calls
    for message in status.messages:
        yield from message.tool_calls


def _shorten(call: ToolCall, characters: int) -> None:
    call.result = shortened(call.result, characters)
    if call.args.ByteSize() > characters:
        given = shortened(MessageToJson(call.args, indent=None), characters)
        call.args.CopyFrom(to_struct({"(shortened)": given}))
