"""A whole execution: its answer, its failures, its end under every circumstance."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import grpc
import pytest
from support.http_server import Reply, ScriptedServer
from support.ollama_format import ollama_reply, ollama_steps
from support.platform_server import PlatformServer
from temporalio.activity import ActivityCancellationDetails
from temporalio.testing import ActivityEnvironment

from agent_runner._activities import Activities
from ai.stigmer.agentic.agent.v1.agent_pb2 import AgentSpec
from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import AgentExecution
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    EXECUTION_CANCELLED,
    EXECUTION_COMPLETED,
    EXECUTION_FAILED,
    EXECUTION_IN_PROGRESS,
    MESSAGE_AI,
    MESSAGE_SYSTEM,
    TOOL_CALL_FAILED,
    AgentExecutionStatus,
)

THREAD = "thread-ses-1"


def started(
    environment: ActivityEnvironment, activities: Activities, execution: AgentExecution
) -> "asyncio.Task[AgentExecutionStatus]":
    """Start an execution."""
    return asyncio.create_task(environment.run(activities.execute, execution, THREAD))


def said(status: AgentExecutionStatus) -> list[tuple[int, str]]:
    """Answer who said what."""
    return [(message.type, message.content) for message in status.messages]


async def test_an_agent_answers_and_its_end_is_stored(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    execution = server.add_agent(AgentSpec(instructions="Be brief."))
    model.reply(ollama_reply("Hello ", "there."))

    status = await started(environment, activities, execution)

    assert status.phase == EXECUTION_COMPLETED
    assert said(status) == [(MESSAGE_AI, "Hello there.")]
    assert status == server.updates[-1]
    assert server.updates[0].phase == EXECUTION_IN_PROGRESS
    assert len(server.updates[0].messages) == 0
    request = model.requests[0]
    assert (request.method, request.path) == ("POST", "/api/chat")
    assert request.body["model"] == "scripted"
    assert request.body["stream"] is True
    assert request.body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hello\n\n---\nContext:\n- Organization: local"},
    ]
    assert [tool["function"]["name"] for tool in request.body["tools"]] == [
        "write_todos",
        "ls",
        "read_file",
        "write_file",
        "edit_file",
        "glob",
        "grep",
        "task",
    ]
    assert server.metadata["authorization"] == "Bearer key-of-the-stack"


async def test_the_execution_s_model_is_preferred_to_the_settings(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    execution = server.add_agent(AgentSpec())
    execution.spec.execution_config.model_name = "larger"
    model.reply(ollama_reply("Hello."))

    await started(environment, activities, execution)

    assert model.requests[0].body["model"] == "larger"


async def test_partial_text_is_stored_while_the_model_speaks(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    execution = server.add_agent(AgentSpec())
    go_on = asyncio.Event()
    model.reply(ollama_reply("Hello ", go_on, "there."))

    running = started(environment, activities, execution)
    partial = await server.wait_for_update(lambda status: len(status.messages) > 0)

    assert partial.phase == EXECUTION_IN_PROGRESS
    assert partial.messages[0].content == "Hello "
    go_on.set()
    assert said(await running) == [(MESSAGE_AI, "Hello there.")]


async def test_a_flood_of_pieces_makes_few_updates(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    execution = server.add_agent(AgentSpec())
    model.reply(ollama_reply(*(["x"] * 2000)))

    status = await started(environment, activities, execution)

    assert status.messages[0].content == "x" * 2000
    assert len(server.updates) < 200


async def test_a_model_that_fails_fails_the_execution_with_its_words_and_status(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    execution = server.add_agent(AgentSpec())
    model.reply(Reply([b'{"error": "out of memory"}'], status=500))

    status = await started(environment, activities, execution)

    assert status.phase == EXECUTION_FAILED
    assert status.error == "ollama: out of memory (status code: 500)"
    assert said(status) == [(MESSAGE_SYSTEM, f"❌ Error: Execution failed: {status.error}")]
    assert status == server.updates[-1]
    assert len(model.requests) == 1


async def test_what_was_said_before_a_failure_is_kept(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    execution = server.add_agent(AgentSpec())
    model.reply(Reply([*ollama_steps("Hello "), b'{"error": "lost the thread"}\n']))

    status = await started(environment, activities, execution)

    error = "ollama: lost the thread"
    assert said(status) == [
        (MESSAGE_AI, "Hello "),
        (MESSAGE_SYSTEM, f"❌ Error: Execution failed: {error}"),
    ]


@pytest.mark.parametrize(
    ("session_id", "error"),
    [
        ("ses-9", "session.v1.SessionQueryController/get: Session not found: ses-9 (NOT_FOUND)"),
        ("", "the execution has neither a session nor an agent; create it with one of them"),
    ],
)
async def test_an_execution_of_nothing_fails_with_the_cause(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    session_id: str,
    error: str,
) -> None:
    execution = server.add_agent(AgentSpec())
    execution.spec.session_id, execution.spec.agent_id = session_id, ""

    status = await started(environment, activities, execution)

    assert (status.phase, status.error) == (EXECUTION_FAILED, error)


async def test_an_execution_without_session_runs_its_agent(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    execution = server.add_agent(AgentSpec())
    execution.spec.session_id = ""
    model.reply(ollama_reply("Hello."))

    status = await started(environment, activities, execution)

    assert status.phase == EXECUTION_COMPLETED


async def test_heartbeats_go_on_while_the_model_is_silent(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    execution = server.add_agent(AgentSpec())
    go_on, beats = asyncio.Event(), asyncio.Semaphore(0)
    environment.on_heartbeat = lambda *_: beats.release()
    environment.info = replace(environment.info, heartbeat_timeout=timedelta(seconds=0.3))
    model.reply(ollama_reply(go_on, "Hello."))

    running = started(environment, activities, execution)
    async with asyncio.timeout(10):
        for _ in range(12):  # four limits long
            await beats.acquire()
    assert not running.done()
    go_on.set()

    assert (await running).phase == EXECUTION_COMPLETED


async def test_a_cancelled_execution_stops_the_model_and_keeps_what_was_said(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    execution = server.add_agent(AgentSpec())
    model.reply(ollama_reply("Hello ", asyncio.Event()))
    running = started(environment, activities, execution)
    await server.wait_for_update(lambda status: len(status.messages) > 0)

    environment.cancel(ActivityCancellationDetails(cancel_requested=True))
    with pytest.raises(asyncio.CancelledError):
        await running

    await asyncio.wait_for(model.connections_lost.wait(), 5)
    assert server.updates[-1].phase == EXECUTION_CANCELLED
    assert said(server.updates[-1]) == [(MESSAGE_AI, "Hello ")]


async def test_a_call_that_runs_when_the_execution_is_cancelled_is_told_as_stopped(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    execution = server.add_agent(AgentSpec())
    task = ("task", {"description": "Think for ever."})
    model.reply(ollama_reply(calls=[task]), ollama_reply("Hm", asyncio.Event()))
    running = started(environment, activities, execution)
    await server.wait_for_update(lambda status: len(status.sub_agent_executions) > 0)

    environment.cancel(ActivityCancellationDetails(cancel_requested=True))
    with pytest.raises(asyncio.CancelledError):
        await running

    last = server.updates[-1]
    assert (last.tool_calls[0].status, last.tool_calls[0].error) == (
        TOOL_CALL_FAILED,
        "the execution was cancelled",
    )
    assert last.sub_agent_executions[0].error == "stopped with its parent"


async def test_a_server_that_is_away_gets_the_end_when_it_is_back(
    activities: Activities,
    environment: ActivityEnvironment,
    model: ScriptedServer,
    server: PlatformServer,
) -> None:
    execution = server.add_agent(AgentSpec())
    go_on = asyncio.Event()
    model.reply(ollama_reply("Hello ", go_on, "there."))
    running = started(environment, activities, execution)
    await server.wait_for_update(lambda status: len(status.messages) > 0)

    await server.stop()
    go_on.set()
    await asyncio.wait({running}, timeout=0.5)
    assert not running.done()
    await server.start()

    assert (await running).phase == EXECUTION_COMPLETED
    assert server.updates[-1] == await running


async def test_a_server_that_stays_away_does_not_keep_the_result_back(
    activities: Activities,
    environment: ActivityEnvironment,
    model: ScriptedServer,
    server: PlatformServer,
) -> None:
    execution = server.add_agent(AgentSpec())
    environment.info = replace(environment.info, start_to_close_timeout=timedelta(seconds=4))
    go_on = asyncio.Event()
    model.reply(ollama_reply("Hello ", go_on, "there."))
    running = started(environment, activities, execution)
    await server.wait_for_update(lambda status: len(status.messages) > 0)

    await server.stop()
    go_on.set()

    status = await asyncio.wait_for(running, 10)
    assert (status.phase, said(status)) == (EXECUTION_COMPLETED, [(MESSAGE_AI, "Hello there.")])


async def test_a_status_that_the_server_refuses_does_not_stop_the_execution(
    activities: Activities,
    environment: ActivityEnvironment,
    model: ScriptedServer,
    server: PlatformServer,
) -> None:
    execution = server.add_agent(AgentSpec())
    server.refuse_updates = (grpc.StatusCode.NOT_FOUND, "AgentExecution not found: aex-2")
    model.reply(ollama_reply("Hello."))

    status = await started(environment, activities, execution)

    assert status.phase == EXECUTION_COMPLETED


async def test_a_thread_is_named_after_its_session_or_is_new(
    activities: Activities, environment: ActivityEnvironment
) -> None:
    assert await environment.run(activities.ensure_thread, "ses-1", "agt-1") == "thread-ses-1"
    one = await environment.run(activities.ensure_thread, "", "agt-1")
    two = await environment.run(activities.ensure_thread, "", "agt-1")
    assert one.startswith("ephemeral-agt-1-")
    assert one != two
