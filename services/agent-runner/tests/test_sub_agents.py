"""Tasks for sub-agents: their own instructions and tools, and what the status tells of them."""

import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from support.http_server import Reply, Request, ScriptedServer
from support.ollama_format import ollama_reply
from support.platform_server import PlatformServer
from temporalio.testing import ActivityEnvironment

from agent_runner._activities import Activities
from ai.stigmer.agentic.agent.v1.agent_pb2 import AgentSpec, SubAgent
from ai.stigmer.agentic.agent.v1.mcp_server_pb2 import (
    McpServerDefinition,
    McpToolSelection,
    StdioServer,
)
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    EXECUTION_COMPLETED,
    EXECUTION_FAILED,
    SUB_AGENT_COMPLETED,
    SUB_AGENT_FAILED,
    TOOL_CALL_COMPLETED,
    TOOL_CALL_FAILED,
    AgentExecutionStatus,
)

PROGRAM = str(Path(__file__).parent / "support/tool_server.py")


@pytest.fixture
def run(activities: Activities, environment: ActivityEnvironment, server: PlatformServer) -> Any:
    """Run an agent."""

    async def run(spec: AgentSpec) -> AgentExecutionStatus:
        return await environment.run(activities.execute, server.add_agent(spec), "t")

    return run


def researcher(**more: Any) -> SubAgent:
    """Define a sub-agent."""
    return SubAgent(
        name="researcher", description="finds things", instructions="You find things.", **more
    )


def task(description: str, name: str = "researcher") -> tuple[str, dict[str, Any]]:
    """Ask for a task."""
    return ("task", {"description": description, "subagent_type": name})


async def test_a_task_is_done_with_the_sub_agent_s_instructions_and_told_in_the_status(
    run: Any, model: ScriptedServer
) -> None:
    model.reply(
        ollama_reply(calls=[task("Find the answer.")]),
        ollama_reply(calls=[("write_file", {"file_path": "found.txt", "content": "42"})]),
        ollama_reply("It is 42."),
        ollama_reply("The researcher says 42."),
    )

    status = await run(AgentSpec(sub_agents=[researcher()]))

    assert status.phase == EXECUTION_COMPLETED
    assert [(call.name, call.status, call.result) for call in status.tool_calls] == [
        ("task", TOOL_CALL_COMPLETED, "It is 42.")
    ]
    (told,) = status.sub_agent_executions
    assert (told.id, told.name, told.input, told.output, told.status) == (
        "sub-agent-1",
        "researcher",
        "Find the answer.",
        "It is 42.",
        SUB_AGENT_COMPLETED,
    )
    assert status.started_at <= told.started_at <= told.completed_at <= status.completed_at
    assert MessageToDict(told.metadata) == {
        "turns": 2.0,
        "tool_calls": 1.0,
        "usage": {"input_tokens": 14.0, "output_tokens": 6.0},
    }
    total = MessageToDict(status.messages[-1].metadata)["total_usage"]
    assert total == {"input_tokens": 28.0, "output_tokens": 12.0}
    asked = model.requests[1].body
    assert asked["messages"] == [
        {"role": "system", "content": "You find things."},
        {"role": "user", "content": "Find the answer."},
    ]
    names = [tool["function"]["name"] for tool in asked["tools"]]
    assert names == ["ls", "read_file", "write_file", "edit_file", "glob", "grep"]


async def test_several_tasks_of_one_turn_are_done_side_by_side(
    run: Any, model: ScriptedServer
) -> None:
    def choose(request: Request) -> Reply:
        said = request.body["messages"][-1]["content"]
        if said.startswith("hello"):
            return ollama_reply(calls=[task("one", "general-purpose"), task("two")])
        return ollama_reply(f"{said} is done") if said in {"one", "two"} else ollama_reply("Done.")

    model.choose = choose

    status = await run(AgentSpec(sub_agents=[researcher()]))

    assert [call.result for call in status.tool_calls] == ["one is done", "two is done"]
    assert [one.name for one in status.sub_agent_executions] == ["general-purpose", "researcher"]


async def test_a_sub_agent_whose_model_fails_fails_its_task_only(
    run: Any, model: ScriptedServer
) -> None:
    model.reply(
        ollama_reply(calls=[task("Find the answer.")]),
        Reply([b'{"error": "overloaded"}'], status=503),
        ollama_reply("No luck."),
    )

    status = await run(AgentSpec(sub_agents=[researcher()]))

    error = "ollama: overloaded (status code: 503)"
    assert status.phase == EXECUTION_COMPLETED
    assert (status.tool_calls[0].status, status.tool_calls[0].error) == (
        TOOL_CALL_FAILED,
        f"the sub-agent researcher failed: {error}",
    )
    assert (status.sub_agent_executions[0].status, status.sub_agent_executions[0].error) == (
        SUB_AGENT_FAILED,
        error,
    )


async def test_a_sub_agent_has_the_tools_that_are_chosen_for_it(
    run: Any, model: ScriptedServer
) -> None:
    server = McpServerDefinition(
        name="tests",
        stdio=StdioServer(command=sys.executable, args=[PROGRAM]),
        enabled_tools=["add", "fail"],
    )
    chosen = researcher(
        mcp_servers=["tests"],
        mcp_tool_selections={"tests": McpToolSelection(enabled_tools=["add"])},
    )
    model.reply(
        ollama_reply(calls=[task("Add."), task("Do something.", "general-purpose")]),
        *(ollama_reply("Done.") for _ in range(3)),
    )

    status = await run(AgentSpec(mcp_servers=[server], sub_agents=[chosen]))

    assert status.phase == EXECUTION_COMPLETED, status.error
    offered = {
        request.body["messages"][1]["content"]: [
            tool["function"]["name"] for tool in request.body["tools"][6:]
        ]
        for request in model.requests[1:3]
    }
    assert offered == {"Add.": ["add"], "Do something.": ["add", "fail"]}


@pytest.mark.parametrize(
    ("sub_agents", "error"),
    [
        ([researcher(), researcher()], "two sub-agents are named researcher"),
        (
            [researcher(mcp_servers=["web"])],
            "there is no tool server 'web'; the agent has: none",
        ),
        (
            [researcher(mcp_tool_selections={"web": McpToolSelection(enabled_tools=["x"])})],
            "the sub-agent researcher chooses tools of 'web', which is not among its mcp_servers",
        ),
    ],
)
async def test_a_sub_agent_that_cannot_be_made_fails_the_execution(
    run: Any, model: ScriptedServer, sub_agents: list[SubAgent], error: str
) -> None:
    status = await run(AgentSpec(sub_agents=sub_agents))

    assert (status.phase, status.error) == (EXECUTION_FAILED, error)
    assert model.requests == []
