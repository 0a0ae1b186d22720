"""Answers in Ollama's wire format."""

import json
from typing import Any

from support.http_server import Reply, Step


def ollama_steps(
    *pieces: Step | str, calls: list[tuple[str, dict[str, Any]]] | None = None
) -> list[Step]:
    """Pieces of text, then calls, without the end."""
    steps: list[Step] = [_part(one) if isinstance(one, str) else one for one in pieces]
    if calls:
        asked = [{"function": {"name": name, "arguments": given}} for name, given in calls]
        steps.append(_part("", tool_calls=asked))
    return steps


def ollama_reply(
    *pieces: Step | str, calls: list[tuple[str, dict[str, Any]]] | None = None
) -> Reply:
    """A whole answer."""
    end = {"done": True, "done_reason": "stop", "prompt_eval_count": 7, "eval_count": 3}
    steps = [*ollama_steps(*pieces, calls=calls), _line(end | {"message": _message("")})]
    return Reply(steps, content_type="application/x-ndjson")


def _part(text: str, **more: Any) -> bytes:
    return _line({"done": False, "message": _message(text) | more})


def _message(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def _line(part: dict[str, Any]) -> bytes:
    return json.dumps({"model": "m", "created_at": "2026-01-01T00:00:00Z"} | part).encode() + b"\n"
