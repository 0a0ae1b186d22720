"""The runner as a program, with the real server and a real Temporal; only the model is scripted."""

import asyncio
import sys
import uuid
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from support.http_server import Reply, ScriptedServer
from support.ollama_format import ollama_reply
from support.program import Process, logged, program
from support.real_server import API_VERSION, RealServer, real_server
from support.temporal import connect, temporal_server, wait_for_poller
from temporalio.client import Client

from ai.stigmer.agentic.agent.v1.agent_pb2 import AgentSpec
from ai.stigmer.agentic.agent.v1.mcp_server_pb2 import McpServerDefinition, StdioServer
from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import AgentExecutionSpec
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    EXECUTION_CANCELLED,
    EXECUTION_COMPLETED,
    EXECUTION_FAILED,
    EXECUTION_IN_PROGRESS,
)
from ai.stigmer.agentic.agentinstance.v1.agent_instance_pb2 import AgentInstance, AgentInstanceId
from ai.stigmer.agentic.environment.v1.environment_pb2 import (
    Environment,
    EnvironmentSpec,
    EnvironmentValue,
)
from ai.stigmer.agentic.executioncontext.v1.execution_context_pb2 import ExecutionValue
from ai.stigmer.commons.apiresource.metadata_pb2 import ApiResourceMetadata
from ai.stigmer.commons.apiresource.reference_pb2 import ApiResourceReference

TOOL_SERVER = str(Path(__file__).parent / "support/tool_server.py")


@pytest.fixture(scope="module")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """A Temporal for the tests of this file."""
    with temporal_server(tmp_path_factory.mktemp("temporal")) as address:
        yield address


@pytest.fixture
async def client(temporal: str) -> Client:
    """A client of a namespace of the test's own."""
    return await connect(temporal, f"ns-{uuid.uuid4().hex[:8]}")


@pytest.fixture
async def stigmer(client: Client, tmp_path: Path) -> AsyncGenerator[RealServer]:
    """The real server."""
    address = client.service_client.config.target_host
    async with real_server(tmp_path, address, client.namespace) as server:
        yield server


@pytest.fixture
async def runner(
    client: Client, stigmer: RealServer, model: ScriptedServer, tmp_path: Path
) -> AsyncGenerator[Process]:
    """The runner, working."""
    stack = {
        "MODE": "local",
        "TEMPORAL_SERVICE_ADDRESS": client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": client.namespace,
        "STIGMER_BACKEND_ENDPOINT": stigmer.endpoint,
        "OLLAMA_BASE_URL": model.url,
        "SANDBOX_ROOT_DIR": str(tmp_path / "sandboxes"),
    }
    async with program(**stack) as process:
        await wait_for_poller(client)
        yield process


pytestmark = pytest.mark.usefixtures("runner")


async def test_a_reader_sees_the_answer_grow_and_the_end(
    stigmer: RealServer, model: ScriptedServer
) -> None:
    agent = await stigmer.apply_agent(AgentSpec())
    go_on = asyncio.Event()
    model.reply(ollama_reply("Hello ", go_on, "there."))
    execution = await stigmer.run(AgentExecutionSpec(agent_id=agent.metadata.id, message="hello"))

    seen: list[tuple[int, str]] = []
    async for status in stigmer.watch(execution):
        seen.append((status.phase, "".join(one.content for one in status.messages)))
        if seen[-1][1] == "Hello ":
            go_on.set()

    assert (EXECUTION_IN_PROGRESS, "Hello ") in seen
    assert seen[-1] == (EXECUTION_COMPLETED, "Hello there.")


async def test_the_next_execution_of_a_session_knows_the_last_one(
    stigmer: RealServer, model: ScriptedServer
) -> None:
    agent = await stigmer.apply_agent(AgentSpec())
    model.reply(ollama_reply("One."), ollama_reply("Two."))
    first = await stigmer.run(AgentExecutionSpec(agent_id=agent.metadata.id, message="first"))
    await stigmer.ended(first)

    spec = AgentExecutionSpec(session_id=first.spec.session_id, message="second")
    status = await stigmer.ended(await stigmer.run(spec))

    assert status.phase == EXECUTION_COMPLETED
    told = [one["content"].split("\n")[0] for one in model.requests[-1].body["messages"]]
    assert told == ["You answer questions.", "first", "One.", "second"]


async def test_a_model_that_fails_fails_the_execution_with_its_cause(
    stigmer: RealServer, model: ScriptedServer
) -> None:
    agent = await stigmer.apply_agent(AgentSpec())
    model.reply(Reply([b'{"error": "out of memory"}'], status=500))
    execution = await stigmer.run(AgentExecutionSpec(agent_id=agent.metadata.id, message="hello"))

    status = await stigmer.ended(execution)

    assert (status.phase, status.error) == (
        EXECUTION_FAILED,
        "ollama: out of memory (status code: 500)",
    )


