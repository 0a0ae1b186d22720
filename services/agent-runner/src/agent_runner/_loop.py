"""The loop of an agent: ask the model, do what it asks for, until it asks for nothing more."""

from collections.abc import Sequence
from typing import Protocol

from agent_runner._conversation import (
    AssistantMessage,
    Message,
    Model,
    Prompt,
    ToolMessage,
    ToolRequest,
    ToolSpec,
    Turn,
)
from agent_runner._errors import TurnLimitError
from agent_runner._text import valid


class Toolbox(Protocol):
    """The tools of one agent."""

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What the model is told of the tools."""
        ...

    async def call_all(self, requests: Sequence[ToolRequest]) -> list[ToolMessage]:
        """Run the calls of one turn side by side; each is answered, failed or not, in its order."""
        ...


class TurnLog(Protocol):
    """Whoever wants to know of a model's answers."""

    def add_text(self, piece: str) -> None:
        """The model's text grows."""
        ...

    def end_turn(self, turn: Turn) -> None:
        """The model has answered."""
        ...


async def run_turns(
    model: Model,
    prompt: Prompt,
    toolbox: Toolbox,
    *,
    max_turns: int,
    log: TurnLog,
) -> str:
    """Run an agent to its end and answer its last text.

    Raises:
        ModelError: the model's service failed.
        TurnLimitError: the model asked for tools in each of its turns.
    """
    messages: list[Message] = list(prompt.messages)
    for _ in range(max_turns):
        turn = await model.answer(
            Prompt(prompt.model, prompt.system, tuple(messages), toolbox.specs), log.add_text
        )
        turn = _fit(turn, len(messages))
        log.end_turn(turn)
        if not turn.calls:
            return turn.text
        messages.append(AssistantMessage(turn.text, turn.calls))
        messages.extend(await toolbox.call_all(turn.calls))
    message = (
        f"the model asked for tools in each of its {max_turns} turns and came to no end;"
        " set STIGMER_AGENT_MAX_TURNS higher if the work really needs more"
    )
    raise TurnLimitError(message)


def _fit(turn: Turn, position: int) -> Turn:
    """Give an id to each call that has none, since Ollama sends none, and keep the text valid."""
    calls = tuple(
        call
        if call.id
        else ToolRequest(f"call-{position}-{index}", call.name, call.arguments, call.mistake)
        for index, call in enumerate(turn.calls, start=1)
    )
    return Turn(valid(turn.text), calls, turn.usage, turn.stop_reason)
