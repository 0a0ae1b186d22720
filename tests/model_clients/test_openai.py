"""OpenAI's own client against the scripted model."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import openai
import pytest

from scripted_model import ScriptedModel, Serve

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolUnionParam

Connect = Callable[..., openai.OpenAI]

QUESTION: "list[ChatCompletionMessageParam]" = [
    {"role": "user", "content": "How is the weather in Bern?"}
]
WEATHER = {"name": "weather", "arguments": {"city": "Bern", "days": 2}}
TOOLS: "list[ChatCompletionToolUnionParam]" = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Tells the weather.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]


@pytest.fixture
def connect() -> Iterator[Callable[..., openai.OpenAI]]:
    """Make clients that are closed after the test."""
    with ExitStack() as stack:

        def client(model: ScriptedModel, **options: float) -> openai.OpenAI:
            made = openai.OpenAI(base_url=model.openai, api_key="k", **options)  # pyright: ignore[reportArgumentType]
            return stack.enter_context(made)

        yield client


def test_a_whole_reply_has_text_and_usage(serve: Serve, connect: Connect) -> None:
    model = serve({"text": "Sunny.", "usage": {"input_tokens": 7, "output_tokens": 2}})
    reply = connect(model).chat.completions.create(model="scripted", messages=QUESTION)
    assert reply.choices[0].message.content == "Sunny."
    assert reply.choices[0].finish_reason == "stop"
    assert reply.usage is not None
    usage = reply.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (7, 2, 9)
    assert model.requests()[0]["headers"]["authorization"] == "Bearer k"
    model.verify()


def test_a_stream_has_the_pieces_and_usage_when_asked(serve: Serve, connect: Connect) -> None:
    model = serve({"chunks": ["Sun", "ny."], "stop": "length", "times": 2})
    completions = connect(model).chat.completions
    plain = list(completions.create(model="scripted", messages=QUESTION, stream=True))
    counted = list(
        completions.create(
            model="scripted",
            messages=QUESTION,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    for chunks in (plain, counted):
        choices = [choice for chunk in chunks for choice in chunk.choices]
        assert [choice.delta.content for choice in choices] == ["", "Sun", "ny.", None]
        assert choices[-1].finish_reason == "length"
    assert all(chunk.usage is None for chunk in plain)
    assert counted[-1].usage is not None
    assert counted[-1].usage.prompt_tokens == 6
    model.verify()


def test_the_asynchronous_client_streams_too(serve: Serve) -> None:
    model = serve({"text": "Sunny.", "chunks": 2})

    async def text() -> str:
        async with (
            openai.AsyncOpenAI(base_url=model.openai, api_key="k") as asynchronous,
            asynchronous.chat.completions.stream(model="scripted", messages=QUESTION) as stream,
        ):
            completion = await stream.get_final_completion()
        return completion.choices[0].message.content or ""

    assert asyncio.run(text()) == "Sunny."


@pytest.mark.parametrize("stream", [True, False])
def test_parallel_calls_go_out_and_their_results_come_back(
    serve: Serve, connect: Connect, *, stream: bool
) -> None:
    model = serve(
        {"text": "Let me see.", "tool_calls": [WEATHER, {"name": "ls"}], "chunks": 4},
        {"text": "Sunny.", "expect": {"tool_result": {"contains": "sunny"}}},
    )
    completions = connect(model).chat.completions
    if stream:
        with completions.stream(model="scripted", messages=QUESTION, tools=TOOLS) as parts:
            message = parts.get_final_completion().choices[0].message
    else:
        reply = completions.create(model="scripted", messages=QUESTION, tools=TOOLS)
        assert reply.choices[0].finish_reason == "tool_calls"
        message = reply.choices[0].message
    calls = [call for call in message.tool_calls or [] if call.type == "function"]
    assert [call.function.name for call in calls] == ["weather", "ls"]
    assert [json.loads(call.function.arguments) for call in calls] == [WEATHER["arguments"], {}]
    assert len({call.id for call in calls}) == 2

    messages: list[ChatCompletionMessageParam] = [
        *QUESTION,
        {
            "role": "assistant",
            "content": message.content,
            "tool_calls": [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {
                        "name": call.function.name,
                        "arguments": call.function.arguments,
                    },
                }
                for call in calls
            ],
        },
        {"role": "tool", "tool_call_id": calls[1].id, "content": "a.txt"},
        {"role": "tool", "tool_call_id": calls[0].id, "content": "sunny"},
    ]
    answer = completions.create(model="scripted", messages=messages, tools=TOOLS)
    assert answer.choices[0].message.content == "Sunny."
    model.verify()
    assert model.requests()[0]["chat"]["tools"][0]["description"] == "Tells the weather."


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
    ],
)
def test_an_error_is_the_clients_own(
    serve: Serve, connect: Connect, code: int, error: type[openai.APIStatusError]
) -> None:
    fault = {"status": {"code": code, "message": "no luck", "headers": {"x-should-retry": "false"}}}
    model = serve({"fault": fault})
    with pytest.raises(error) as caught:
        connect(model).chat.completions.create(model="scripted", messages=QUESTION)
    assert caught.value.status_code == code
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["message"] == "no luck"
    assert caught.value.request_id == "req_1"
    model.verify()


def test_the_client_tries_again_after_an_error(serve: Serve, connect: Connect) -> None:
    model = serve({"fault": {"status": {"code": 503}}}, {"text": "Now."})
    reply = connect(model).chat.completions.create(model="scripted", messages=QUESTION)
    assert reply.choices[0].message.content == "Now."
    model.verify()


def test_an_unexpected_request_is_not_tried_again(serve: Serve, connect: Connect) -> None:
    model = serve()
    with pytest.raises(openai.InternalServerError, match="the script has no replies"):
        connect(model).chat.completions.create(model="scripted", messages=QUESTION)
    assert len(model.requests()) == 1


def test_an_error_in_mid_stream_is_raised_there(serve: Serve, connect: Connect) -> None:
    fault = {"error_event": {"after_chunks": 1, "message": "overloaded"}}
    model = serve({"chunks": ["Sun", "ny."], "fault": fault})
    stream = connect(model).chat.completions.create(
        model="scripted", messages=QUESTION, stream=True
    )
    assert [next(stream).choices[0].delta.content for _ in range(2)] == ["", "Sun"]
    with pytest.raises(openai.APIError, match="overloaded"):
        next(stream)


def test_a_broken_stream_is_noticed(serve: Serve, connect: Connect) -> None:
    for fault, words in [
        ({"cut": {"after_chunks": 1}}, "incomplete chunked read"),
        ({"reset": {"after_chunks": 1}}, "reset"),
        ({"malformed": {"after_chunks": 1}}, "Expecting value|JSON"),
    ]:
        model = serve({"chunks": ["Sun", "ny."], "fault": fault})
        stream = connect(model).chat.completions.create(
            model="scripted", messages=QUESTION, stream=True
        )
        assert [next(stream).choices[0].delta.content for _ in range(2)] == ["", "Sun"]
        with pytest.raises(Exception, match=r".") as caught:
            next(stream)
        # Version 3 of the client wraps what version 2 lets through.
        assert re.search(words, f"{caught.value} {caught.value.__cause__}")


def test_a_hanging_model_runs_into_the_clients_timeout(serve: Serve, connect: Connect) -> None:
    model = serve({"text": "late", "fault": {"hang": {}}, "times": "any"})
    impatient = connect(model, timeout=0.2, max_retries=0)
    with pytest.raises(openai.APITimeoutError):
        impatient.chat.completions.create(model="scripted", messages=QUESTION)


def test_the_models_are_listed(serve: Serve, connect: Connect) -> None:
    model = serve(models=["small", "large"])
    assert [entry.id for entry in connect(model).models.list()] == ["small", "large"]
