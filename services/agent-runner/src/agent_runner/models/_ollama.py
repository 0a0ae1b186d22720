"""Ollama, by its official client: `POST /api/chat`, streamed."""

import json
from collections.abc import Callable
from typing import Any

import httpx
from ollama import AsyncClient, ChatResponse, ResponseError
from pydantic import JsonValue

from agent_runner._conversation import (
    AssistantMessage,
    JsonObject,
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
from agent_runner.models._transport import CONNECT_SECONDS, arguments_of, reason, tls_context

_PROVIDER = "ollama"
# What the client knows of a parameter's schema; the rest would be lost on the way.
_KNOWN_SCHEMA_KEYS = {"type", "items", "description", "enum", "title", "default"}


class OllamaModel:
    """A model of an Ollama service. Failed requests are not repeated: the error is seen at once."""

    def __init__(self, settings: Settings) -> None:
        """Make the client; nothing is sent."""
        self._url = settings.ollama_base_url
        options = {"temperature": settings.llm_temperature, "num_predict": settings.llm_max_tokens}
        self._options = {
            name: value for name, value in options.items() if value is not None
        } or None
        # Ours, because older clients cannot be closed.
        self._transport = httpx.AsyncHTTPTransport(verify=tls_context(self._url))
        self._client = AsyncClient(
            host=self._url,
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            transport=self._transport,
        )

    async def answer(self, prompt: Prompt, on_text: Callable[[str], None]) -> Turn:
        """See Model."""
        try:
            return await self._answer(prompt, on_text)
        except ResponseError as error:
            status = error.status_code if error.status_code > 0 else None
            raise ModelError(_PROVIDER, error.error, status) from error
        except (httpx.HTTPError, httpx.StreamError, ConnectionError) as error:
            detail = f"no answer from {self._url}: {reason(error)}"
            raise ModelError(_PROVIDER, detail) from error
        except ValueError as error:  # no JSON, or JSON of another shape
            raise ModelError(_PROVIDER, f"nonsense from {self._url}: {error}") from error

    async def _answer(self, prompt: Prompt, on_text: Callable[[str], None]) -> Turn:
        # The client's type for tools as functions is incomplete; ours are data.
        stream = await self._client.chat(  # pyright: ignore[reportUnknownMemberType]
            model=prompt.model,
            messages=[
                {"role": "system", "content": prompt.system},
                *map(_message, prompt.messages),
            ],
            tools=[_tool(tool) for tool in prompt.tools] or None,
            stream=True,
            options=self._options,
        )
        text = ""
        calls: list[ToolRequest] = []
        last: ChatResponse | None = None
        async for part in stream:
            last = part
            if piece := part.message.content:
                text += piece
                on_text(piece)
            calls += [
                ToolRequest(
                    "", call.function.name, *arguments_of(json.dumps(call.function.arguments))
                )
                for call in part.message.tool_calls or ()
            ]
        if last is None or not last.done:
            raise ModelError(_PROVIDER, f"the answer of {self._url} ended before it was complete")
        usage = Usage(last.prompt_eval_count or 0, last.eval_count or 0)
        return Turn(text, tuple(calls), usage, last.done_reason or "")

    async def close(self) -> None:
        """See Model."""
        await self._transport.aclose()


def _message(message: Message) -> dict[str, Any]:
    match message:
        case UserMessage(text):
            return {"role": "user", "content": text}
        case AssistantMessage(text, calls):
            asked = [
                {"function": {"name": call.name, "arguments": call.arguments}} for call in calls
            ]
            return {"role": "assistant", "content": text} | ({"tool_calls": asked} if asked else {})
        case ToolMessage(call, text):
            return {"role": "tool", "content": text, "tool_name": call.name}


def _tool(tool: ToolSpec) -> dict[str, Any]:
    properties = tool.parameters.get("properties")
    parameters = dict(tool.parameters)
    if isinstance(properties, dict):
        parameters["properties"] = {name: _property(schema) for name, schema in properties.items()}
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": parameters},
    }


def _property(schema: JsonValue) -> JsonObject:
    """Keep what the client would drop of a schema by writing it into the description."""
    if not isinstance(schema, dict):
        return {}
    if not set(schema) - _KNOWN_SCHEMA_KEYS:
        return schema
    description = f"{schema.get('description', '')}\nJSON schema: {json.dumps(schema)}".strip()
    known = {key: value for key, value in schema.items() if key in _KNOWN_SCHEMA_KEYS}
    return known | {"description": description}
