"""A tool server in the Model Context Protocol over standard streams: keeps notes until it ends. Needs nothing but Python."""

import json
import sys
from typing import Any

TOOLS = [
    {
        "name": "add_note",
        "description": "Keep a note",
        "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    },
    {
        "name": "list_notes",
        "description": "List all notes",
        "inputSchema": {"type": "object", "properties": {}},
    },
]


class UnknownError(Exception):
    """A method or tool that this server does not have."""


def call_tool(name: str, arguments: dict[str, Any], notes: list[str]) -> str:
    """Run a tool and say what it did."""
    if name == "add_note":
        notes.append(str(arguments.get("text", "")))
        return f"note {len(notes)} kept"
    if name == "list_notes":
        return "\n".join(notes) or "there are no notes"
    raise UnknownError(f"there is no tool {name!r}")


def answer(method: str, parameters: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """Answer a request of the protocol."""
    match method:
        case "initialize":
            return {
                "protocolVersion": parameters.get("protocolVersion", "2025-06-18"),
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "notes", "version": "1.0.0"},
            }
        case "ping":
            return {}
        case "tools/list":
            return {"tools": TOOLS}
        case "tools/call":
            text = call_tool(parameters.get("name", ""), parameters.get("arguments") or {}, notes)
            return {"content": [{"type": "text", "text": text}]}
        case _:
            raise UnknownError(f"there is no method {method!r}")


def main() -> None:
    """Serve until the other side closes the stream."""
    notes: list[str] = []
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request:
            continue  # a notification, which wants no answer
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            reply["result"] = answer(request.get("method", ""), request.get("params") or {}, notes)
        except UnknownError as error:
            reply["error"] = {"code": -32601, "message": str(error)}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
