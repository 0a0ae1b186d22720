"""What surrounds an execution: its session, environment and skills."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from support.dialects import DIALECTS, Dialect
from support.http_server import Reply, ScriptedServer
from support.ollama_format import ollama_reply
from support.platform_server import PlatformServer
from support.settings import MakeSettings
from temporalio.testing import ActivityEnvironment

from agent_runner._activities import Activities
from agent_runner._environment import merge
from agent_runner._errors import ConfigurationError
from ai.stigmer.agentic.agent.v1.agent_pb2 import Agent, AgentSpec
from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import (
    AgentExecution,
    AgentExecutionSpec,
)
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import (
    EXECUTION_COMPLETED,
    EXECUTION_FAILED,
    EXECUTION_IN_PROGRESS,
    AgentExecutionStatus,
    ExecutionPhase,
)
from ai.stigmer.agentic.environment.v1.environment_pb2 import (
    Environment,
    EnvironmentSpec,
    EnvironmentValue,
)
from ai.stigmer.agentic.executioncontext.v1.execution_context_pb2 import ExecutionValue
from ai.stigmer.agentic.skill.v1.skill_pb2 import Skill, SkillSpec, SkillStatus
from ai.stigmer.commons.apiresource.metadata_pb2 import ApiResourceMetadata
from ai.stigmer.commons.apiresource.reference_pb2 import ApiResourceReference


def later(execution: AgentExecution, execution_id: str, message: str) -> AgentExecution:
    """Make another execution of the same session."""
    another = AgentExecution()
    another.CopyFrom(execution)
    another.metadata.id = execution_id
    another.spec.message = message
    return another


def stored(
    execution: AgentExecution, status: AgentExecutionStatus, phase: ExecutionPhase
) -> AgentExecution:
    """Make the execution as the server keeps it."""
    kept = AgentExecution()
    kept.CopyFrom(execution)
    kept.status.CopyFrom(status)
    kept.status.phase = phase
    return kept


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.provider)
async def test_the_model_is_told_what_was_said_before_in_the_session(
    dialect: Dialect,
    make_settings: MakeSettings,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    from agent_runner._platform import Platform

    settings = make_settings(**dialect.variables(model))
    platform = Platform(settings)
    activities = Activities(settings, platform)
    first = server.add_agent(AgentSpec())
    model.reply(
        dialect.reply("Let me look.", calls=[("ls", {})]),
        dialect.reply(calls=[("ls", {"path": "absent"})]),
        dialect.reply("Nothing there."),
    )
    status = await environment.run(activities.execute, first, "thread-ses-1")
    server.executions.append(stored(first, status, EXECUTION_COMPLETED))
    model.reply(dialect.reply("As I said."))

    await environment.run(activities.execute, later(first, "aex-3", "again?"), "thread-ses-1")
    await activities.close()
    await platform.close()

    # The last request of the first run, its answer, and the new question make the new request.
    before, after = (request.body["messages"] for request in model.requests[-2:])
    assert _texts(after)[: len(_texts(before))] == _texts(before)
    assert _texts(after)[len(_texts(before)) :] == [
        "Nothing there.",
        "again?\n\n---\nContext:\n- Organization: local",
    ]


def _texts(messages: list[dict[str, Any]]) -> list[str]:
    """Answer all texts of a conversation, in any provider's format."""
    texts: list[str] = []
    for message in messages:
        content = message.get("content", "")
        blocks: list[dict[str, Any]] = [{"text": content}] if isinstance(content, str) else content
        texts += [
            block.get("text") or block.get("content") or str(block.get("input")) for block in blocks
        ]
        texts += [str(call["function"]["arguments"]) for call in message.get("tool_calls") or ()]
    return [text for text in texts if text]


async def test_only_earlier_executions_that_have_ended_and_said_something_are_told(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
) -> None:
    current = server.add_agent(AgentSpec())
    model.reply(
        Reply([b'{"error": "away"}'], status=500), ollama_reply("One."), ollama_reply("Two.")
    )
    failed = await environment.run(activities.execute, current, "t")
    spoken = await environment.run(activities.execute, current, "t")
    server.executions += [
        stored(later(current, "aex-0", "failed at once"), failed, EXECUTION_FAILED),
        stored(later(current, "aex-1", "said something"), spoken, EXECUTION_FAILED),
        stored(later(current, "aex-11", "still running"), spoken, EXECUTION_IN_PROGRESS),
        stored(later(current, "aex-9", "came later"), spoken, EXECUTION_COMPLETED),
    ]

    await environment.run(activities.execute, current, "t")

    told = [one["content"].split("\n")[0] for one in model.requests[-1].body["messages"]]
    assert told == ["You answer questions.", "said something", "One.", "hello"]


