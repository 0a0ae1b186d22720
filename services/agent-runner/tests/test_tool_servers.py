"""Tool servers: real ones, by the official library, as programs and over HTTP."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from support.http_server import ScriptedServer
from support.http_tools import HttpToolServer
from support.ollama_format import ollama_reply
from support.platform_server import PlatformServer
from support.settings import MakeSettings
from temporalio.testing import ActivityEnvironment

from agent_runner._activities import Activities
from ai.stigmer.agentic.agent.v1.agent_pb2 import AgentSpec
from ai.stigmer.agentic.agent.v1.mcp_server_pb2 import (
    DockerServer,
    HttpServer,
    McpServerDefinition,
    StdioServer,
)
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    EXECUTION_COMPLETED,
    EXECUTION_FAILED,
    TOOL_CALL_COMPLETED,
    TOOL_CALL_FAILED,
)
from ai.stigmer.agentic.environment.v1.environment_pb2 import EnvironmentSpec, EnvironmentValue
from ai.stigmer.agentic.executioncontext.v1.execution_context_pb2 import ExecutionValue

PROGRAM = str(Path(__file__).parent / "support/tool_server.py")
Call = tuple[str, dict[str, Any]]


def stdio(
    *arguments: str, name: str = "tests", tools: tuple[str, ...] = (), **environment: str
) -> McpServerDefinition:
    """Define a server that is started as a program."""
    server = StdioServer(
        command=sys.executable, args=[PROGRAM, *arguments], env_placeholders=environment
    )
    return McpServerDefinition(name=name, stdio=server, enabled_tools=tools)


@pytest.fixture
def run(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> Any:
    """Run an agent whose model asks for the given calls, one turn for each list."""

    async def run(spec: AgentSpec, *turns: list[Call], **runtime: ExecutionValue) -> Any:
        execution = server.add_agent(spec)
        for name, value in runtime.items():
            execution.spec.runtime_env[name].CopyFrom(value)
        model.reply(*(ollama_reply(calls=calls) for calls in turns), ollama_reply("Done."))
        return await environment.run(activities.execute, execution, "thread-ses-1")

    return run


def tool_names(model: ScriptedServer) -> list[str]:
    """Answer which tools the model was told of."""
    return [tool["function"]["name"] for tool in model.requests[0].body["tools"]]


def is_alive(pid_file: Path) -> bool:
    """Tell whether the process that wrote the file still runs."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(pid_file.read_text(encoding="utf-8")), 0)
        return True
    return False


