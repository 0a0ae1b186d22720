"""A real tool server over HTTP."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator
from typing import Any

import uvicorn

from support.tool_server import make_server


class HttpToolServer:
    """A tool server over HTTP, and the requests that came."""

    def __init__(self) -> None:
        self.url = ""
        self.scopes: list[dict[str, Any]] = []

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncGenerator[None]:
        """Serve on a free port."""
        application = make_server().streamable_http_app()

        async def noting(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                self.scopes.append(scope)
            await application(scope, receive, send)

        config = uvicorn.Config(noting, log_level="error", ws="none", lifespan="on")
        web = uvicorn.Server(config)
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
            serving = asyncio.create_task(web.serve(sockets=[listening]))
            try:
                yield
            finally:
                web.should_exit = True
                web.force_exit = True
                await asyncio.wait({serving}, timeout=10)
