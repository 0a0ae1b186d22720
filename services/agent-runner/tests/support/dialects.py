"""The three providers' wire formats behind one set of words, so that one test asks all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from support.anthropic_format import anthropic_event, anthropic_reply, anthropic_steps
from support.http_server import Reply, Request, ScriptedServer, Step
from support.ollama_format import ollama_reply, ollama_steps
from support.openai_format import openai_reply, openai_steps


@dataclass(frozen=True)
class Dialect:
    """One provider's format."""

    provider: str
    path: str
    base_variable: str
    base_path: str
    reply: Callable[..., Reply]
    steps: Callable[..., list[Step]]
    stream_type: str
    refusal: bytes
    broken_off: bytes
    tools: Callable[[Request], list[dict[str, Any]]]

    def variables(self, server: ScriptedServer) -> dict[str, str]:
        """The settings that lead to the server."""
        return {
            "STIGMER_LLM_PROVIDER": self.provider,
            "STIGMER_LLM_API_KEY": "key-of-the-model",
            self.base_variable: server.url + self.base_path,
        }


def _functions(request: Request) -> list[dict[str, Any]]:
    return [tool["function"] for tool in request.body["tools"]]


def _input_schemas(request: Request) -> list[dict[str, Any]]:
    return [{**tool, "parameters": tool["input_schema"]} for tool in request.body["tools"]]


DIALECTS = (
    Dialect(
        provider="ollama",
        path="/api/chat",
        base_variable="OLLAMA_BASE_URL",
        base_path="",
        reply=ollama_reply,
        steps=ollama_steps,
        stream_type="application/x-ndjson",
        refusal=b'{"error": "out of memory"}',
        broken_off=b'{"error": "lost the thread"}\n',
        tools=_functions,
    ),
    Dialect(
        provider="openai",
        path="/v1/chat/completions",
        base_variable="OPENAI_BASE_URL",
        base_path="/v1",
        reply=openai_reply,
        steps=openai_steps,
        stream_type="text/event-stream",
        refusal=b'{"error": {"message": "out of memory", "type": "server_error"}}',
        broken_off=b'data: {"error": {"message": "lost the thread"}}\n\n',
        tools=_functions,
    ),
    Dialect(
        provider="anthropic",
        path="/v1/messages",
        base_variable="ANTHROPIC_BASE_URL",
        base_path="",
        reply=anthropic_reply,
        steps=anthropic_steps,
        stream_type="text/event-stream",
        refusal=b'{"type": "error", "error": {"type": "api_error", "message": "out of memory"}}',
        broken_off=anthropic_event(
            {"type": "error", "error": {"type": "api_error", "message": "lost the thread"}}
        ),
        tools=_input_schemas,
    ),
)
