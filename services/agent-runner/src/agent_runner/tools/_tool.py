"""A tool, and the box of tools that an agent has."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from agent_runner._conversation import JsonObject, ToolMessage, ToolRequest, ToolSpec
from agent_runner._errors import ToolError
from agent_runner._text import Redactor, shortened, valid

ArgumentsT = TypeVar("ArgumentsT", bound="Arguments")
# What a model can make use of; more would only fill its context.
_ANSWER_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class Tool:
    """What the model is told of a tool, and how it is run. A failure is a ToolError."""

    spec: ToolSpec
    run: Callable[[JsonObject], Awaitable[str]]


class CallLog(Protocol):
    """Whoever wants to know of calls."""

    def start_call(self, request: ToolRequest) -> None:
        """A call begins."""
        ...

    def end_call(self, answer: ToolMessage) -> None:
        """A call has ended."""
        ...


class AgentToolbox:
    """The tools of one agent."""

    def __init__(self, tools: Sequence[Tool], log: CallLog, redactor: Redactor) -> None:
        """Take the tools; no two may have one name."""
        self._tools = {tool.spec.name: tool for tool in tools}
        self._log = log
        self._redactor = redactor
        self.specs = tuple(tool.spec for tool in tools)

    async def call_all(self, requests: Sequence[ToolRequest]) -> list[ToolMessage]:
        """Run the calls of one turn side by side and answer in their order."""
        async with asyncio.TaskGroup() as group:
            calls = [group.create_task(self._call(request)) for request in requests]
        return [call.result() for call in calls]

    async def _call(self, request: ToolRequest) -> ToolMessage:
        self._log.start_call(request)
        try:
            text, failed = await self._run(request), False
        except ToolError as error:
            text, failed = str(error), True
        cleaned = shortened(valid(self._redactor.clean(text)), _ANSWER_CHARACTERS)
        answer = ToolMessage(request, cleaned, failed)
        self._log.end_call(answer)
        return answer

    async def _run(self, request: ToolRequest) -> str:
        if request.mistake:
            raise ToolError(request.mistake)
        tool = self._tools.get(request.name)
        if tool is None:
            message = f"there is no tool {request.name!r}; there are: {', '.join(self._tools)}"
            raise ToolError(message)
        return await tool.run(request.arguments)


class Arguments(BaseModel):
    """Arguments of a built-in tool; the fields' descriptions are for the model."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def built_in(
    name: str,
    description: str,
    arguments: type[ArgumentsT],
    function: Callable[[ArgumentsT], Awaitable[str]],
) -> Tool:
    """Make a tool of a function whose arguments are checked before it is called."""

    async def run(given: JsonObject) -> str:
        try:
            checked = arguments.model_validate(given)
        except ValidationError as error:
            mistakes = "; ".join(
                f"{'.'.join(map(str, one['loc'])) or 'arguments'}: {one['msg']}"
                for one in error.errors()
            )
            message = f"wrong arguments: {mistakes}"
            raise ToolError(message) from error
        return await function(checked)

    return Tool(ToolSpec(name, description, _schema(arguments)), run)


def _schema(arguments: type[Arguments]) -> JsonObject:
    """Answer the schema for models: without the titles that pydantic adds."""
    schema: JsonObject = arguments.model_json_schema()
    return {key: _untitled(value) for key, value in schema.items() if key != "title"}


def _untitled(value: JsonValue) -> JsonValue:
    match value:
        case dict():
            return {
                key: _untitled(one)
                for key, one in value.items()
                if not (key == "title" and isinstance(one, str))
            }
        case list():
            return [_untitled(one) for one in value]
        case _:
            return value
