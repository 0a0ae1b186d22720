"""Start by exec and start by fork: what is imported when, and what an import may not do."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import pytest
from support.dialects import DIALECTS, Dialect
from support.http_server import ScriptedServer
from support.http_tools import HttpToolServer
from support.platform_server import PlatformServer
from support.temporal import new_namespace, start_execution, temporal_server
from temporalio.client import Client

from ai.stigmer.agentic.agent.v1.agent_pb2 import AgentSpec
from ai.stigmer.agentic.agent.v1.mcp_server_pb2 import (
    HttpServer,
    McpServerDefinition,
    StdioServer,
)
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import EXECUTION_COMPLETED

TESTS = Path(__file__).parent
SOURCES = TESTS.parent / "src"


def preload_names() -> list[str]:
    """Ask the program."""
    answer = subprocess.run(
        [sys.executable, "-m", "agent_runner", "--preload"],
        env={"PYTHONPATH": str(SOURCES)},
        capture_output=True,
        check=True,
        text=True,
        timeout=30,
    )
    return answer.stdout.split()


@pytest.fixture(scope="module")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """A Temporal for the tests of this file."""
    with temporal_server(tmp_path_factory.mktemp("temporal")) as address:
        yield address


@pytest.fixture
async def client(temporal: str) -> AsyncGenerator[Client]:
    """A client of a new namespace, with a worker for the workflow."""
    async with new_namespace(temporal) as client:
        yield client


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads and sockets by /proc")
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.provider)
async def test_a_forked_worker_imports_nothing_and_what_is_preloaded_starts_nothing(
    dialect: Dialect,
    client: Client,
    server: PlatformServer,
    model: ScriptedServer,
    http: HttpToolServer,
    tmp_path: Path,
) -> None:
    program = StdioServer(command=sys.executable, args=[str(TESTS / "support/tool_server.py")])
    spec = AgentSpec(
        mcp_servers=[
            McpServerDefinition(name="program", stdio=program),
            McpServerDefinition(name="web", http=HttpServer(url=http.url)),
        ]
    )
    calls: list[tuple[str, dict[str, Any]]] = [
        ("program__add", {"a": 1, "b": 2}),
        ("web__add", {"a": 1, "b": 2}),
        ("write_file", {"file_path": "a.txt", "content": "x"}),
        ("read_file", {"file_path": "a.txt"}),
        ("grep", {"pattern": "x"}),
        ("write_todos", {"todos": [{"content": "Think."}]}),
        ("task", {"description": "Think."}),
    ]
    model.reply(dialect.reply("Let me see.", calls=calls), *([dialect.reply("Done.")] * 2))
    environment = {
        "PATH": os.environ["PATH"],
        "MODE": "local",
        "TEMPORAL_SERVICE_ADDRESS": client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": client.namespace,
        "STIGMER_BACKEND_ENDPOINT": server.endpoint,
        "SANDBOX_ROOT_DIR": str(tmp_path / "sandboxes"),
        **dialect.variables(model),
    }
    forking = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", str(TESTS / "support/fork_server.py")),
        *preload_names(),
        env={"PYTHONPATH": str(SOURCES)},
        start_new_session=True,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert forking.stdin is not None
    assert forking.stdout is not None
    try:
        async with asyncio.timeout(60):
            before = json.loads(await forking.stdout.readline())
            forking.stdin.write(json.dumps(environment).encode())
            forking.stdin.write_eof()
            child = json.loads(await forking.stdout.readline())["child"]
            handle = await start_execution(client, server.add_agent(spec))
            status = await handle.result()
            os.kill(child, signal.SIGTERM)
            after = json.loads(await forking.stdout.readline())
            await forking.communicate()
    finally:
        if forking.returncode is None:
            os.killpg(forking.pid, signal.SIGKILL)
        await forking.communicate()

    assert before == {"threads": 1, "sockets": []}
    assert status.phase == EXECUTION_COMPLETED, status.error
    assert [call.error for call in status.tool_calls] == [""] * 6
    assert after == {"imported": []}
    assert forking.returncode == 0


def test_a_plain_start_does_not_import_what_only_some_executions_need() -> None:
    script = "import sys, agent_runner._worker; print(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(SOURCES)},
        capture_output=True,
        check=True,
        text=True,
        timeout=30,
    )

    assert not {"anthropic", "mcp", "ollama", "openai"} & set(answer.stdout.split())
