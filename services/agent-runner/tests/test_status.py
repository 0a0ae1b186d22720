"""A status that every carrier accepts, however much a run has produced."""

from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, MessageToJson
from google.protobuf.struct_pb2 import Struct

from agent_runner._conversation import ToolMessage, ToolRequest, Turn, Usage
from agent_runner._record import Record
from agent_runner._size import LARGEST_STATUS, fitted
from agent_runner._text import Redactor, shortened, to_struct, valid
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    EXECUTION_COMPLETED,
    MESSAGE_AI,
    TOOL_CALL_FAILED,
)


def request(number: int, **arguments: Any) -> ToolRequest:
    """Ask for a call."""
    return ToolRequest(f"call-{number}", "read_file", arguments)


def record_with(calls: int, result: str, text: str = "", argument: str = "") -> Record:
    """Make a record of a run with many calls."""
    record = Record()
    for number in range(calls):
        record.add_text(text)
        call = request(number, file_path=argument)
        record.end_turn(Turn(text, (call,), Usage(1, 1), "stop"))
        record.start_call(call)
        record.end_call(ToolMessage(call, result))
    record.complete()
    return record


@pytest.mark.parametrize(
    ("result", "text", "argument"),
    [("r" * 20_000, "", ""), ("", "t" * 50_000, ""), ("", "", "a" * 100_000), ("ü" * 16_000,) * 3],
    ids=["results", "texts", "arguments", "everything"],
)
async def test_a_large_status_is_shortened_until_it_fits_and_stays_complete(
    result: str, text: str, argument: str
) -> None:
    status = record_with(50, result, text, argument).snapshot()
    assert status.ByteSize() > LARGEST_STATUS

    small = fitted(status)

    assert small.ByteSize() <= LARGEST_STATUS
    assert small.phase == EXECUTION_COMPLETED
    assert len(small.tool_calls) == 50
    assert [message.type for message in small.messages].count(MESSAGE_AI) == 50
    MessageToJson(small)


async def test_a_status_that_fits_is_left_alone() -> None:
    status = record_with(3, "r" * 1000).snapshot()

    before = status.SerializeToString(deterministic=True)
    assert fitted(status).SerializeToString(deterministic=True) == before


async def test_calls_that_have_not_ended_are_told_as_failed_when_the_run_ends() -> None:
    record = Record()
    call = request(1)
    record.end_turn(Turn("", (call,), Usage(), "stop"))
    record.start_call(call)

    record.fail("out of luck")

    status = record.snapshot()
    assert status.tool_calls[0].status == TOOL_CALL_FAILED
    assert status.tool_calls[0].error == "the execution failed before this call came to an end"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"a": [1, True, None, "x", 1.5]}, {"a": [1.0, True, None, "x", 1.5]}),
        ({"a": float("inf"), "b": float("nan")}, {"a": "inf", "b": "nan"}),
        ({"a": 10**400}, {"a": str(10**400)}),
        ({"a": 2**53}, {"a": float(2**53)}),
        ({"\ud83d": "\ud83d"}, {"?": "?"}),
    ],
)
def test_what_a_struct_cannot_hold_becomes_text(given: dict[str, Any], kept: Any) -> None:
    struct = Struct.FromString(to_struct(given).SerializeToString())

    assert MessageToDict(struct) == kept


def test_deep_values_are_kept_as_text() -> None:
    nested: dict[str, Any] = {"end": 1}
    for _ in range(200):
        nested = {"deeper": nested}

    struct = Struct.FromString(to_struct(nested).SerializeToString())

    assert '{"end": 1}' in str(MessageToDict(struct))


def test_secrets_are_hidden_the_longer_first_and_too_short_ones_are_none() -> None:
    redactor = Redactor(["pass", "password", "x", ""])

    assert redactor.clean("password, pass, x") == "***, ***, x"


def test_texts_are_cut_and_made_valid() -> None:
    assert shortened("abcdef", 4) == "abcd\n… (2 more characters)"
    assert shortened("abcd", 4) == "abcd"
    assert valid("a\ud83db") == "a?b"
