"""Ollama's own client against the scripted model."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import ollama
import pytest

from scripted_model import ScriptedModel, Serve

Connect = Callable[..., ollama.Client]

QUESTION = [{"role": "user", "content": "How is the weather in Bern?"}]
WEATHER = {"name": "weather", "arguments": {"city": "Bern", "days": 2}}


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Make clients that are closed after the test."""
    with ExitStack() as stack:

        def client(model: ScriptedModel, **options: float) -> ollama.Client:
            made = ollama.Client(model.ollama, **options)
            # Version 0.6.1 has no other way to close it.
            stack.callback(made._client.close)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage, reportUnknownArgumentType]
            return made

        yield client


def weather(city: str, days: int) -> str:
    """Tell the weather.

    Args:
        city: where
        days: how far ahead

    """
    return f"{city}: sunny for {days} days"


def test_a_whole_reply_has_text_and_usage(serve: Serve, connect: Connect) -> None:
    model = serve({"text": "Sunny.", "usage": {"input_tokens": 7, "output_tokens": 2}})
    reply = connect(model).chat(model="scripted", messages=QUESTION)
    assert (reply.message.role, reply.message.content) == ("assistant", "Sunny.")
    assert (reply.prompt_eval_count, reply.eval_count) == (7, 2)
    assert (reply.done, reply.done_reason) == (True, "stop")
    assert reply.total_duration
    model.verify()


def test_a_stream_has_the_pieces_and_ends_with_usage(serve: Serve, connect: Connect) -> None:
    model = serve({"chunks": ["Sun", "ny."], "stop": "length"})
    stream = connect(model).chat(model="scripted", messages=QUESTION, stream=True)
    parts = list(stream)
    assert [part.message.content for part in parts] == ["Sun", "ny.", ""]
    assert [part.done for part in parts] == [False, False, True]
    assert (parts[-1].done_reason, parts[-1].prompt_eval_count) == ("length", 6)


def test_the_asynchronous_client_streams_too(serve: Serve) -> None:
    model = serve({"text": "Sunny.", "chunks": 2})

    async def text() -> str:
        client = ollama.AsyncClient(model.ollama)
        async with client._client:  # noqa: SLF001 # pyright: ignore[reportPrivateUsage, reportUnknownArgumentType]
            parts = await client.chat(model="scripted", messages=QUESTION, stream=True)
            return "".join([part.message.content or "" async for part in parts])

    assert asyncio.run(text()) == "Sunny."


@pytest.mark.parametrize("stream", [True, False])
def test_parallel_calls_go_out_and_their_results_come_back(
    serve: Serve, connect: Connect, *, stream: bool
) -> None:
    model = serve(
        {"text": "Let me see.", "tool_calls": [WEATHER, {"name": "ls"}]},
        {"text": "Sunny.", "expect": {"tool_result": {"contains": "sunny for 2 days"}}},
    )
    client = connect(model)
    messages: list[ollama.Message] = [ollama.Message(role="user", content="Bern?")]
    if stream:
        parts = client.chat(model="scripted", messages=messages, tools=[weather], stream=True)
        calls = [call for part in parts for call in part.message.tool_calls or []]
    else:
        reply = client.chat(model="scripted", messages=messages, tools=[weather])
        calls = list(reply.message.tool_calls or [])
    assert [call.function.name for call in calls] == ["weather", "ls"]
    assert [call.function.arguments for call in calls] == [WEATHER["arguments"], {}]

    messages.append(ollama.Message(role="assistant", content="Let me see.", tool_calls=calls))
    messages.append(ollama.Message(role="tool", content="a.txt", tool_name="ls"))
    messages.append(ollama.Message(role="tool", content=weather("Bern", 2), tool_name="weather"))
    assert client.chat(model="scripted", messages=messages).message.content == "Sunny."
    model.verify()

    first, second = model.requests()
    assert first["chat"]["tools"][0]["name"] == "weather"
    assert first["chat"]["tools"][0]["schema"]["required"] == ["city", "days"]
    told = second["chat"]["messages"][1]["tool_calls"][0]
    assert (told["name"], told["arguments"]) == ("weather", WEATHER["arguments"])


@pytest.mark.parametrize("stream", [True, False])
def test_an_error_is_the_clients_own(serve: Serve, connect: Connect, *, stream: bool) -> None:
    fault = {"status": {"code": 404, "message": "model 'scripted' not found"}}
    model = serve({"fault": fault})
    with pytest.raises(ollama.ResponseError) as caught:
        list(connect(model).chat(model="scripted", messages=QUESTION, stream=stream))
    assert (caught.value.status_code, caught.value.error) == (404, "model 'scripted' not found")


def test_an_unexpected_request_says_why(serve: Serve, connect: Connect) -> None:
    model = serve()
    with pytest.raises(ollama.ResponseError, match="the script has no replies"):
        connect(model).chat(model="scripted", messages=QUESTION)
    with pytest.raises(AssertionError, match="1 unexpected"):
        model.verify()


def test_an_error_in_mid_stream_is_raised_there(serve: Serve, connect: Connect) -> None:
    fault = {"error_event": {"after_chunks": 1, "message": "out of memory"}}
    model = serve({"chunks": ["Sun", "ny."], "fault": fault})
    parts = connect(model).chat(model="scripted", messages=QUESTION, stream=True)
    assert next(parts).message.content == "Sun"
    with pytest.raises(ollama.ResponseError, match="out of memory"):
        next(parts)


def test_a_broken_stream_is_noticed(serve: Serve, connect: Connect) -> None:
    for fault, error in [
        ({"cut": {"after_chunks": 1}}, httpx.RemoteProtocolError),
        ({"reset": {"after_chunks": 1}}, httpx.ReadError),
        ({"malformed": {"after_chunks": 1}}, json.JSONDecodeError),
    ]:
        model = serve({"chunks": ["Sun", "ny."], "fault": fault})
        parts = connect(model).chat(model="scripted", messages=QUESTION, stream=True)
        assert next(parts).message.content == "Sun"
        with pytest.raises(error):
            next(parts)


def test_a_hanging_model_runs_into_the_clients_timeout(serve: Serve, connect: Connect) -> None:
    model = serve({"text": "late", "fault": {"hang": {}}})
    client = connect(model, timeout=0.2)
    with pytest.raises(httpx.ReadTimeout):
        client.chat(model="scripted", messages=QUESTION)


def test_the_models_are_listed(serve: Serve, connect: Connect) -> None:
    model = serve(models=["small", "large"])
    listed = connect(model).list().models
    assert [entry.model for entry in listed] == ["small", "large"]
    assert listed[0].details is not None
    assert listed[0].modified_at is not None
