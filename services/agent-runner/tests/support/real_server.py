"""The platform's real server, as a program, and a client of it."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import grpc
import grpc.aio
import pytest
from google.protobuf.message import Message

from agent_runner._record import is_terminal
from ai.stigmer.agentic.agent.v1.agent_pb2 import Agent, AgentSpec
from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import (
    AgentExecution,
    AgentExecutionId,
    AgentExecutionSpec,
)
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import AgentExecutionStatus
from ai.stigmer.commons.apiresource.metadata_pb2 import ApiResourceMetadata

AnswerT = TypeVar("AnswerT", bound=Message)
API_VERSION = "agentic.stigmer.ai/v1"


def server_program() -> str:
    """The program, or a skipped test."""
    program = os.environ.get("STIGMER_E2E_STIGMER_SERVER")
    if not program:
        pytest.skip("no server: set STIGMER_E2E_STIGMER_SERVER to the `stigmer-server` program")
    return program


class RealServer:
    """A server of its own, with its own store."""

    def __init__(self, home: Path, temporal: str, namespace: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.endpoint = f"127.0.0.1:{port}"
        self._log = home / "server.log"
        self._environment = {
            "HOME": str(home),
            "GRPC_PORT": str(port),
            "DB_PATH": str(home / "data"),
            "STORAGE_PATH": str(home / "storage"),
            "TEMPORAL_HOST_PORT": temporal,
            "TEMPORAL_NAMESPACE": namespace,
        }
        self._process: asyncio.subprocess.Process | None = None
        self._channel = grpc.aio.insecure_channel(self.endpoint)

    async def start(self) -> None:
        """Start it and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                server_program(), env=self._environment, stdout=log, stderr=log
            )
        async with asyncio.timeout(20):
            await self._channel.channel_ready()

    async def kill(self) -> None:
        """End it without a warning."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
            self._process = None

    async def close(self) -> None:
        """End it and the client."""
        await self._channel.close()
        await self.kill()

    async def call(self, path: str, request: Message, answer: type[AnswerT]) -> AnswerT:
        """Call a method."""
        method = self._channel.unary_unary(
            f"/ai.stigmer.agentic.{path}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        return await method(request, timeout=10, wait_for_ready=True)

    async def apply_agent(self, spec: AgentSpec) -> Agent:
        """Make an agent."""
        spec.instructions = spec.instructions or "You answer questions."
        metadata = ApiResourceMetadata(name="helper", org="local", owner_scope="organization")
        agent = Agent(api_version=API_VERSION, kind="Agent", metadata=metadata, spec=spec)
        return await self.call("agent.v1.AgentCommandController/apply", agent, Agent)

    async def run(self, spec: AgentExecutionSpec) -> AgentExecution:
        """Start an execution."""
        execution = AgentExecution(
            api_version=API_VERSION,
            kind="AgentExecution",
            metadata=ApiResourceMetadata(name="run", org="local"),
            spec=spec,
        )
        path = "agentexecution.v1.AgentExecutionCommandController/create"
        return await self.call(path, execution, AgentExecution)

    async def status(self, execution: AgentExecution) -> AgentExecutionStatus:
        """Read an execution's status."""
        request = AgentExecutionId(value=execution.metadata.id)
        path = "agentexecution.v1.AgentExecutionQueryController/get"
        return (await self.call(path, request, AgentExecution)).status

    async def watch(self, execution: AgentExecution) -> AsyncGenerator[AgentExecutionStatus]:
        """Read every status as it comes, to the last."""
        method = self._channel.unary_stream(
            "/ai.stigmer.agentic.agentexecution.v1.AgentExecutionQueryController/subscribe",
            request_serializer=AgentExecutionId.SerializeToString,
            response_deserializer=AgentExecution.FromString,
        )
        async with asyncio.timeout(60):
            async for one in method(AgentExecutionId(value=execution.metadata.id)):
                yield one.status

    async def ended(self, execution: AgentExecution) -> AgentExecutionStatus:
        """Wait for an execution's end."""
        async with asyncio.timeout(60):
            # Not by subscribing: the server may be restarted meanwhile.
            while not is_terminal(status := await self.status(execution)):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return status


@asynccontextmanager
async def real_server(home: Path, temporal: str, namespace: str) -> AsyncGenerator[RealServer]:
    """Run a server."""
    server = RealServer(home, temporal, namespace)
    await server.start()
    try:
        yield server
    finally:
        await server.close()
