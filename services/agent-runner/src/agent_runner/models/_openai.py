"""OpenAI and what speaks like it, by the official client: `POST /chat/completions`, streamed."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AsyncOpenAI,
    DefaultAsyncHttpxClient,
    OpenAIError,
    Timeout,
)
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall

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

_PROVIDER = "openai"


class OpenAIModel:
    """A model of a service with OpenAI's interface. Failed requests are not repeated."""

    def __init__(self, settings: Settings) -> None:
        """Make the client; nothing is sent."""
        key = settings.model_api_key
        self._client = AsyncOpenAI(
            api_key=key.get_secret_value() if key else None,
            base_url=settings.openai_base_url,
            max_retries=0,
            timeout=Timeout(None, connect=CONNECT_SECONDS),
            http_client=DefaultAsyncHttpxClient(verify=tls_context(settings.openai_base_url)),
        )
        wishes = {
            "temperature": settings.llm_temperature,
            "max_completion_tokens": settings.llm_max_tokens,
        }
        self._wishes = {name: wish for name, wish in wishes.items() if wish is not None}

    async def answer(self, prompt: Prompt, on_text: Callable[[str], None]) -> Turn:
        """See Model."""
        try:
            return await self._answer(prompt, on_text)
        except APIStatusError as error:
            raise ModelError(_PROVIDER, _detail(error), error.status_code) from error
        except (APIConnectionError, *http_errors()) as error:
            detail = f"no answer from {self._client.base_url}: {reason(error)}"
            raise ModelError(_PROVIDER, detail) from error
        except APIError as error:  # an error in the middle of the answer
            raise ModelError(_PROVIDER, _detail(error)) from error
        except (OpenAIError, ValueError) as error:
            detail = f"nonsense from {self._client.base_url}: {error}"
            raise ModelError(_PROVIDER, detail) from error

    async def _answer(self, prompt: Prompt, on_text: Callable[[str], None]) -> Turn:
        request: dict[str, Any] = {
            "model": prompt.model,
            "messages": [{"role": "system", "content": prompt.system}, *_messages(prompt.messages)],
            "stream_options": {"include_usage": True},
            **self._wishes,
        }
        if prompt.tools:
            request["tools"] = [_tool(tool) for tool in prompt.tools]
        collected = _Collected()
        stream = await self._client.chat.completions.create(stream=True, **request)
        async with stream:
            async for chunk in stream:
                if piece := collected.take(chunk):
                    on_text(piece)
        if not collected.stop_reason:
            detail = f"the answer of {self._client.base_url} ended before it was complete"
            raise ModelError(_PROVIDER, detail)
        return collected.turn()

    async def close(self) -> None:
        """See Model."""
        await self._client.close()


@dataclass
class _Call:
    id: str = ""
    name: str = ""
    arguments: str = ""


class _Collected:
    """An answer while it comes in pieces."""

    def __init__(self) -> None:
        self.stop_reason = ""
        self._text = ""
        self._calls: dict[int, _Call] = {}
        self._usage = Usage()

    def take(self, chunk: ChatCompletionChunk) -> str:
        """Add a piece and answer its text."""
        if chunk.usage is not None:
            self._usage = Usage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
        piece = ""
        for choice in chunk.choices:
            piece += (choice.delta.content or "") + (choice.delta.refusal or "")
            self._add_calls(choice.delta.tool_calls or ())
            self.stop_reason = choice.finish_reason or self.stop_reason
        self._text += piece
        return piece

    def _add_calls(self, pieces: Iterable[ChoiceDeltaToolCall]) -> None:
        for piece in pieces:
            call = self._calls.setdefault(piece.index, _Call())
            call.id = piece.id or call.id
            if piece.function is not None:
                call.name += piece.function.name or ""
                call.arguments += piece.function.arguments or ""

    def turn(self) -> Turn:
        """Answer the whole."""
        calls = tuple(
            ToolRequest(call.id, call.name, *arguments_of(call.arguments))
            for _, call in sorted(self._calls.items())
        )
        return Turn(self._text, calls, self._usage, self.stop_reason)


def _messages(messages: Iterable[Message]) -> list[dict[str, Any]]:
    return [_message(message) for message in messages]


def _message(message: Message) -> dict[str, Any]:
    match message:
        case UserMessage(text):
            return {"role": "user", "content": text}
        case AssistantMessage(text, ()):
            return {"role": "assistant", "content": text}
        case AssistantMessage(text, calls):
            return {
                "role": "assistant",
                "content": text,
                "tool_calls": [_call(one) for one in calls],
            }
        case ToolMessage(call, text):
            return {"role": "tool", "tool_call_id": call.id, "content": text}


def _call(request: ToolRequest) -> dict[str, Any]:
    function = {"name": request.name, "arguments": json.dumps(request.arguments)}
    return {"id": request.id, "type": "function", "function": function}


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
    }
    return {"type": "function", "function": function}


def _detail(error: APIError) -> str:
    """Take the service's own words, without the client's frame around them."""
    match error.body:
        case {"message": str(message)} | {"error": {"message": str(message)}}:
            return message
        case {"error": str(message)}:
            return message
        case _:
            return error.message
