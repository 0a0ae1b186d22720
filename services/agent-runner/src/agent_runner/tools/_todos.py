"""Built-in tool write_todos: the agent's list of things to do, as part of the status."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agent_runner._clock import now
from agent_runner._errors import ToolError
from agent_runner._record import Record
from agent_runner._text import valid
from agent_runner.tools._tool import Arguments, Tool, built_in
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    TODO_CANCELLED,
    TODO_COMPLETED,
    TODO_IN_PROGRESS,
    TODO_PENDING,
    TodoItem,
)

_STATUS = {
    "pending": TODO_PENDING,
    "in_progress": TODO_IN_PROGRESS,
    "completed": TODO_COMPLETED,
    "cancelled": TODO_CANCELLED,
}


class _Todo(BaseModel):
    # Models like to add fields of their own, a priority for one; that is no reason to refuse.
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(default="", description="Keeps its identity over later calls.")
    content: str = Field(min_length=1, max_length=2000, description="What is to be done.")
    status: Literal["pending", "in_progress", "completed", "cancelled"] = "pending"


class _WriteTodos(Arguments):
    todos: list[_Todo] = Field(max_length=200, description="The whole list, replacing the last.")


def todo_tool(record: Record) -> Tool:
    """Make the tool."""

    async def write(arguments: _WriteTodos) -> str:
        earlier = record.todos()
        todos: dict[str, TodoItem] = {}
        for position, todo in enumerate(arguments.todos, start=1):
            key = valid(todo.id) or str(position)
            if key in todos:
                message = f"two todos have the id {key!r}"
                raise ToolError(message)
            created = earlier[key].created_at if key in earlier else now()
            todos[key] = TodoItem(
                id=key,
                content=valid(todo.content),
                status=_STATUS[todo.status],
                created_at=created,
                updated_at=now(),
            )
        # An empty list would change nothing in the store, which keeps what is not sent: the todos
        # that are no longer wanted stay, as given up.
        if not todos:
            todos = earlier
            for todo in todos.values():
                todo.status, todo.updated_at = TODO_CANCELLED, now()
        record.set_todos(todos)
        return f"{len(arguments.todos)} todos noted"

    return built_in("write_todos", "Write down the list of things to do.", _WriteTodos, write)
