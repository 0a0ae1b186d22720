"""A real server of tools, by the official library: as a program, or over HTTP.

python tool_server.py [--pid FILE] [--stubborn] [--dies] [--talks]
"""

import argparse
import asyncio
import importlib
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import uvicorn


def make_server() -> Any:
    """Make the server; the library's second generation has another name for it."""
    try:
        library = importlib.import_module("mcp.server.mcpserver")
        server = library.MCPServer("tests")
    except ImportError:
        library = importlib.import_module("mcp.server.fastmcp")
        server = library.FastMCP("tests")
    failure = importlib.import_module(f"{library.__name__}.exceptions").ToolError

    @server.tool(description="Add two numbers.")
    def add(a: int, b: int) -> str:
        return str(a + b)

    @server.tool(description="Tell a variable of the environment.")
    def variable(name: str) -> str:
        return os.environ.get(name, "(not set)")

    @server.tool(description="Tell the directory.")
    def directory() -> str:
        return str(Path.cwd())

    @server.tool(description="Fail.")
    def fail() -> str:
        message = "no more coffee"
        raise failure(message)

    @server.tool(description="End the program.")
    def die() -> str:
        print("something terrible happened", file=sys.stderr, flush=True)
        os._exit(3)

    @server.tool(description="Wait.")
    async def wait(file: str) -> str:
        Path(file).touch()  # noqa: ASYNC240  # for the test to see that the call has begun
        await asyncio.sleep(60)
        return "awake"

    @server.tool(name="ls", description="Has the name of a built-in tool.")
    def list_nothing() -> str:
        return "nothing"

    return server


def serve_http(descriptor: int, requests: Path) -> None:
    """Serve over HTTP, and note the header X-Token and the query of each request."""
    application = make_server().streamable_http_app()

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            token = dict(scope["headers"]).get(b"x-token", b"").decode()
            with requests.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"token": token, "query": scope["query_string"].decode()}))
                file.write("\n")
        await application(scope, receive, send)

    listening = socket.socket(fileno=descriptor)
    web = uvicorn.Server(uvicorn.Config(noting, log_level="error", ws="none", lifespan="on"))
    asyncio.run(web.serve(sockets=[listening]))


def main() -> None:
    """Serve over the standard streams."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pid", type=Path)
    parser.add_argument("--stubborn", action="store_true", help="do not end when asked to")
    parser.add_argument("--dies", action="store_true", help="end before anything is said")
    parser.add_argument("--talks", action="store_true", help="write the secret to standard error")
    parser.add_argument("--http", nargs=2, help="listening socket, and where to note requests")
    options = parser.parse_args()
    if options.http:
        serve_http(int(options.http[0]), Path(options.http[1]))
        return
    if options.pid:
        options.pid.write_text(str(os.getpid()), encoding="utf-8")
    if options.dies:
        sys.exit("cannot find my configuration")
    if options.talks:
        print(f"my token is {os.environ['TOKEN']}", file=sys.stderr, flush=True)
    if options.stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    make_server().run()
    while options.stubborn:
        time.sleep(60)


if __name__ == "__main__":
    main()
