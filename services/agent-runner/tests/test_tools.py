"""Built-in tools: asked for by a model, answered to it, told in the status."""

import os
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from support.http_server import ScriptedServer
from support.ollama_format import ollama_reply
from support.platform_server import PlatformServer
from support.settings import MakeSettings
from temporalio.testing import ActivityEnvironment

from agent_runner._activities import Activities
from ai.stigmer.agentic.agent.v1.agent_pb2 import AgentSpec
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    EXECUTION_COMPLETED,
    EXECUTION_FAILED,
    MESSAGE_AI,
    MESSAGE_TOOL,
    TODO_CANCELLED,
    TODO_COMPLETED,
    TODO_IN_PROGRESS,
    TODO_PENDING,
    TOOL_CALL_COMPLETED,
    TOOL_CALL_FAILED,
    AgentExecutionStatus,
    ToolCall,
)

Call = tuple[str, dict[str, Any]]


class Agent:
    """An agent whose model asks for what a test wants."""

    def __init__(
        self,
        activities: Activities,
        environment: ActivityEnvironment,
        server: PlatformServer,
        model: ScriptedServer,
    ) -> None:
        self._activities = activities
        self._environment = environment
        self._server = server
        self._model = model

    async def does(self, *turns: list[Call]) -> AgentExecutionStatus:
        """Run it: each turn is a list of calls, and the last word is "Done."."""
        execution = self._server.add_agent(AgentSpec())
        self._model.reply(*(ollama_reply(calls=calls) for calls in turns), ollama_reply("Done."))
        return await self._environment.run(self._activities.execute, execution, "thread-ses-1")

    def read(self) -> list[str]:
        """Answer what the tools told the model, of the last request."""
        messages = self._model.requests[-1].body["messages"]
        return [one["content"] for one in messages if one["role"] == "tool"]


