"""The platform's server, by gRPC: what an execution reads and where its status goes."""

import asyncio
from typing import TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from agent_runner._errors import PlatformError
from agent_runner._settings import Settings
from ai.stigmer.agentic.agent.v1.agent_pb2 import Agent, AgentId
from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import (
    AgentExecution,
    AgentExecutionId,
    AgentExecutionList,
    AgentExecutionUpdateStatusInput,
    ListAgentExecutionsBySessionRequest,
)
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import AgentExecutionStatus
from ai.stigmer.agentic.agentinstance.v1.agent_instance_pb2 import AgentInstance, AgentInstanceId
from ai.stigmer.agentic.environment.v1.environment_pb2 import Environment
from ai.stigmer.agentic.session.v1.session_pb2 import Session, SessionId
from ai.stigmer.agentic.skill.v1.skill_pb2 import GetArtifactRequest, GetArtifactResponse, Skill
from ai.stigmer.commons.apiresource.reference_pb2 import ApiResourceReference

AnswerT = TypeVar("AnswerT", bound=Message)

_PACKAGE = "ai.stigmer.agentic"
# A read or update takes milliseconds; a server that needs longer than this is as good as away.
_CALL_SECONDS = 5.0
# How long reads wait for a server that restarts; updates wait as long as the run may last.
_READ_PATIENCE_SECONDS = 10.0
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0
# The platform's own limit of a message.
_MESSAGE_BYTES = 10 * 1024 * 1024
_CHANNEL_OPTIONS = [
    ("grpc.max_receive_message_length", _MESSAGE_BYTES),
    ("grpc.max_send_message_length", _MESSAGE_BYTES),
    # A restarted server is found again within a second instead of the default two minutes.
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 1000),
]
_AWAY = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}


class ServerAwayError(PlatformError):
    """The server cannot be reached; it may come back."""


class Platform:
    """A connection to the server. It is made inside the running event loop and after any fork."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the connection; it is made with the first call."""
        self._endpoint = settings.backend_endpoint
        self._metadata = (("authorization", f"Bearer {settings.api_key.get_secret_value()}"),)
        if settings.backend_uses_tls:
            self._channel = grpc.aio.secure_channel(
                self._endpoint, grpc.ssl_channel_credentials(), options=_CHANNEL_OPTIONS
            )
        else:
            self._channel = grpc.aio.insecure_channel(self._endpoint, options=_CHANNEL_OPTIONS)

    async def close(self) -> None:
        """Close the connection."""
        await self._channel.close()

    async def session(self, session_id: str) -> Session:
        """Read a session."""
        return await self._read(
            "session.v1.SessionQueryController/get", SessionId(value=session_id), Session
        )

    async def agent_instance(self, instance_id: str) -> AgentInstance:
        """Read an agent instance."""
        path = "agentinstance.v1.AgentInstanceQueryController/get"
        return await self._read(path, AgentInstanceId(value=instance_id), AgentInstance)

    async def agent(self, agent_id: str) -> Agent:
        """Read an agent."""
        return await self._read("agent.v1.AgentQueryController/get", AgentId(value=agent_id), Agent)

    async def environment(self, reference: ApiResourceReference) -> Environment:
        """Read an environment."""
        return await self._read(
            "environment.v1.EnvironmentQueryController/getByReference", reference, Environment
        )

    async def skill(self, reference: ApiResourceReference) -> Skill:
        """Read a skill."""
        return await self._read("skill.v1.SkillQueryController/getByReference", reference, Skill)

    async def artifact(self, storage_key: str) -> bytes:
        """Read the archive of a skill."""
        request = GetArtifactRequest(artifact_storage_key=storage_key)
        path = "skill.v1.SkillQueryController/getArtifact"
        return (await self._read(path, request, GetArtifactResponse)).artifact

    async def execution(self, execution_id: str) -> AgentExecution:
        """Read an execution, with the values that Temporal is not told."""
        path = "agentexecution.v1.AgentExecutionQueryController/get"
        return await self._read(path, AgentExecutionId(value=execution_id), AgentExecution)

    async def latest_executions(self, session_id: str, count: int) -> list[AgentExecution]:
        """Read a session's latest executions, newest first."""
        request = ListAgentExecutionsBySessionRequest(session_id=session_id, page_size=count)
        path = "agentexecution.v1.AgentExecutionQueryController/listBySession"
        return list((await self._read(path, request, AgentExecutionList)).entries)

    async def update_status(self, execution_id: str, status: AgentExecutionStatus) -> None:
        """Store an execution's status.

        Raises:
            ServerAwayError: try again later.
            PlatformError: the server refused it.
        """
        request = AgentExecutionUpdateStatusInput(execution_id=execution_id, status=status)
        await self._call(
            "agentexecution.v1.AgentExecutionCommandController/updateStatus",
            request,
            AgentExecution,
        )

    async def _read(self, path: str, request: Message, answer: type[AnswerT]) -> AnswerT:
        pause = FIRST_PAUSE_SECONDS
        deadline = asyncio.get_running_loop().time() + _READ_PATIENCE_SECONDS
        while True:
            try:
                return await self._call(path, request, answer)
            except ServerAwayError:
                if asyncio.get_running_loop().time() + pause > deadline:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _call(self, path: str, request: Message, answer: type[AnswerT]) -> AnswerT:
        method = self._channel.unary_unary(
            f"/{_PACKAGE}.{path}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        try:
            return await method(request, timeout=_CALL_SECONDS, metadata=self._metadata)
        except grpc.aio.AioRpcError as error:
            if error.code() in _AWAY:
                message = f"the server at {self._endpoint} does not answer: {error.details()}"
                raise ServerAwayError(message) from error
            message = f"{path}: {error.details()} ({error.code().name})"
            raise PlatformError(message) from error
