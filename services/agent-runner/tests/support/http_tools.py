"""A real tool server over HTTP, as a program."""

import asyncio
import contextlib
import json
import socket
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

PROGRAM = Path(__file__).with_name("tool_server.py")


class HttpToolServer:
    """A tool server over HTTP, and the requests that came."""

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self._requests = folder / "requests"

    def requests(self) -> list[dict[str, str]]:
        """Answer token and query of each request."""
        lines = self._requests.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncGenerator[None]:
        """Serve on a free port, which listens from the start."""
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-P", str(PROGRAM), "--http", str(listening.fileno()), str(self._requests)),
                pass_fds=[listening.fileno()],
                stderr=asyncio.subprocess.DEVNULL,
            )
        try:
            yield
        finally:
            process.kill()
            await process.wait()