@pytest.fixture
def agent(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> Agent:
    """An agent with the built-in tools."""
    return Agent(activities, environment, server, model)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The sandbox of the session."""
    folder = tmp_path / "sandboxes/ses-1"
    folder.mkdir(parents=True)
    return folder


def outcome(call: ToolCall) -> tuple[str, int, str]:
    """Answer what became of a call."""
    return call.name, call.status, call.error or call.result


async def test_a_file_that_one_call_writes_is_there_for_the_next_of_the_same_turn(
    agent: Agent, files: Path
) -> None:
    status = await agent.does(
        [
            ("write_file", {"file_path": "notes/plan.md", "content": "one\ntwo\n"}),
            ("read_file", {"file_path": "notes/plan.md"}),
        ]
    )

    assert [outcome(call) for call in status.tool_calls] == [
        ("write_file", TOOL_CALL_COMPLETED, "wrote notes/plan.md (8 bytes)"),
        ("read_file", TOOL_CALL_COMPLETED, "     1\tone\n     2\ttwo"),
    ]
    assert (files / "notes/plan.md").read_text(encoding="utf-8") == "one\ntwo\n"
    assert agent.read() == [call.result for call in status.tool_calls]


async def test_the_status_tells_a_call_with_arguments_times_and_the_tool_s_message(
    agent: Agent, files: Path
) -> None:
    (files / "a.txt").write_text("hello", encoding="utf-8")

    status = await agent.does([("read_file", {"file_path": "a.txt", "limit": 5})])

    call = status.tool_calls[0]
    assert MessageToDict(call.args) == {"file_path": "a.txt", "limit": 5.0}
    assert status.started_at <= call.started_at <= call.completed_at <= status.completed_at
    assert call.component_metadata.component_type == "preview"
    assert [(one.type, one.content) for one in status.messages] == [
        (MESSAGE_TOOL, "     1\thello"),
        (MESSAGE_AI, "Done."),
    ]
    assert status.messages[0].tool_calls[0].id == call.id
    usage = MessageToDict(status.messages[1].metadata)
    assert usage["usage"] == {"input_tokens": 7.0, "output_tokens": 3.0}
    assert usage["total_usage"] == {"input_tokens": 14.0, "output_tokens": 6.0}


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("read_file", {"file_path": "../../secret"}, "'../../secret' may not contain `..`"),
        ("read_file", {"file_path": "/etc/passwd"}, "'/etc/passwd' is outside of the sandbox"),
        ("read_file", {"file_path": "link"}, "'link' is a symbolic link"),
        ("write_file", {"file_path": "link", "content": "x"}, "'link' is a symbolic link"),
        ("ls", {"path": "absent"}, "'absent': no such file or directory"),
        ("read_file", {"file_path": "binary"}, "'binary' is not a text file"),
        ("read_file", {"file_path": "text", "offset": 9}, "'text' has only 2 lines"),
        ("read_file", {}, "wrong arguments: file_path: Field required"),
        ("read_file", {"file_path": "a", "limit": 0}, "wrong arguments: limit: "),
        ("ls", {"depth": 2}, "wrong arguments: depth: Extra inputs are not permitted"),
        (
            "edit_file",
            {"file_path": "text", "old_string": "x", "new_string": "y"},
            "'text' does not contain old_string",
        ),
        (
            "edit_file",
            {"file_path": "text", "old_string": "line", "new_string": "y"},
            "'text' contains old_string 2 times",
        ),
        (
            "edit_file",
            {"file_path": "latin", "old_string": "x", "new_string": "y"},
            "'latin' is not UTF-8 text",
        ),
        ("grep", {"pattern": "("}, "wrong pattern '('"),
        ("grep", {"pattern": "x", "path": ".."}, "'..' may not contain `..`"),
        ("glob", {"pattern": "*", "path": "/"}, "'/' is outside of the sandbox"),
        ("fly", {}, "there is no tool 'fly'; there are: write_todos, ls, read_file, "),
        ("task", {"description": "x", "subagent_type": "nobody"}, "there is no sub-agent 'nobody'"),
        ("write_todos", {"todos": [{"status": "open"}]}, "wrong arguments: todos.0.content: "),
        (
            "write_todos",
            {"todos": [{"id": "1", "content": "a"}, {"id": "1", "content": "b"}]},
            "two todos have the id '1'",
        ),
    ],
)
async def test_a_call_that_fails_is_told_to_the_model_which_goes_on(
    agent: Agent, files: Path, tmp_path: Path, name: str, arguments: dict[str, Any], error: str
) -> None:
    (tmp_path / "secret").write_text("hidden", encoding="utf-8")
    (files / "link").symlink_to(tmp_path / "secret")
    (files / "binary").write_bytes(b"\0\1")
    (files / "latin").write_bytes(b"x \xe9")
    (files / "text").write_text("line 1\nline 2\n", encoding="utf-8")

    status = await agent.does([(name, arguments)])

    assert status.phase == EXECUTION_COMPLETED
    assert status.tool_calls[0].status == TOOL_CALL_FAILED
    assert status.tool_calls[0].error.startswith(error)
    assert status.tool_calls[0].result == ""
    assert agent.read() == [status.tool_calls[0].error]
    assert (tmp_path / "secret").read_text(encoding="utf-8") == "hidden"


async def test_files_are_listed_found_searched_and_edited(agent: Agent, files: Path) -> None:
    (files / "src/deep").mkdir(parents=True)
    (files / "src/a.py").write_text("import os\nprint(1)\n", encoding="utf-8")
    (files / "src/deep/b.py").write_text("print(2)\nprint(22)\n", encoding="utf-8")
    (files / "readme.md").write_text("print nothing\n", encoding="utf-8")
    os.mkfifo(files / "pipe")

    status = await agent.does(
        [
            ("ls", {}),
            ("ls", {"path": "src"}),
            ("glob", {"pattern": "**/*.py"}),
            ("glob", {"pattern": "*.py", "path": "src"}),
            ("grep", {"pattern": r"print\(\d\)"}),
            ("grep", {"pattern": "print", "glob": "*.md"}),
            ("grep", {"pattern": "nowhere"}),
            ("edit_file", {"file_path": "src/a.py", "old_string": "1", "new_string": "one"}),
            (
                "edit_file",
                {
                    "file_path": "src/deep/b.py",
                    "old_string": "2",
                    "new_string": "3",
                    "replace_all": True,
                },
            ),
            ("read_file", {"file_path": "src/deep/b.py", "offset": 1, "limit": 1}),
        ]
    )

    assert [call.result for call in status.tool_calls] == [
        "pipe (special file)\nreadme.md (14 bytes)\nsrc/",
        "src/a.py (19 bytes)\nsrc/deep/",
        "src/a.py\nsrc/deep/b.py",
        "src/a.py",
        "src/a.py:2: print(1)\nsrc/deep/b.py:1: print(2)",
        "readme.md:1: print nothing",
        "(nothing found)",
        "replaced 1 occurrence in src/a.py",
        "replaced 3 occurrences in src/deep/b.py",
        "     2\tprint(33)",
    ]


async def test_a_pattern_that_never_ends_is_given_up(agent: Agent, files: Path) -> None:
    (files / "trap.txt").write_text("a" * 60 + "!\n", encoding="utf-8")

    status = await agent.does([("grep", {"pattern": "(a+)+$"})])

    assert status.tool_calls[0].status == TOOL_CALL_FAILED
    assert "takes too long" in status.tool_calls[0].error


async def test_todos_are_part_of_the_status_and_no_call_of_their_own(agent: Agent) -> None:
    first = [
        {"content": "Think.", "status": "in_progress"},
        {"content": "Write.", "status": "pending"},
    ]
    second = [{"content": "Think.", "status": "completed"}, {"content": "Write."}]

    status = await agent.does(
        [("write_todos", {"todos": first})], [("write_todos", {"todos": second})]
    )

    assert {key: (todo.content, todo.status) for key, todo in status.todos.items()} == {
        "1": ("Think.", TODO_COMPLETED),
        "2": ("Write.", TODO_PENDING),
    }
    assert all(todo.created_at < todo.updated_at for todo in status.todos.values())
    assert len(status.tool_calls) == 0
    assert [one.content for one in status.messages] == ["Done."]


async def test_todos_that_are_dropped_stay_as_given_up(agent: Agent) -> None:
    todos = [{"id": "think", "content": "Think.", "status": "in_progress"}]

    status = await agent.does([("write_todos", {"todos": todos})], [("write_todos", {"todos": []})])

    assert TODO_IN_PROGRESS != status.todos["think"].status == TODO_CANCELLED


async def test_a_model_that_always_asks_for_more_is_stopped(
    make_settings: MakeSettings, agent: Agent, server: PlatformServer, model: ScriptedServer
) -> None:
    make_settings()
    model.choose = lambda _: ollama_reply(calls=[("ls", {})])

    status = await agent.does()

    assert status.phase == EXECUTION_FAILED
    assert "50 turns" in status.error
    assert "STIGMER_AGENT_MAX_TURNS" in status.error
    assert len(model.requests) == 50
    assert len(server.updates[-1].tool_calls) == 50


async def test_arguments_that_protobuf_cannot_hold_do_not_break_the_status(agent: Agent) -> None:
    nested: dict[str, Any] = {}
    for _ in range(60):
        nested = {"deeper": nested}
    odd = {"half": "\ud83d", "nested": nested, "none": None}

    status = await agent.does([("fly", odd)], [("ls", {"path": float("inf")})])

    assert status.phase == EXECUTION_COMPLETED
    read_back = AgentExecutionStatus.FromString(status.SerializeToString())
    arguments = MessageToDict(read_back.tool_calls[0].args)
    assert (arguments["half"], arguments["none"]) == ("?", None)
    assert "Infinity is not JSON" in read_back.tool_calls[1].error
