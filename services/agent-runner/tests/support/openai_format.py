"""Answers in OpenAI's wire format."""

import json
from typing import Any

from support.http_server import Reply, Step


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def _chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _event(
        {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [choice],
        }
    )


def openai_steps(
    *pieces: Step | str, calls: list[tuple[str, dict[str, Any]]] | None = None
) -> list[Step]:
    """Pieces of text, then calls whose arguments come in two halves, without the end."""
    steps: list[Step] = [_chunk({"role": "assistant", "content": ""})]
    steps += [_chunk({"content": one}) if isinstance(one, str) else one for one in pieces]
    for index, (name, arguments) in enumerate(calls or ()):
        text = json.dumps(arguments)
        function = {"name": name, "arguments": text[:3]}
        call = {"index": index, "id": f"call_{index}", "type": "function", "function": function}
        steps.append(_chunk({"tool_calls": [call]}))
        rest = {"index": index, "function": {"arguments": text[3:]}}
        steps.append(_chunk({"tool_calls": [rest]}))
    return steps


def openai_reply(
    *pieces: Step | str, calls: list[tuple[str, dict[str, Any]]] | None = None
) -> Reply:
    """A whole answer."""
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    end: dict[str, Any] = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [],
        "usage": usage,
    }
    steps = openai_steps(*pieces, calls=calls)
    steps += [_chunk({}, "tool_calls" if calls else "stop"), _event(end), b"data: [DONE]\n\n"]
    return Reply(steps, content_type="text/event-stream")
