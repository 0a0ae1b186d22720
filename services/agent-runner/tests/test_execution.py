"""A whole execution: its answer, its failures, its cancellation."""

import asyncio

from support.http_server import Reply, ScriptedServer
from support.ollama import ollama_reply
from support.platform_server import PlatformServer
from temporalio.testing import ActivityEnvironment

from agent_runner._activities import Activities
from ai.stigmer.agentic.agent.v1.agent_pb2 import AgentSpec
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    EXECUTION_COMPLETED,
    EXECUTION_FAILED,
    EXECUTION_IN_PROGRESS,
    MESSAGE_AI,
    MESSAGE_SYSTEM,
)


async def test_an_agent_answers_and_its_end_is_stored(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    execution = server.add_agent(AgentSpec(instructions="Be brief."))
    model.reply(ollama_reply("Hello ", "there."))

    status = await environment.run(activities.execute, execution, "thread-ses-1")

    assert status.phase == EXECUTION_COMPLETED
    assert [(one.type, one.content) for one in status.messages] == [(MESSAGE_AI, "Hello there.")]
    assert status == server.updates[-1]
    assert server.updates[0].phase == EXECUTION_IN_PROGRESS
    request = model.requests[0]
    assert (request.method, request.path) == ("POST", "/api/chat")
    assert request.body["model"] == "scripted"
    assert request.body["stream"] is True
    assert request.body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hello\n\n---\nContext:\n- Organization: local"},
    ]
    assert server.metadata["authorization"] == "Bearer key-of-the-stack"


async def test_partial_text_is_stored_while_the_model_speaks(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    execution = server.add_agent(AgentSpec())
    go_on = asyncio.Event()
    model.reply(ollama_reply("Hello ", go_on, "there."))

    running = asyncio.create_task(environment.run(activities.execute, execution, "thread-ses-1"))
    partial = await server.wait_for_update(lambda status: len(status.messages) > 0)

    assert partial.phase == EXECUTION_IN_PROGRESS
    assert partial.messages[0].content == "Hello "
    go_on.set()
    assert (await running).messages[0].content == "Hello there."


async def test_a_model_that_fails_fails_the_execution_with_its_words_and_status(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    execution = server.add_agent(AgentSpec())
    model.reply(Reply([b'{"error": "out of memory"}'], status=500))

    status = await environment.run(activities.execute, execution, "thread-ses-1")

    assert status.phase == EXECUTION_FAILED
    assert status.error == "ollama: out of memory (status code: 500)"
    assert [(one.type, one.content) for one in status.messages] == [
        (MESSAGE_SYSTEM, f"❌ Error: Execution failed: {status.error}")
    ]
    assert status == server.updates[-1]
    assert len(model.requests) == 1
