"""Answers in Anthropic's wire format."""

import json
from typing import Any

from support.http_server import Reply, Step


def anthropic_event(data: dict[str, Any]) -> bytes:
    """One event."""
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode()


def anthropic_steps(
    *pieces: Step | str, calls: list[tuple[str, dict[str, Any]]] | None = None
) -> list[Step]:
    """Pieces of text, then calls whose arguments come in two halves, without the end."""
    message: dict[str, Any] = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": "m",
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 7, "output_tokens": 1},
    }
    steps: list[Step] = [anthropic_event({"type": "message_start", "message": message})]
    steps.append(_start(0, {"type": "text", "text": ""}))
    steps += [
        _delta(0, {"type": "text_delta", "text": one}) if isinstance(one, str) else one
        for one in pieces
    ]
    steps.append(anthropic_event({"type": "content_block_stop", "index": 0}))
    for index, (name, arguments) in enumerate(calls or (), start=1):
        text = json.dumps(arguments)
        block: dict[str, Any] = {
            "type": "tool_use",
            "id": f"toolu_{index}",
            "name": name,
            "input": {},
        }
        steps += [
            _start(index, block),
            _delta(index, {"type": "input_json_delta", "partial_json": text[:3]}),
            _delta(index, {"type": "input_json_delta", "partial_json": text[3:]}),
            anthropic_event({"type": "content_block_stop", "index": index}),
        ]
    return steps


def anthropic_reply(
    *pieces: Step | str, calls: list[tuple[str, dict[str, Any]]] | None = None
) -> Reply:
    """A whole answer."""
    delta = {"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None}
    end = {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 3}}
    steps = anthropic_steps(*pieces, calls=calls)
    steps += [anthropic_event(end), anthropic_event({"type": "message_stop"})]
    return Reply(steps, content_type="text/event-stream")


def _start(index: int, block: dict[str, Any]) -> bytes:
    return anthropic_event({"type": "content_block_start", "index": index, "content_block": block})


def _delta(index: int, delta: dict[str, Any]) -> bytes:
    return anthropic_event({"type": "content_block_delta", "index": index, "delta": delta})