def test_environments_are_merged_in_their_order_and_a_secret_stays_one() -> None:
    agent = Agent(
        spec=AgentSpec(
            env_spec=EnvironmentSpec(
                data={
                    "A": EnvironmentValue(value="agent"),
                    "B": EnvironmentValue(value="agent", is_secret=True),
                    "C": EnvironmentValue(value="agent"),
                    "D": EnvironmentValue(value="agent"),
                }
            )
        )
    )
    environments = [
        Environment(
            spec=EnvironmentSpec(
                data={name: EnvironmentValue(value="first") for name in ("B", "C", "D")}
            )
        ),
        Environment(
            spec=EnvironmentSpec(
                data={name: EnvironmentValue(value="second") for name in ("C", "D")}
            )
        ),
    ]
    runtime = {"D": ExecutionValue(value="run", is_secret=True)}
    execution = AgentExecution(spec=AgentExecutionSpec(runtime_env=runtime))

    variables = merge(agent, environments, execution)

    assert variables.values == {"A": "agent", "B": "first", "C": "second", "D": "run"}
    assert sorted(variables.secrets) == ["first", "run"]
    assert variables.fill("$A ${A}-${D} $", "here") == "$A agent-run $"
    with pytest.raises(ConfigurationError, match="here needs X, Y, which has no value"):
        variables.fill("${Y}${A}${X}", "here")


async def test_an_environment_that_is_not_there_fails_the_execution(
    activities: Activities, environment: ActivityEnvironment, server: PlatformServer
) -> None:
    execution = server.add_agent(AgentSpec())
    server.instances["ain-1"].spec.environment_refs.append(ApiResourceReference(slug="prod"))

    status = await environment.run(activities.execute, execution, "t")

    assert status.phase == EXECUTION_FAILED
    assert "Environment not found: prod" in status.error


def archive(**files: bytes) -> bytes:
    """Make a ZIP archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        for name, content in files.items():
            zipped.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


def add_skill(server: PlatformServer, slug: str, packed: bytes | None = None) -> None:
    """Add a skill, with an archive if there is one."""
    status = SkillStatus(artifact_storage_key=f"key-{slug}") if packed is not None else None
    server.skills[slug] = Skill(
        metadata=ApiResourceMetadata(name=slug.title(), slug=slug),
        spec=SkillSpec(skill_md=f"# How to {slug}\n"),
        status=status,
    )
    if packed is not None:
        server.artifacts[f"key-{slug}"] = packed


async def test_skills_are_told_in_the_system_prompt_and_their_files_lie_in_the_sandbox(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    model: ScriptedServer,
    tmp_path: Path,
) -> None:
    add_skill(server, "cook")
    add_skill(server, "bake", archive(**{"SKILL.md": b"# How", "lib__oven.py": b"heat()"}))
    references = [ApiResourceReference(slug="cook"), ApiResourceReference(slug="bake")]
    execution = server.add_agent(AgentSpec(instructions="Be a chef.", skill_refs=references))
    model.reply(ollama_reply("Yes."))

    status = await environment.run(activities.execute, execution, "t")

    assert status.phase == EXECUTION_COMPLETED, status.error
    assert model.requests[0].body["messages"][0]["content"] == (
        "Be a chef.\n\n## Skills\n\n### Cook\n\n# How to cook"
        "\n\n### Bake\nIts files are in `skills/bake`.\n\n# How to bake"
    )
    assert (tmp_path / "sandboxes/ses-1/skills/bake/lib/oven.py").read_bytes() == b"heat()"


@pytest.mark.parametrize(
    ("packed", "problem"),
    [
        (archive(**{"..__..__..__escape.txt": b"x"}), "may not contain `..`"),
        (archive(**{"big.bin": b"0" * (2 * 1024 * 1024)}), "is the most"),
        (b"no archive at all", "File is not a zip file"),
    ],
)
async def test_an_archive_that_cannot_be_unpacked_fails_the_execution(
    activities: Activities,
    environment: ActivityEnvironment,
    server: PlatformServer,
    tmp_path: Path,
    packed: bytes,
    problem: str,
) -> None:
    add_skill(server, "bake", packed)
    execution = server.add_agent(AgentSpec(skill_refs=[ApiResourceReference(slug="bake")]))

    status = await environment.run(activities.execute, execution, "t")

    assert status.phase == EXECUTION_FAILED
    assert status.error.startswith("the archive of the skill 'Bake' cannot be unpacked: ")
    assert problem in status.error
    assert not (tmp_path / "escape.txt").exists()


async def test_a_sandbox_is_removed_with_its_session_and_nothing_else_is(
    activities: Activities, environment: ActivityEnvironment, tmp_path: Path
) -> None:
    for name in ("ses-1", "ses-2"):
        (tmp_path / "sandboxes" / name / "notes").mkdir(parents=True)

    for sandbox_id in ("ses-1", "ses-9", "..", "../sandboxes"):
        await environment.run(activities.cleanup_sandbox, sandbox_id)

    assert [one.name for one in (tmp_path / "sandboxes").iterdir()] == ["ses-2"]
