"""A connection to one tool server, by the official client of the Model Context Protocol.

The client's contexts belong to the task that entered them, so each connection has a task of its own
that enters and leaves them, however the execution ends: a server's process never outlives it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from mcp import ClientSession
from mcp.types import Implementation, PaginatedRequestParams

from agent_runner import _build
from agent_runner._causes import in_words
from agent_runner._conversation import JsonObject, ToolSpec
from agent_runner._errors import ToolError, ToolServerError

LastWords = Callable[[], Awaitable[str]]
# A pair of streams whose types are the client's own business.
Transport = Callable[[], AbstractAsyncContextManager[tuple[Any, Any]]]

# Servers are often fetched and started by a package runner, which takes its time.
_START_SECONDS = 30.0
# The client gives a process two seconds to end by itself, two after SIGTERM and then kills it.
_STOP_SECONDS = 10.0
# After a cancelled call: the client tells the server, which is a matter of one write.
_CANCEL_SECONDS = 1.0
_PAGES = 100
# What the client's library raises when there is nobody on the other side any more.
_CLOSED = {"ClosedResourceError", "BrokenResourceError", "EndOfStream"}


class Connection:
    """A connected tool server."""

    def __init__(
        self, name: str, transport: Transport, *, call_seconds: float, last_words: LastWords
    ) -> None:
        """Prepare; nothing is started. `last_words` tells what the server wrote before its end."""
        self.name = name
        self._transport = transport
        self._call_seconds = call_seconds
        self._last_words = last_words
        self._stopping = asyncio.Event()
        self._session: asyncio.Future[ClientSession] = asyncio.Future()
        self._owner: asyncio.Task[None] | None = None

    async def start(self) -> list[ToolSpec]:
        """Start or reach the server and answer its tools.

        Raises:
            ToolServerError: it does not start, answer or speak the protocol.
        """
        self._owner = asyncio.create_task(self._own())
        try:
            async with asyncio.timeout(_START_SECONDS):
                await asyncio.wait({self._owner, self._session}, return_when="FIRST_COMPLETED")
                if self._owner.done():
                    self._owner.result()  # raises why it is not ready
                return await _tools(self._session.result())
        except TimeoutError as error:
            problem = f"does not answer within {_START_SECONDS:.0f} seconds"
            raise ToolServerError(await self._failure(problem)) from error
        except Exception as error:  # the client raises whatever its transport raised
            problem = f"cannot be used: {in_words(error)}"
            raise ToolServerError(await self._failure(problem)) from error

    async def call(self, tool: str, arguments: JsonObject) -> str:
        """Call a tool and answer its text.

        Raises:
            ToolError: the tool or its server failed.
        """
        calling = asyncio.create_task(self._session.result().call_tool(tool, arguments))
        ended = {self._owner} if self._owner else set[asyncio.Task[None]]()
        try:
            done, _ = await asyncio.wait(
                {calling, *ended}, timeout=self._call_seconds, return_when="FIRST_COMPLETED"
            )
        finally:
            if not calling.done():
                calling.cancel()
                await asyncio.wait({calling}, timeout=_CANCEL_SECONDS)
        if calling not in done:
            raise ToolError(await self._silence(tool, ended=bool(done)))
        error = calling.exception()
        if error is not None:  # the client raises whatever its transport raised
            raise ToolError(await self._failed_call(tool, error)) from error
        return _text(calling.result().model_dump(mode="json", by_alias=True))

    async def stop(self) -> None:
        """End the connection and the server's process, even while being cancelled."""
        self._stopping.set()
        if self._owner is not None:
            await _outlasting_cancellation(self._owner, _STOP_SECONDS)

    async def _own(self) -> None:
        client = Implementation(name=_build.PROGRAM, version=_build.VERSION)
        async with (
            self._transport() as (read, write),
            ClientSession(read, write, client_info=client) as session,
        ):
            await session.initialize()
            self._session.set_result(session)
            await self._stopping.wait()

    async def _silence(self, tool: str, *, ended: bool) -> str:
        if ended:
            return await self._failure("has ended")
        return f"{tool} took longer than {self._call_seconds:.0f} seconds"

    async def _failed_call(self, tool: str, error: BaseException) -> str:
        # The session reports a broken transport by these words, in an error like any other.
        if type(error).__name__ in _CLOSED or "onnection closed" in str(error):
            return await self._failure("has ended")
        return f"{tool} failed: {in_words(error)}"

    async def _failure(self, problem: str) -> str:
        words = await self._last_words()
        suffix = f"; its last words: {words}" if words else ""
        return f"the tool server {self.name} {problem}{suffix}"


async def _tools(session: ClientSession) -> list[ToolSpec]:
    found: list[ToolSpec] = []
    cursor: str | None = None
    for _ in range(_PAGES):
        page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        answer = page.model_dump(mode="json", by_alias=True)
        found += [
            ToolSpec(tool["name"], tool.get("description") or "", tool["inputSchema"])
            for tool in answer["tools"]
        ]
        cursor = answer.get("nextCursor")
        if not cursor:
            return found
    message = f"its tools fill more than {_PAGES} pages"
    raise ToolServerError(message)


async def _outlasting_cancellation(task: "asyncio.Task[None]", seconds: float) -> None:
    """Wait for the task's end, cancel it when that takes too long; our own cancellation waits."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        if loop.time() >= deadline:
            task.cancel()
            deadline += seconds
        try:
            await asyncio.wait({task}, timeout=deadline - loop.time())
        except asyncio.CancelledError as error:
            cancelled = error
    if not task.cancelled():
        task.exception()  # seen: whatever it was, the server has ended
    if cancelled is not None:
        raise cancelled


def _text(result: dict[str, Any]) -> str:
    """Answer the text of a tool's answer.

    Raises:
        ToolError: the tool says that it failed.
    """
    parts = [_block(block) for block in result.get("content") or ()]
    if not parts and result.get("structuredContent") is not None:
        parts = [json.dumps(result["structuredContent"], ensure_ascii=False)]
    text = "\n".join(parts)
    if result.get("isError"):
        raise ToolError(text or "the tool failed and says nothing")
    return text or "(no answer)"


def _block(block: dict[str, Any]) -> str:
    match block:
        case {"type": "text", "text": str(text)}:
            return text
        case {"type": "resource", "resource": {"text": str(text)}}:
            return text
        case {"type": "resource_link", "uri": uri}:
            return str(uri)
        case {"type": kind, "mimeType": mime}:
            return f"({kind} of type {mime}, which cannot be shown as text)"
        case _:
            return f"({block.get('type', 'something')} which cannot be shown as text)"
