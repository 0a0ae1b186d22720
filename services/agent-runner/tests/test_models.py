"""The providers' real clients against scripted services: one set of tests for all three."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from support.dialects import DIALECTS, Dialect
from support.http_server import CUT, Reply, ScriptedServer
from support.settings import MakeSettings

from agent_runner._conversation import (
    AssistantMessage,
    Message,
    Model,
    Prompt,
    ToolMessage,
    ToolRequest,
    ToolSpec,
    Usage,
    UserMessage,
)
from agent_runner._errors import ModelError
from agent_runner.models import open_model

WEATHER = ToolSpec(
    "weather",
    "Tell the weather.",
    {
        "type": "object",
        "properties": {"place": {"type": "string", "description": "Where."}},
        "required": ["place"],
    },
)


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.provider)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """Each provider in turn."""
    return request.param


@pytest.fixture
async def client(
    dialect: Dialect, make_settings: MakeSettings, model: ScriptedServer
) -> AsyncGenerator[Model]:
    """The provider's client."""
    client = open_model(make_settings(**dialect.variables(model)))
    yield client
    await client.close()


def prompt(*messages: Message) -> Prompt:
    """A prompt with a tool."""
    said = messages or (UserMessage("How is it in Oslo?"),)
    return Prompt("m-1", "Be brief.", said, (WEATHER,))


def ignore(piece: str) -> None:
    """Take a piece of text."""
    del piece


async def test_text_arrives_in_pieces_and_as_a_whole_with_its_usage(
    client: Model, dialect: Dialect, model: ScriptedServer
) -> None:
    model.reply(dialect.reply("It ", "rains."))
    pieces: list[str] = []

    turn = await client.answer(prompt(), pieces.append)

    assert pieces == ["It ", "rains."]
    assert (turn.text, turn.calls, turn.usage) == ("It rains.", (), Usage(7, 3))
    assert turn.stop_reason in {"stop", "end_turn"}
    request = model.requests[0]
    assert (request.method, request.path) == ("POST", dialect.path)
    assert request.body["model"] == "m-1"
    assert request.body["stream"] is True
    assert ("key-of-the-model" in str(request.headers)) == (dialect.provider != "ollama")


async def test_several_calls_of_one_turn_arrive_with_their_arguments(
    client: Model, dialect: Dialect, model: ScriptedServer
) -> None:
    calls = [("weather", {"place": "Oslo"}), ("weather", {"place": "Rom", "days": [1, 2]})]
    model.reply(dialect.reply("Let me see.", calls=calls))

    turn = await client.answer(prompt(), ignore)

    assert [(call.name, call.arguments) for call in turn.calls] == calls
    assert turn.text == "Let me see."
    told = dialect.tools(model.requests[0])
    assert [tool["name"] for tool in told] == ["weather"]
    assert told[0]["parameters"]["properties"]["place"]["description"] == "Where."
    assert told[0]["parameters"]["required"] == ["place"]


async def test_a_conversation_with_calls_is_told_in_the_provider_s_format(
    client: Model, dialect: Dialect, model: ScriptedServer
) -> None:
    one = ToolRequest("id-1", "weather", {"place": "Oslo"})
    two = ToolRequest("id-2", "weather", {"place": "Rom"})
    model.reply(dialect.reply("Done."))

    await client.answer(
        prompt(
            UserMessage("Go."),
            AssistantMessage("Let me see.", (one, two)),
            ToolMessage(one, "rain"),
            ToolMessage(two, "no such place", failed=True),
        ),
        ignore,
    )

    assert model.requests[0].body["messages"] == EXPECTED_CONVERSATION[dialect.provider]


