"""What was said before in the session of an execution."""

from collections.abc import Iterable

from google.protobuf.json_format import MessageToDict

from agent_runner._conversation import (
    AssistantMessage,
    Message,
    ToolMessage,
    ToolRequest,
    UserMessage,
)
from agent_runner._platform import Platform
from agent_runner._record import is_terminal
from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import AgentExecution
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    MESSAGE_AI,
    MESSAGE_TOOL,
    AgentMessage,
)

# A conversation longer than this exceeds any model's context; the latest part of it is what counts.
_EXECUTIONS = 50


async def earlier_messages(platform: Platform, execution: AgentExecution) -> list[Message]:
    """Tell what was said in earlier executions of the session, oldest first."""
    session_id = execution.spec.session_id
    if not session_id:
        return []
    # Ids are ULIDs: their order is the order of creation.
    earlier = sorted(
        (
            one
            for one in await platform.latest_executions(session_id, _EXECUTIONS)
            if one.metadata.id < execution.metadata.id and is_terminal(one.status)
        ),
        key=lambda one: one.metadata.id,
    )
    return [message for one in earlier for message in _conversation(one)]


def user_text(execution: AgentExecution) -> str:
    """Write the user's message as the model reads it: with the organization it is asked for."""
    organization = execution.metadata.org
    return f"{execution.spec.message}\n\n---\nContext:\n- Organization: {organization}"


def _conversation(execution: AgentExecution) -> list[Message]:
    said = list(_said(execution.status.messages))
    # An execution that failed before the model said anything is no part of the conversation.
    return [UserMessage(user_text(execution)), *said] if said else []


def _said(messages: Iterable[AgentMessage]) -> list[Message]:
    """Put each answer of the model together with the tools' answers that follow it."""
    said: list[Message] = []
    text = ""
    turn = 0.0
    answers: list[ToolMessage] = []

    def close_turn() -> None:
        nonlocal text
        if text or answers:
            said.append(AssistantMessage(text, tuple(answer.call for answer in answers)))
            said.extend(answers)
        text = ""
        answers.clear()

    for message in messages:
        if message.type == MESSAGE_AI:
            close_turn()
            text = message.content
        elif message.type == MESSAGE_TOOL and message.tool_calls:
            of_turn = message.metadata.fields["turn"].number_value
            if answers and of_turn != turn:
                close_turn()
            turn = of_turn
            answers.append(_tool_message(message))
    close_turn()
    return said


def _tool_message(message: AgentMessage) -> ToolMessage:
    call = message.tool_calls[0]
    request = ToolRequest(call.id, call.name, MessageToDict(call.args))
    return ToolMessage(request, message.content, failed=bool(call.error))
