"""A small HTTP server whose answers are scripted byte by byte, for the providers' real clients."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

CUT = object()
"""A step: end the connection in the middle of the answer."""

Step = bytes | asyncio.Event | object


@dataclass
class Reply:
    """One scripted answer; an event among the steps is waited for before the next one is sent."""

    steps: Sequence[Step]
    status: int = 200
    content_type: str = "application/json"


@dataclass
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class ScriptedServer:
    """Answers requests in their order with the scripted replies, and one too many with 500."""

    url: str = ""
    replies: deque[Reply] = field(default_factory=deque[Reply])
    requests: list[Request] = field(default_factory=list[Request])
    choose: Callable[[Request], Reply] | None = None
    connections_lost: asyncio.Event = field(default_factory=asyncio.Event)

    def reply(self, *replies: Reply) -> None:
        """Add answers to the script."""
        self.replies.extend(replies)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            while request := await _read(reader):
                self.requests.append(request)
                await self._answer(request, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.connections_lost.set()
        finally:
            writer.close()

    async def _answer(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self.choose is not None:
            reply = self.choose(request)
        elif self.replies:
            reply = self.replies.popleft()
        else:
            reply = Reply([b'{"error": "nothing more is scripted"}'], status=500)
        writer.write(
            f"HTTP/1.1 {reply.status} Scripted\r\nContent-Type: {reply.content_type}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        for step in reply.steps:
            if step is CUT:
                writer.transport.abort()
                return
            if isinstance(step, asyncio.Event):
                await self._wait(step, reader)
            elif isinstance(step, bytes):
                writer.write(b"%x\r\n%s\r\n" % (len(step), step))
                await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    async def _wait(self, event: asyncio.Event, reader: asyncio.StreamReader) -> None:
        """Wait for the event, or notice that the client has gone."""
        going_on = asyncio.create_task(event.wait())
        gone = asyncio.create_task(reader.read(1))
        await asyncio.wait([going_on, gone], return_when=asyncio.FIRST_COMPLETED)
        lost = gone.done()
        going_on.cancel()
        gone.cancel()
        await asyncio.wait([going_on, gone])
        if lost:
            raise ConnectionResetError


async def _read(reader: asyncio.StreamReader) -> Request | None:
    head = await reader.readline()
    if not head:
        return None
    method, path, _ = head.decode().split()
    headers: dict[str, str] = {}
    while (line := (await reader.readline()).decode().strip()) != "":
        name, value = line.split(":", 1)
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, json.loads(body) if body else {})


@asynccontextmanager
async def scripted_server() -> AsyncGenerator[ScriptedServer]:
    """Run a scripted server on a free port."""
    scripted = ScriptedServer()
    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            await scripted.handle(reader, writer)
        finally:
            connections.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield scripted
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
