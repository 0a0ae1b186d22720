"""Anthropic, by the official client: `POST /v1/messages`, streamed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from anthropic import (
    AnthropicError,
    APIConnectionError,
    APIError,
    APIStatusError,
    AsyncAnthropic,
    DefaultAsyncHttpxClient,
    Timeout,
)
from anthropic.types import RawMessageStreamEvent

from agent_runner._conversation import (
    AssistantMessage,
    Message,
    Prompt,
    ToolMessage,
    ToolRequest,
    ToolSpec,
    Turn,
    Usage,
    UserMessage,
)
from agent_runner._errors import ModelError
from agent_runner._settings import Settings
from agent_runner.models._transport import (
    CONNECT_SECONDS,
    arguments_of,
    http_errors,
    reason,
    tls_context,
)

_PROVIDER = "anthropic"
# The interface demands a limit; this is room for a long answer with every model of the provider.
_MAX_TOKENS = 8192


class AnthropicModel:
    """A model of Anthropic's service. Failed requests are not repeated."""

    def __init__(self, settings: Settings) -> None:
        """Make the client; nothing is sent."""
        key = settings.model_api_key
        self._client = AsyncAnthropic(
            api_key=key.get_secret_value() if key else None,
            base_url=settings.anthropic_base_url,
            max_retries=0,
            timeout=Timeout(None, connect=CONNECT_SECONDS),
            http_client=DefaultAsyncHttpxClient(verify=tls_context(settings.anthropic_base_url)),
        )
        self._wishes: dict[str, Any] = {"max_tokens": settings.llm_max_tokens or _MAX_TOKENS}
        if settings.llm_temperature is not None:
            self._wishes["temperature"] = settings.llm_temperature

    async def answer(self, prompt: Prompt, on_text: Callable[[str], None]) -> Turn:
        """See Model."""
        try:
            return await self._answer(prompt, on_text)
        except APIStatusError as error:
            # An error in the middle of the answer comes with the status of its beginning, 200.
            status = error.status_code if error.status_code >= HTTPStatus.BAD_REQUEST else None
            raise ModelError(_PROVIDER, _detail(error), status) from error
        except (APIConnectionError, *http_errors()) as error:
            detail = f"no answer from {self._client.base_url}: {reason(error)}"
            raise ModelError(_PROVIDER, detail) from error
        except APIError as error:
            raise ModelError(_PROVIDER, _detail(error)) from error
        except (AnthropicError, ValueError) as error:
            detail = f"nonsense from {self._client.base_url}: {error}"
            raise ModelError(_PROVIDER, detail) from error

    async def _answer(self, prompt: Prompt, on_text: Callable[[str], None]) -> Turn:
        request: dict[str, Any] = {
            "model": prompt.model,
            "system": prompt.system,
            "messages": _messages(prompt.messages),
            **self._wishes,
        }
        if prompt.tools:
            request["tools"] = [_tool(tool) for tool in prompt.tools]
        collected = _Collected()
        stream = await self._client.messages.create(stream=True, **request)
        async with stream:
            async for event in stream:
                if piece := collected.take(event):
                    on_text(piece)
        if not collected.complete:
            detail = f"the answer of {self._client.base_url} ended before it was complete"
            raise ModelError(_PROVIDER, detail)
        return collected.turn()

    async def close(self) -> None:
        """See Model."""
        await self._client.close()


@dataclass
class _Call:
    id: str
    name: str
    arguments: str = ""


class _Collected:
    """An answer while it comes in pieces."""

    def __init__(self) -> None:
        self.complete = False
        self._stop_reason = ""
        self._text = ""
        self._calls: dict[int, _Call] = {}
        self._input_tokens = 0
        self._output_tokens = 0

    def take(self, event: RawMessageStreamEvent) -> str:
        """Add an event and answer the text it brings."""
        piece = ""
        match event.type:
            case "message_start":
                self._input_tokens = event.message.usage.input_tokens
            case "content_block_start" if event.content_block.type == "tool_use":
                block = event.content_block
                self._calls[event.index] = _Call(block.id, block.name)
            case "content_block_start" if event.content_block.type == "text":
                piece = event.content_block.text
            case "content_block_delta" if event.delta.type == "text_delta":
                piece = event.delta.text
            case "content_block_delta" if event.delta.type == "input_json_delta":
                self._calls[event.index].arguments += event.delta.partial_json
            case "message_delta":
                self._stop_reason = event.delta.stop_reason or self._stop_reason
                self._output_tokens = event.usage.output_tokens
            case "message_stop":
                self.complete = True
            case _:  # thinking, pings and what is yet to be invented
                pass
        self._text += piece
        return piece

    def turn(self) -> Turn:
        """Answer the whole."""
        calls = tuple(
            ToolRequest(call.id, call.name, *arguments_of(call.arguments))
            for _, call in sorted(self._calls.items())
        )
        usage = Usage(self._input_tokens, self._output_tokens)
        return Turn(self._text, calls, usage, self._stop_reason)


def _messages(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The conversation as this interface wants it: no empty message, tools' answers together."""
    said: list[dict[str, Any]] = []
    for message in messages:
        role, blocks = _blocks(message)
        if not blocks:
            continue
        if said and said[-1]["role"] == role:
            said[-1]["content"] += blocks
        else:
            said.append({"role": role, "content": blocks})
    return said


def _blocks(message: Message) -> tuple[str, list[dict[str, Any]]]:
    match message:
        case UserMessage(text):
            return "user", _text(text)
        case AssistantMessage(text, calls):
            return "assistant", _text(text) + [
                {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments}
                for call in calls
            ]
        case ToolMessage(call, text, failed):
            answer = {"type": "tool_result", "tool_use_id": call.id, "is_error": failed}
            return "user", [answer | {"content": text}]


def _text(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": text}] if text else []


def _tool(tool: ToolSpec) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "input_schema": tool.parameters,
    }


def _detail(error: APIError) -> str:
    """Take the service's own words, without the client's frame around them."""
    match error.body:
        case {"error": {"message": str(message)}} | {"message": str(message)}:
            return message
        case _:
            return error.message
