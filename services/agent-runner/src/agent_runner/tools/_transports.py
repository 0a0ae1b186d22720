"""How tool servers are reached: as programs over their standard streams, or over HTTP."""

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from agent_runner._environment import Variables
from agent_runner._errors import ConfigurationError
from agent_runner._logs import logger
from agent_runner._text import Redactor, shortened, valid
from agent_runner.tools._connection import Connection
from agent_runner.tools._sandbox import Sandbox
from ai.stigmer.agentic.agent.v1.mcp_server_pb2 import HttpServer, McpServerDefinition, StdioServer

# A tool may do real work; a call that takes longer than this is taken for lost.
_CALL_SECONDS = 60.0
_LAST_LINES = 3
# What an ended program wrote is in the pipe already. Something that it started may keep the pipe
# open for ever, so its end is not waited for any longer.
_LAST_LINES_SECONDS = 0.2
_LINE_CHARACTERS = 2000


def connection(
    definition: McpServerDefinition,
    variables: Variables,
    sandbox: Sandbox,
    redactor: Redactor,
    inherited: Mapping[str, str],
) -> Connection:
    """Prepare the connection to a tool server.

    Raises:
        ConfigurationError: there is no such kind of server here, or a placeholder has no value.
    """
    where = f"the tool server {definition.name}"
    match definition.WhichOneof("server_type"):
        case "stdio":
            program = _Program(definition.name, redactor)
            parameters = _parameters(definition.stdio, variables, sandbox, where, inherited)
            return Connection(
                definition.name,
                lambda: program.running(parameters, sandbox),
                call_seconds=_CALL_SECONDS,
                last_words=program.last_words,
            )
        case "http":
            address = _address(definition.http, variables, where)
            headers = _filled(definition.http.headers, variables, where)
            return Connection(
                definition.name,
                lambda: _reached(address, headers),
                call_seconds=definition.http.timeout_seconds or _CALL_SECONDS,
                last_words=_nothing,
            )
        case "docker":
            problem = "is a docker server, which this runner cannot start"
        case _:
            problem = "has no server"
    message = f"{where} {problem}; define it with stdio or http"
    raise ConfigurationError(message)


def _parameters(
    server: StdioServer,
    variables: Variables,
    sandbox: Sandbox,
    where: str,
    inherited: Mapping[str, str],
) -> StdioServerParameters:
    return StdioServerParameters(
        command=server.command,
        args=list(server.args),
        env={**inherited, **_filled(server.env_placeholders, variables, where)},
        cwd=sandbox.path / server.working_dir,
        encoding_error_handler="replace",
    )


def _address(server: HttpServer, variables: Variables, where: str) -> str:
    parts = urlsplit(server.url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        message = f"{where} has the address {server.url!r}; write it like https://host/mcp"
        raise ConfigurationError(message)
    query = urlencode(_filled(server.query_params, variables, where))
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, query)))))


def _filled(entries: Mapping[str, str], variables: Variables, where: str) -> dict[str, str]:
    return {name: variables.fill(text, where) for name, text in entries.items()}


@contextlib.asynccontextmanager
async def _reached(address: str, headers: dict[str, str]) -> AsyncGenerator[tuple[Any, Any]]:
    async with (
        create_mcp_http_client(headers=headers) as client,
        streamable_http_client(address, http_client=client) as streams,
    ):
        yield streams[0], streams[1]


class _Program:
    """A tool server that is started as a program; what it writes to standard error is logged."""

    def __init__(self, name: str, redactor: Redactor) -> None:
        self._name = name
        self._redactor = redactor
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._listening: asyncio.Task[None] | None = None

    async def last_words(self) -> str:
        """Tell the last lines of its standard error; it has ended, so they are on their way."""
        if self._listening is not None:
            await asyncio.wait({self._listening}, timeout=_LAST_LINES_SECONDS)
        return " | ".join(self._lines)

    @contextlib.asynccontextmanager
    async def running(
        self, parameters: StdioServerParameters, sandbox: Sandbox
    ) -> AsyncGenerator[tuple[Any, Any]]:
        """Run it; it is ended, by force if need be, when the context ends."""
        await asyncio.to_thread(sandbox.make)
        reading, writing = os.pipe()
        self._listening = asyncio.create_task(self._listen(reading))
        try:
            with os.fdopen(writing, "w", encoding="utf-8") as errors:
                async with stdio_client(parameters, errlog=errors) as streams:
                    errors.close()  # the program has its own now, and only its end closes it
                    yield streams[0], streams[1]
        finally:
            await asyncio.wait({self._listening}, timeout=_LAST_LINES_SECONDS)
            self._listening.cancel()
            await asyncio.wait({self._listening})

    async def _listen(self, reading: int) -> None:
        reader = asyncio.StreamReader(limit=1024 * 1024)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", buffering=0)
        )
        try:
            while line := await _line(reader):
                text = line.decode("utf-8", "replace").strip()
                if text:
                    cleaned = shortened(valid(self._redactor.clean(text)), _LINE_CHARACTERS)
                    self._lines.append(cleaned)
                    logger().info("tool server says", tool_server=self._name, text=cleaned)
        finally:
            transport.close()


async def _nothing() -> str:
    """Answer for a server that is not ours to listen to."""
    return ""


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError:  # a line without end: what has come of it is dropped by the reader
        return b"(a line that is too long)\n"
