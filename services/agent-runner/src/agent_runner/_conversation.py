"""What is said between the runner and a language model, in no provider's format."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

JsonObject = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as the model sees it; `parameters` is a JSON schema of type object."""

    name: str
    description: str
    parameters: JsonObject


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """A tool call that the model asks for; `mistake` says why its arguments cannot be read."""

    id: str
    name: str
    arguments: JsonObject
    mistake: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that a model counted."""

    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        """Sum of both."""
        return Usage(
            self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens
        )


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What the user says."""

    text: str


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """What the model said, and the tool calls it asked for."""

    text: str
    calls: tuple[ToolRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolMessage:
    """What a tool answered to a call."""

    call: ToolRequest
    text: str
    failed: bool = False


Message = UserMessage | AssistantMessage | ToolMessage


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything a model is asked with."""

    model: str
    system: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One complete answer of a model."""

    text: str
    calls: tuple[ToolRequest, ...]
    usage: Usage
    stop_reason: str


class Model(Protocol):
    """A language model behind a provider's service."""

    async def answer(self, prompt: Prompt, on_text: Callable[[str], None]) -> Turn:
        """Ask once, hand on each piece of text as it comes, and answer the whole.

        Raises:
            ModelError: the service failed, or ended before its answer was complete.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
