"""The part of the platform's server that an execution uses, with its resources in memory.

Tests of the whole use the real server; this one is for what that cannot be asked to do, like
refusing or going away.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import Message

from ai.stigmer.agentic.agent.v1.agent_pb2 import Agent, AgentId, AgentSpec
from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import (
    AgentExecution,
    AgentExecutionId,
    AgentExecutionList,
    AgentExecutionSpec,
    AgentExecutionUpdateStatusInput,
    ListAgentExecutionsBySessionRequest,
)
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import AgentExecutionStatus
from ai.stigmer.agentic.agentinstance.v1.agent_instance_pb2 import (
    AgentInstance,
    AgentInstanceId,
    AgentInstanceSpec,
)
from ai.stigmer.agentic.environment.v1.environment_pb2 import Environment
from ai.stigmer.agentic.executioncontext.v1.execution_context_pb2 import ExecutionValue
from ai.stigmer.agentic.session.v1.session_pb2 import Session, SessionId, SessionSpec
from ai.stigmer.agentic.skill.v1.skill_pb2 import GetArtifactRequest, GetArtifactResponse, Skill
from ai.stigmer.commons.apiresource.metadata_pb2 import ApiResourceMetadata
from ai.stigmer.commons.apiresource.reference_pb2 import ApiResourceReference

Refusal = tuple[grpc.StatusCode, str]


@dataclass
class PlatformServer:
    """Resources by id or slug, and every status that was reported."""

    endpoint: str = ""
    agents: dict[str, Agent] = field(default_factory=dict[str, Agent])
    instances: dict[str, AgentInstance] = field(default_factory=dict[str, AgentInstance])
    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    environments: dict[str, Environment] = field(default_factory=dict[str, Environment])
    skills: dict[str, Skill] = field(default_factory=dict[str, Skill])
    artifacts: dict[str, bytes] = field(default_factory=dict[str, bytes])
    values: dict[str, ExecutionValue] = field(default_factory=dict[str, ExecutionValue])
    executions: list[AgentExecution] = field(default_factory=list[AgentExecution])
    updates: list[AgentExecutionStatus] = field(default_factory=list[AgentExecutionStatus])
    updated: asyncio.Condition = field(default_factory=asyncio.Condition)
    metadata: dict[str, str] = field(default_factory=dict[str, str])
    refuse_updates: Refusal | None = None
    _server: grpc.aio.Server | None = None

    def add_agent(self, spec: AgentSpec) -> AgentExecution:
        """Add an agent with instance and session, and make an execution of it."""
        spec.instructions = spec.instructions or "You answer questions."
        self.agents["agt-1"] = Agent(
            metadata=ApiResourceMetadata(name="helper", id="agt-1"), spec=spec
        )
        self.instances["ain-1"] = AgentInstance(spec=AgentInstanceSpec(agent_id="agt-1"))
        self.sessions["ses-1"] = Session(spec=SessionSpec(agent_instance_id="ain-1"))
        return AgentExecution(
            metadata=ApiResourceMetadata(name="run", id="aex-2", org="local"),
            spec=AgentExecutionSpec(session_id="ses-1", agent_id="agt-1", message="hello"),
        )

    async def wait_for_update(
        self, wanted: Callable[[AgentExecutionStatus], bool]
    ) -> AgentExecutionStatus:
        """Wait until a status was reported that is wanted."""

        def found() -> AgentExecutionStatus | None:
            return next((update for update in self.updates if wanted(update)), None)

        async with asyncio.timeout(10), self.updated:
            await self.updated.wait_for(lambda: found() is not None)
        status = found()
        assert status is not None
        return status

    async def update_status(
        self, request: AgentExecutionUpdateStatusInput, context: Any
    ) -> AgentExecution:
        self.metadata = dict(context.invocation_metadata())
        if self.refuse_updates is not None:
            await context.abort(*self.refuse_updates)
        async with self.updated:
            self.updates.append(request.status)
            self.updated.notify_all()
        return AgentExecution(status=request.status)

    async def get_execution(self, request: AgentExecutionId, _context: Any) -> AgentExecution:
        return AgentExecution(
            metadata=ApiResourceMetadata(id=request.value),
            spec=AgentExecutionSpec(runtime_env=self.values),
        )

    async def list_by_session(
        self, request: ListAgentExecutionsBySessionRequest, _context: Any
    ) -> AgentExecutionList:
        entries = [one for one in self.executions if one.spec.session_id == request.session_id]
        return AgentExecutionList(
            total_pages=1, entries=sorted(entries, key=lambda one: one.metadata.id, reverse=True)
        )

    async def get_artifact(self, request: GetArtifactRequest, context: Any) -> GetArtifactResponse:
        if request.artifact_storage_key not in self.artifacts:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such artifact")
        return GetArtifactResponse(artifact=self.artifacts[request.artifact_storage_key])

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        """The methods, by service."""
        methods: dict[str, tuple[Callable[[Any, Any], Awaitable[Message]], type[Message]]] = {
            "agent.v1.AgentQueryController/get": (_by_id("Agent", self.agents), AgentId),
            "agentinstance.v1.AgentInstanceQueryController/get": (
                _by_id("AgentInstance", self.instances),
                AgentInstanceId,
            ),
            "session.v1.SessionQueryController/get": (_by_id("Session", self.sessions), SessionId),
            "environment.v1.EnvironmentQueryController/getByReference": (
                _by_slug("Environment", self.environments),
                ApiResourceReference,
            ),
            "skill.v1.SkillQueryController/getByReference": (
                _by_slug("Skill", self.skills),
                ApiResourceReference,
            ),
            "skill.v1.SkillQueryController/getArtifact": (self.get_artifact, GetArtifactRequest),
            "agentexecution.v1.AgentExecutionQueryController/get": (
                self.get_execution,
                AgentExecutionId,
            ),
            "agentexecution.v1.AgentExecutionQueryController/listBySession": (
                self.list_by_session,
                ListAgentExecutionsBySessionRequest,
            ),
            "agentexecution.v1.AgentExecutionCommandController/updateStatus": (
                self.update_status,
                AgentExecutionUpdateStatusInput,
            ),
        }
        return [
            grpc.method_handlers_generic_handler(
                f"ai.stigmer.agentic.{path.split('/')[0]}",
                {
                    path.split("/")[1]: grpc.unary_unary_rpc_method_handler(
                        function,
                        request_deserializer=request.FromString,
                        response_serializer=lambda answer: answer.SerializeToString(),
                    )
                },
            )
            for path, (function, request) in methods.items()
        ]

    async def start(self) -> None:
        """Serve, on the same port as before if there was one."""
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        self._server.add_generic_rpc_handlers(self.handlers())
        port = self._server.add_insecure_port(self.endpoint or "127.0.0.1:0")
        self.endpoint = f"127.0.0.1:{port}"
        await self._server.start()

    async def stop(self) -> None:
        """Go away at once."""
        if self._server is not None:
            await self._server.stop(grace=0)
            self._server = None


def _by_id(kind: str, resources: dict[str, Any]) -> Callable[[Any, Any], Awaitable[Message]]:
    async def get(request: Any, context: Any) -> Message:
        if request.value not in resources:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"{kind} not found: {request.value}")
        return resources[request.value]

    return get


def _by_slug(kind: str, resources: dict[str, Any]) -> Callable[[Any, Any], Awaitable[Message]]:
    async def get(request: Any, context: Any) -> Message:
        if request.slug not in resources:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"{kind} not found: {request.slug}")
        return resources[request.slug]

    return get
