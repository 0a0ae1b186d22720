"""Anthropic's own client against the scripted model."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import anthropic
import pytest

from scripted_model import ScriptedModel, Serve

if TYPE_CHECKING:
    from anthropic.types import MessageParam, ToolParam

Connect = Callable[..., anthropic.Anthropic]

QUESTION: "list[MessageParam]" = [{"role": "user", "content": "How is the weather in Bern?"}]
WEATHER = {"name": "weather", "arguments": {"city": "Bern", "days": 2}}
TOOLS: "list[ToolParam]" = [
    {
        "name": "weather",
        "description": "Tells the weather.",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
]


@pytest.fixture
def connect() -> Iterator[Callable[..., anthropic.Anthropic]]:
    """Make clients that are closed after the test."""
    with ExitStack() as stack:

        def client(model: ScriptedModel, **options: float) -> anthropic.Anthropic:
            made = anthropic.Anthropic(base_url=model.anthropic, api_key="k", **options)  # pyright: ignore[reportArgumentType]
            return stack.enter_context(made)

        yield client


def test_a_whole_reply_has_text_and_usage(serve: Serve, connect: Connect) -> None:
    model = serve({"text": "Sunny.", "usage": {"input_tokens": 7, "output_tokens": 2}})
    reply = connect(model).messages.create(
        model="scripted", max_tokens=9, messages=QUESTION, system="Be brief."
    )
    assert [block.text for block in reply.content if block.type == "text"] == ["Sunny."]
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (7, 2)
    assert reply.stop_reason == "end_turn"
    request = model.requests()[0]
    # Version 2 of the client sends the key as a bearer token.
    headers = request["headers"]
    assert headers.get("x-api-key", headers.get("authorization")) in {"k", "Bearer k"}
    assert request["chat"]["messages"][0] == {
        "role": "system",
        "text": "Be brief.",
        "tool_calls": [],
        "tool_call_id": None,
    }
    model.verify()


def test_a_stream_has_the_pieces_and_usage(serve: Serve, connect: Connect) -> None:
    model = serve({"chunks": ["Sun", "ny."], "stop": "length"})
    with connect(model).messages.stream(
        model="scripted", max_tokens=9, messages=QUESTION
    ) as stream:
        assert list(stream.text_stream) == ["Sun", "ny."]
        message = stream.get_final_message()
    assert message.stop_reason == "max_tokens"
    assert (message.usage.input_tokens, message.usage.output_tokens) == (6, 1)


def test_the_raw_events_come_in_order(serve: Serve, connect: Connect) -> None:
    model = serve({"text": "Sunny."})
    stream = connect(model).messages.create(
        model="scripted", max_tokens=9, messages=QUESTION, stream=True
    )
    assert [event.type for event in stream] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_the_asynchronous_client_streams_too(serve: Serve) -> None:
    model = serve({"text": "Sunny.", "chunks": 2})

    async def text() -> str:
        async with (
            anthropic.AsyncAnthropic(base_url=model.anthropic, api_key="k") as asynchronous,
            asynchronous.messages.stream(
                model="scripted", max_tokens=9, messages=QUESTION
            ) as stream,
        ):
            return await stream.get_final_text()

    assert asyncio.run(text()) == "Sunny."


@pytest.mark.parametrize("stream", [True, False])
def test_parallel_calls_go_out_and_their_results_come_back(
    serve: Serve, connect: Connect, *, stream: bool
) -> None:
    model = serve(
        {"text": "Let me see.", "tool_calls": [WEATHER, {"name": "ls"}], "chunks": 4},
        {"text": "Sunny.", "expect": {"tool_result": {"contains": "sunny"}}},
    )
    messages = connect(model).messages
    if stream:
        with messages.stream(
            model="scripted", max_tokens=9, messages=QUESTION, tools=TOOLS
        ) as parts:
            reply = parts.get_final_message()
    else:
        reply = messages.create(model="scripted", max_tokens=9, messages=QUESTION, tools=TOOLS)
    assert reply.stop_reason == "tool_use"
    calls = [block for block in reply.content if block.type == "tool_use"]
    assert [call.name for call in calls] == ["weather", "ls"]
    assert [call.input for call in calls] == [WEATHER["arguments"], {}]

    conversation: list[MessageParam] = [
        *QUESTION,
        {"role": "assistant", "content": reply.content},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": calls[1].id, "content": "a.txt"},
                {"type": "tool_result", "tool_use_id": calls[0].id, "content": "sunny"},
            ],
        },
    ]
    answer = messages.create(model="scripted", max_tokens=9, messages=conversation, tools=TOOLS)
    assert [block.text for block in answer.content if block.type == "text"] == ["Sunny."]
    model.verify()
    told = model.requests()[1]["chat"]["messages"]
    assert [message["role"] for message in told] == ["user", "assistant", "tool", "tool"]
    assert told[1]["tool_calls"][0]["arguments"] == WEATHER["arguments"]


@pytest.mark.parametrize(
    ("code", "error", "kind"),
    [
        (400, anthropic.BadRequestError, "invalid_request_error"),
        (401, anthropic.AuthenticationError, "authentication_error"),
        (403, anthropic.PermissionDeniedError, "permission_error"),
        (404, anthropic.NotFoundError, "not_found_error"),
        (429, anthropic.RateLimitError, "rate_limit_error"),
        (500, anthropic.InternalServerError, "api_error"),
        (529, anthropic.APIStatusError, "overloaded_error"),
    ],
)
def test_an_error_is_the_clients_own(
    serve: Serve, connect: Connect, code: int, error: type[anthropic.APIStatusError], kind: str
) -> None:
    fault = {"status": {"code": code, "message": "no luck", "headers": {"x-should-retry": "false"}}}
    model = serve({"fault": fault})
    with pytest.raises(error) as caught:
        connect(model).messages.create(model="scripted", max_tokens=9, messages=QUESTION)
    assert caught.value.status_code == code
    assert caught.value.body == {"type": "error", "error": {"type": kind, "message": "no luck"}}
    assert caught.value.request_id == "req_1"
    model.verify()


def test_the_client_tries_again_after_an_error(serve: Serve, connect: Connect) -> None:
    model = serve({"fault": {"status": {"code": 529}}}, {"text": "Now."})
    reply = connect(model).messages.create(model="scripted", max_tokens=9, messages=QUESTION)
    assert [block.text for block in reply.content if block.type == "text"] == ["Now."]
    model.verify()


def test_an_unexpected_request_is_not_tried_again(serve: Serve, connect: Connect) -> None:
    model = serve()
    with pytest.raises(anthropic.InternalServerError, match="the script has no replies"):
        connect(model).messages.create(model="scripted", max_tokens=9, messages=QUESTION)
    assert len(model.requests()) == 1


def test_an_error_in_mid_stream_is_raised_there(serve: Serve, connect: Connect) -> None:
    fault = {"error_event": {"after_chunks": 1, "message": "overloaded"}}
    model = serve({"chunks": ["Sun", "ny."], "fault": fault})
    with connect(model).messages.stream(
        model="scripted", max_tokens=9, messages=QUESTION
    ) as stream:
        texts = iter(stream.text_stream)
        assert next(texts) == "Sun"
        with pytest.raises(anthropic.APIStatusError, match="overloaded"):
            next(texts)


def test_a_broken_stream_is_noticed(serve: Serve, connect: Connect) -> None:
    for fault, words in [
        ({"cut": {"after_chunks": 1}}, "incomplete chunked read"),
        ({"reset": {"after_chunks": 1}}, "reset"),
        ({"malformed": {"after_chunks": 1}}, "Expecting value|JSON"),
    ]:
        model = serve({"chunks": ["Sun", "ny."], "fault": fault})
        with connect(model).messages.stream(
            model="scripted", max_tokens=9, messages=QUESTION
        ) as stream:
            texts = iter(stream.text_stream)
            assert next(texts) == "Sun"
            with pytest.raises(Exception, match=words):
                next(texts)


def test_a_hanging_model_runs_into_the_clients_timeout(serve: Serve, connect: Connect) -> None:
    model = serve({"text": "late", "fault": {"hang": {}}, "times": "any"})
    impatient = connect(model, timeout=0.2, max_retries=0)
    with pytest.raises(anthropic.APITimeoutError):
        impatient.messages.create(model="scripted", max_tokens=9, messages=QUESTION)


def test_the_models_are_listed(serve: Serve, connect: Connect) -> None:
    model = serve(models=["small", "large"])
    assert [entry.id for entry in connect(model).models.list()] == ["small", "large"]