async def test_a_program_s_tools_are_used_and_its_process_ends_with_the_execution(
    run: Any, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    spec = AgentSpec(mcp_servers=[stdio("--pid", str(pid_file))])

    status = await run(spec, [("add", {"a": 2, "b": 3}), ("directory", {})])

    assert status.phase == EXECUTION_COMPLETED, status.error
    assert [(call.status, call.result) for call in status.tool_calls] == [
        (TOOL_CALL_COMPLETED, "5"),
        (TOOL_CALL_COMPLETED, str(tmp_path / "sandboxes/ses-1")),
    ]
    assert not is_alive(pid_file)


async def test_a_tool_keeps_its_name_unless_it_is_taken(run: Any, model: ScriptedServer) -> None:
    status = await run(
        AgentSpec(
            mcp_servers=[stdio(name="one", tools=("add", "ls")), stdio(name="two", tools=("add",))]
        ),
        [("one__ls", {}), ("two__add", {"a": 1, "b": 1})],
    )

    assert [name for name in tool_names(model) if "__" in name] == [
        "one__add",
        "one__ls",
        "two__add",
    ]
    assert "ls" in tool_names(model)
    assert "fail" not in tool_names(model)
    assert [call.result for call in status.tool_calls] == ["nothing", "2"]


async def test_a_placeholder_is_filled_and_a_secret_is_shown_to_nobody(
    run: Any, model: ScriptedServer, server: PlatformServer, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = AgentSpec(
        mcp_servers=[stdio("--talks", TOKEN="Bearer ${API_TOKEN}", PLACE="${PLACE}")],
        env_spec=EnvironmentSpec(
            data={
                "API_TOKEN": EnvironmentValue(is_secret=True),
                "PLACE": EnvironmentValue(value="Oslo"),
            }
        ),
    )
    calls: list[Call] = [("variable", {"name": "TOKEN"}), ("variable", {"name": "PLACE"})]

    status = await run(spec, calls, API_TOKEN=ExecutionValue(value="s3cr3t-token"))

    assert [call.result for call in status.tool_calls] == ["Bearer ***", "Oslo"]
    output = capsys.readouterr()
    assert "my token is Bearer ***" in output.out + output.err
    told = [str(model.requests), str(server.updates), str(status), output.out, output.err]
    assert not [one for one in told if "s3cr3t-token" in one]


async def test_values_that_the_server_keeps_from_temporal_are_asked_for(
    run: Any, server: PlatformServer
) -> None:
    server.values["API_TOKEN"] = ExecutionValue(value="s3cr3t-token", is_secret=True)
    spec = AgentSpec(mcp_servers=[stdio("--talks", TOKEN="Bearer ${API_TOKEN}")])

    status = await run(spec, [("variable", {"name": "TOKEN"})])

    assert [call.result for call in status.tool_calls] == ["Bearer ***"]


async def test_a_placeholder_without_a_value_fails_the_execution_with_the_cure(run: Any) -> None:
    status = await run(AgentSpec(mcp_servers=[stdio(TOKEN="${API_TOKEN}")]))

    assert status.phase == EXECUTION_FAILED
    assert status.error == (
        "the tool server tests needs API_TOKEN, which has no value; give it when you run the agent,"
        " or in an environment of the agent's instance"
    )


@pytest.mark.parametrize(
    ("servers", "error"),
    [
        (
            [McpServerDefinition(name="s", stdio=StdioServer(command="no-such-program"))],
            "the tool server s cannot be used: No such file or directory: no-such-program",
        ),
        (
            [stdio("--dies")],
            (
                "the tool server tests cannot be used: Connection closed;"
                " its last words: cannot find my configuration"
            ),
        ),
        (
            [stdio(tools=("add", "subtract"))],
            "the tool server tests has no tool 'subtract' that may be used; it has: add, ",
        ),
        (
            [McpServerDefinition(name="s", docker=DockerServer(image="i"))],
            (
                "the tool server s is a docker server, which this runner cannot start;"
                " define it with stdio or http"
            ),
        ),
        ([McpServerDefinition(name="s")], "the tool server s has no server; define it with"),
        ([stdio(), stdio()], "two tool servers are named tests"),
        (
            [McpServerDefinition(name="s", http=HttpServer(url="localhost/mcp"))],
            "the tool server s has the address 'localhost/mcp'; write it like https://host/mcp",
        ),
        (
            [McpServerDefinition(name="s", http=HttpServer(url="http://127.0.0.1:1/mcp"))],
            "the tool server s cannot be used: ",
        ),
    ],
)
async def test_a_server_that_cannot_be_used_fails_the_execution_with_the_cause(
    run: Any, model: ScriptedServer, servers: list[McpServerDefinition], error: str
) -> None:
    status = await run(AgentSpec(mcp_servers=servers))

    assert status.phase == EXECUTION_FAILED
    assert status.error.startswith(error)
    assert model.requests == []


async def test_a_tool_that_fails_and_a_server_that_dies_are_told_to_the_model(run: Any) -> None:
    status = await run(
        AgentSpec(mcp_servers=[stdio()]),
        [("fail", {})],
        [("add", {"a": "many", "b": 1})],
        [("die", {})],
        [("add", {"a": 1, "b": 1})],
    )

    assert status.phase == EXECUTION_COMPLETED
    assert [call.status for call in status.tool_calls] == [TOOL_CALL_FAILED] * 4
    failed, wrong, died, later = (call.error for call in status.tool_calls)
    assert "no more coffee" in failed
    assert "a" in wrong
    for error in (died, later):
        assert error.startswith("the tool server tests has ended; its last words: ")
        assert error.endswith("something terrible happened")


async def test_a_server_that_does_not_want_to_end_is_killed(run: Any, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    spec = AgentSpec(mcp_servers=[stdio("--stubborn", "--pid", str(pid_file))])

    status = await run(spec, [("add", {"a": 1, "b": 1})])

    assert status.phase == EXECUTION_COMPLETED
    assert not is_alive(pid_file)


async def test_a_cancelled_execution_ends_the_call_and_the_process(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
    tmp_path: Path,
) -> None:
    pid_file, begun = tmp_path / "pid", tmp_path / "begun"
    execution = server.add_agent(AgentSpec(mcp_servers=[stdio("--pid", str(pid_file))]))
    model.reply(ollama_reply(calls=[("wait", {"file": str(begun)})]))
    running = asyncio.create_task(environment.run(activities.execute, execution, "thread-ses-1"))
    async with asyncio.timeout(20):
        while not begun.exists():  # noqa: ASYNC110  # another process makes it
            await asyncio.sleep(0.01)

    running.cancel()
    await asyncio.wait({running}, timeout=20)

    assert running.done()
    assert not is_alive(pid_file)


async def test_a_tool_server_inherits_what_the_settings_name(
    make_settings: MakeSettings,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from agent_runner._platform import Platform

    monkeypatch.setenv("RUN_MARK", "run-7")
    monkeypatch.setenv("OTHER_MARK", "private")
    settings = make_settings(STIGMER_TOOL_SERVER_INHERIT="RUN_MARK, ABSENT_MARK")
    platform = Platform(settings)
    activities = Activities(settings, platform)
    execution = server.add_agent(AgentSpec(mcp_servers=[stdio()]))
    calls: list[Call] = [("variable", {"name": name}) for name in ("RUN_MARK", "OTHER_MARK")]
    model.reply(ollama_reply(calls=calls), ollama_reply("Done."))

    status = await environment.run(activities.execute, execution, "thread-ses-1")
    await activities.close()
    await platform.close()

    assert [call.result for call in status.tool_calls] == ["run-7", "(not set)"]


async def test_a_server_over_http_gets_headers_and_query_with_their_values(
    run: Any, http: HttpToolServer
) -> None:
    definition = McpServerDefinition(
        name="web",
        http=HttpServer(
            url=f"{http.url}?fixed=1",
            headers={"X-Token": "${API_TOKEN}"},
            query_params={"tenant": "${TENANT}"},
        ),
    )
    secret = ExecutionValue(value="s3cr3t-token", is_secret=True)

    status = await run(
        AgentSpec(mcp_servers=[definition]),
        [("add", {"a": 4, "b": 5})],
        [("fail", {})],
        API_TOKEN=secret,
        TENANT=ExecutionValue(value="a b"),
    )

    assert status.phase == EXECUTION_COMPLETED, status.error
    assert status.tool_calls[0].result == "9"
    assert "no more coffee" in status.tool_calls[1].error
    assert {one["token"] for one in http.requests()} == {"s3cr3t-token"}
    assert {one["query"] for one in http.requests()} == {"fixed=1&tenant=a+b"}
    assert "s3cr3t-token" not in str(status)


async def test_a_call_over_http_ends_at_the_server_s_time_limit(
    run: Any, http: HttpToolServer, tmp_path: Path
) -> None:
    definition = McpServerDefinition(name="web", http=HttpServer(url=http.url, timeout_seconds=1))

    status = await run(
        AgentSpec(mcp_servers=[definition]), [("wait", {"file": str(tmp_path / "begun")})]
    )

    assert status.tool_calls[0].error == "wait took longer than 1 seconds"
    assert status.phase == EXECUTION_COMPLETED