EXPECTED_CONVERSATION: dict[str, list[dict[str, Any]]] = {
    "ollama": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Go."},
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [
                {"function": {"name": "weather", "arguments": {"place": "Oslo"}}},
                {"function": {"name": "weather", "arguments": {"place": "Rom"}}},
            ],
        },
        {"role": "tool", "content": "rain", "tool_name": "weather"},
        {"role": "tool", "content": "no such place", "tool_name": "weather"},
    ],
    "openai": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Go."},
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [
                {
                    "id": "id-1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"place": "Oslo"}'},
                },
                {
                    "id": "id-2",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"place": "Rom"}'},
                },
            ],
        },
        {"role": "tool", "tool_call_id": "id-1", "content": "rain"},
        {"role": "tool", "tool_call_id": "id-2", "content": "no such place"},
    ],
    "anthropic": [
        {"role": "user", "content": [{"type": "text", "text": "Go."}]},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me see."},
                {"type": "tool_use", "id": "id-1", "name": "weather", "input": {"place": "Oslo"}},
                {"type": "tool_use", "id": "id-2", "name": "weather", "input": {"place": "Rom"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "id-1",
                    "is_error": False,
                    "content": "rain",
                },
                {
                    "type": "tool_result",
                    "tool_use_id": "id-2",
                    "is_error": True,
                    "content": "no such place",
                },
            ],
        },
    ],
}


async def test_a_refusal_is_told_with_the_service_s_words_and_status_and_not_repeated(
    client: Model, dialect: Dialect, model: ScriptedServer
) -> None:
    model.reply(Reply([dialect.refusal], status=503))

    with pytest.raises(ModelError) as failure:
        await client.answer(prompt(), ignore)

    assert str(failure.value) == f"{dialect.provider}: out of memory (status code: 503)"
    assert len(model.requests) == 1


async def test_an_error_in_the_middle_of_an_answer_keeps_what_was_said(
    client: Model, dialect: Dialect, model: ScriptedServer
) -> None:
    steps = [*dialect.steps("It "), dialect.broken_off]
    model.reply(Reply(steps, content_type=dialect.stream_type))
    pieces: list[str] = []

    with pytest.raises(ModelError, match=f"^{dialect.provider}: lost the thread$"):
        await client.answer(prompt(), pieces.append)

    assert pieces == ["It "]


@pytest.mark.parametrize("last", [CUT, b""], ids=["cut", "ended"])
async def test_an_answer_that_stops_too_early_is_an_error(
    client: Model, dialect: Dialect, model: ScriptedServer, last: object
) -> None:
    model.reply(Reply([*dialect.steps("It "), last], content_type=dialect.stream_type))
    pieces: list[str] = []

    with pytest.raises(ModelError, match=f"^{dialect.provider}: (no answer|the answer of)"):
        await client.answer(prompt(), pieces.append)

    assert pieces == ["It "]


async def test_nonsense_is_an_error_that_names_the_service(
    client: Model, dialect: Dialect, model: ScriptedServer
) -> None:
    model.reply(
        Reply([b"event: message_start\ndata: {what?\n\n"], content_type=dialect.stream_type)
    )

    with pytest.raises(ModelError, match=f"^{dialect.provider}: nonsense from {model.url}"):
        await client.answer(prompt(), ignore)


async def test_a_service_that_is_not_there_is_an_error_that_names_its_address(
    dialect: Dialect, make_settings: MakeSettings, model: ScriptedServer
) -> None:
    nobody = ScriptedServer(url="http://127.0.0.1:1")
    client = open_model(make_settings(**dialect.variables(nobody)))

    with pytest.raises(ModelError, match=r"no answer from http://127\.0\.0\.1:1"):
        await client.answer(prompt(), ignore)
    await client.close()
    assert model.requests == []


async def test_a_cancelled_question_closes_its_connection(
    client: Model, dialect: Dialect, model: ScriptedServer
) -> None:
    speaking = asyncio.Event()
    steps = [*dialect.steps("It "), asyncio.Event()]
    model.reply(Reply(steps, content_type=dialect.stream_type))

    asking = asyncio.create_task(client.answer(prompt(), lambda _: speaking.set()))
    await asyncio.wait_for(speaking.wait(), 5)
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.wait_for(model.connections_lost.wait(), 5)