async def test_a_server_killed_while_the_model_speaks_has_the_answer_when_it_is_back(
    stigmer: RealServer, runner: Process, model: ScriptedServer
) -> None:
    agent = await stigmer.apply_agent(AgentSpec())
    go_on = asyncio.Event()
    model.reply(ollama_reply("Hello ", go_on, "there."))
    execution = await stigmer.run(AgentExecutionSpec(agent_id=agent.metadata.id, message="hello"))
    async for status in stigmer.watch(execution):
        if status.messages:
            break

    await stigmer.kill()
    go_on.set()
    await logged(runner, "status waits for the server")
    await stigmer.start()
    status = await stigmer.ended(execution)

    assert status.phase == EXECUTION_COMPLETED
    assert status.messages[0].content == "Hello there."


async def test_a_cancelled_execution_keeps_what_was_said(
    stigmer: RealServer, client: Client, model: ScriptedServer
) -> None:
    agent = await stigmer.apply_agent(AgentSpec())
    model.reply(ollama_reply("Hello ", asyncio.Event()))
    execution = await stigmer.run(AgentExecutionSpec(agent_id=agent.metadata.id, message="hello"))
    async for status in stigmer.watch(execution):
        if status.messages:
            break

    workflow_id = f"stigmer/agent-execution/invoke/{execution.metadata.id}"
    await client.get_workflow_handle(workflow_id).cancel()
    status = await stigmer.ended(execution)

    assert status.phase == EXECUTION_CANCELLED
    assert status.messages[0].content == "Hello "
    await asyncio.wait_for(model.connections_lost.wait(), 10)


async def test_an_instance_s_environment_reaches_a_tool_server(
    stigmer: RealServer, model: ScriptedServer
) -> None:
    environment = Environment(
        api_version=API_VERSION,
        kind="Environment",
        metadata=ApiResourceMetadata(name="prod", org="local", owner_scope="organization"),
        spec=EnvironmentSpec(data={"TOKEN": EnvironmentValue(value="s3cr3t", is_secret=True)}),
    )
    path = "environment.v1.EnvironmentCommandController/apply"
    await stigmer.call(path, environment, Environment)
    server = StdioServer(
        command=sys.executable, args=[TOOL_SERVER], env_placeholders={"X": "is ${TOKEN}"}
    )
    definition = McpServerDefinition(name="tests", stdio=server)
    agent = await stigmer.apply_agent(AgentSpec(mcp_servers=[definition]))
    path = "agentinstance.v1.AgentInstanceQueryController/get"
    instance_id = AgentInstanceId(value=agent.status.default_instance_id)
    instance = await stigmer.call(path, instance_id, AgentInstance)
    instance.spec.environment_refs.append(
        ApiResourceReference(slug="prod", kind="environment", org="local")
    )
    path = "agentinstance.v1.AgentInstanceCommandController/update"
    await stigmer.call(path, instance, AgentInstance)
    model.reply(ollama_reply(calls=[("variable", {"name": "X"})]), ollama_reply("Done."))
    execution = await stigmer.run(AgentExecutionSpec(agent_id=agent.metadata.id, message="hello"))

    status = await stigmer.ended(execution)

    assert status.phase == EXECUTION_COMPLETED, status.error
    assert status.tool_calls[0].result == "is ***"


async def test_a_run_s_secret_reaches_a_tool_server_and_no_history(
    stigmer: RealServer, client: Client, model: ScriptedServer
) -> None:
    server = StdioServer(
        command=sys.executable, args=[TOOL_SERVER], env_placeholders={"X": "is ${TOKEN}"}
    )
    definition = McpServerDefinition(name="tests", stdio=server)
    agent = await stigmer.apply_agent(AgentSpec(mcp_servers=[definition]))
    model.reply(ollama_reply(calls=[("variable", {"name": "X"})]), ollama_reply("Done."))
    secret = ExecutionValue(value="s3cr3t", is_secret=True)
    execution = await stigmer.run(
        AgentExecutionSpec(
            agent_id=agent.metadata.id, message="hello", runtime_env={"TOKEN": secret}
        )
    )

    status = await stigmer.ended(execution)

    assert status.phase == EXECUTION_COMPLETED, status.error
    assert status.tool_calls[0].result == "is ***"
    workflow_id = f"stigmer/agent-execution/invoke/{execution.metadata.id}"
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    recorded = str(history.events)
    assert execution.metadata.id in recorded
    assert "s3cr3t" not in recorded
