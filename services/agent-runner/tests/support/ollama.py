"""Answers in Ollama's wire format."""

import asyncio
import json
from typing import Any

from support.http_server import Reply


def ollama_part(
    text: str = "", *, calls: list[tuple[str, dict[str, Any]]] | None = None, done: bool = False
) -> bytes:
    """One line of a streamed answer."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [
            {"function": {"name": name, "arguments": arguments}} for name, arguments in calls
        ]
    part: dict[str, Any] = {
        "model": "m",
        "created_at": "2026-01-01T00:00:00Z",
        "message": message,
        "done": done,
    }
    if done:
        part |= {"done_reason": "stop", "prompt_eval_count": 7, "eval_count": 3}
    return json.dumps(part).encode() + b"\n"


def ollama_reply(
    *pieces: str | asyncio.Event, calls: list[tuple[str, dict[str, Any]]] | None = None
) -> Reply:
    """A whole answer: pieces of text, then the calls; an event among the pieces is waited for."""
    steps: list[bytes | asyncio.Event] = [
        piece if isinstance(piece, asyncio.Event) else ollama_part(piece) for piece in pieces
    ]
    if calls:
        steps.append(ollama_part(calls=calls))
    steps.append(ollama_part(done=True))
    return Reply(steps, content_type="application/x-ndjson")
