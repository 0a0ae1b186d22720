"""The program as Temporal and the operating system see it."""

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from support.http_server import ScriptedServer
from support.ollama_format import ollama_reply
from support.platform_server import PlatformServer
from support.program import Process, logged, program
from support.temporal import new_namespace, start_execution, temporal_server, wait_for_poller
from temporalio.client import Client, WorkflowFailureError

from ai.stigmer.agentic.agent.v1.agent_pb2 import AgentSpec
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    EXECUTION_CANCELLED,
    EXECUTION_COMPLETED,
    EXECUTION_FAILED,
)


@pytest.fixture(scope="module")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """One Temporal for the tests of this file, a namespace for each."""
    with temporal_server(tmp_path_factory.mktemp("temporal")) as address:
        yield address


@pytest.fixture
async def client(temporal: str) -> AsyncGenerator[Client]:
    """A client of a new namespace, with a worker for the workflow."""
    async with new_namespace(temporal) as client:
        yield client


@pytest.fixture
def stack(
    client: Client, server: PlatformServer, model: ScriptedServer, tmp_path: Path
) -> dict[str, str]:
    """The environment of a runner in a local stack."""
    return {
        "MODE": "local",
        "TEMPORAL_SERVICE_ADDRESS": client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": client.namespace,
        "STIGMER_BACKEND_ENDPOINT": server.endpoint,
        "OLLAMA_BASE_URL": model.url,
        "SANDBOX_ROOT_DIR": str(tmp_path / "sandboxes"),
    }


async def stopped(process: Process) -> tuple[int, str]:
    """Wait for the end and answer exit code and standard error."""
    async with asyncio.timeout(20):
        _, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, errors.decode()


async def test_a_worker_runs_executions_and_a_signal_ends_it_with_0(
    client: Client, stack: dict[str, str], server: PlatformServer, model: ScriptedServer
) -> None:
    model.reply(ollama_reply("Hello."))
    async with program(**stack) as process:
        handle = await start_execution(client, server.add_agent(AgentSpec()))
        status = await handle.result()
        process.send_signal(signal.SIGTERM)
        code, errors = await stopped(process)

    assert status.phase == EXECUTION_COMPLETED
    assert status.messages[0].content == "Hello."
    assert code == 0, errors


async def test_a_stop_in_the_middle_of_an_execution_fails_it_with_the_reason(
    client: Client, stack: dict[str, str], server: PlatformServer, model: ScriptedServer
) -> None:
    model.reply(ollama_reply("Hello ", asyncio.Event()))
    async with program(**stack) as process:
        handle = await start_execution(client, server.add_agent(AgentSpec()))
        await server.wait_for_update(lambda status: len(status.messages) > 0)
        process.send_signal(signal.SIGTERM)
        code, errors = await stopped(process)
        status = await handle.result()

    assert code == 0, errors
    assert status.phase == EXECUTION_FAILED
    assert "stopped" in status.error
    assert status.messages[0].content == "Hello "
    assert server.updates[-1] == status


async def test_a_second_signal_ends_the_program_at_once(
    client: Client, stack: dict[str, str], server: PlatformServer, model: ScriptedServer
) -> None:
    model.reply(ollama_reply("Hello ", asyncio.Event()))
    async with program(**stack, STIGMER_TIMEOUT_DRAIN="30s") as process:
        await start_execution(client, server.add_agent(AgentSpec()))
        await server.wait_for_update(lambda status: len(status.messages) > 0)
        process.send_signal(signal.SIGTERM)
        await logged(process, "worker stops")
        process.send_signal(signal.SIGTERM)
        code, _ = await stopped(process)

    assert code == 128 + signal.SIGTERM


async def test_a_cancelled_workflow_ends_the_model_s_answer_and_keeps_what_was_said(
    client: Client, stack: dict[str, str], server: PlatformServer, model: ScriptedServer
) -> None:
    model.reply(ollama_reply("Hello ", asyncio.Event()))
    async with program(**stack):
        await wait_for_poller(client)
        handle = await start_execution(client, server.add_agent(AgentSpec()))
        await server.wait_for_update(lambda status: len(status.messages) > 0)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        async with asyncio.timeout(5):
            await model.connections_lost.wait()

    assert server.updates[-1].phase == EXECUTION_CANCELLED
    assert server.updates[-1].messages[0].content == "Hello "


async def test_an_absent_temporal_is_named_with_the_cure_and_ends_the_program_with_1(
    stack: dict[str, str],
) -> None:
    async with program(**stack | {"TEMPORAL_SERVICE_ADDRESS": "127.0.0.1:1"}) as process:
        code, errors = await stopped(process)

    assert code == 1
    assert errors.startswith("agent-runner: Temporal at 127.0.0.1:1 does not answer")
    assert "TEMPORAL_SERVICE_ADDRESS" in errors
    assert len(errors.splitlines()) == 1


async def test_an_unknown_namespace_is_named_and_ends_the_program_with_1(
    stack: dict[str, str],
) -> None:
    async with program(**stack | {"TEMPORAL_NAMESPACE": "nowhere"}) as process:
        code, errors = await stopped(process)

    assert code == 1
    assert "namespace nowhere" in errors.splitlines()[-1]
    assert "TEMPORAL_NAMESPACE" in errors.splitlines()[-1]


async def test_a_signal_while_temporal_is_awaited_ends_the_program_with_0(
    stack: dict[str, str],
) -> None:
    with socket.socket() as silent:  # listens and never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        variables = {"TEMPORAL_SERVICE_ADDRESS": address, "STIGMER_TIMEOUT_TEMPORAL_DIAL": "60s"}
        async with program(**stack | variables) as process:
            connection, _ = await asyncio.get_running_loop().run_in_executor(None, silent.accept)
            process.send_signal(signal.SIGTERM)
            code, errors = await stopped(process)
            connection.close()

    assert code == 0, errors
