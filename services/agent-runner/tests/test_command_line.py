"""The command: what it prints and how it exits."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.program import SOURCES


def command(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run it."""
    return subprocess.run(
        [sys.executable, "-m", "agent_runner", *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCES), **variables},
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_the_version_tells_the_digest_of_the_sources() -> None:
    package = SOURCES / "agent_runner"
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(package)}\n"
        for path in sorted(package.rglob("*.py"), key=lambda one: str(one.relative_to(package)))
    ]
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()

    answer = command("--version")

    assert (answer.returncode, answer.stdout) == (0, f"agent-runner 0.1.0 sources {digest}\n")


def test_the_version_of_a_copy_is_that_of_its_own_files(tmp_path: Path) -> None:
    for path in (SOURCES / "agent_runner").rglob("*.py"):
        target = tmp_path / path.relative_to(SOURCES)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    same = command("--version", PYTHONPATH=str(tmp_path)).stdout
    (tmp_path / "agent_runner/_clock.py").write_text("# changed\n", encoding="utf-8")
    changed = command("--version", PYTHONPATH=str(tmp_path)).stdout

    assert same == command("--version").stdout != changed


def test_good_settings_are_good() -> None:
    answer = command("--check", MODE="local")

    assert (answer.returncode, answer.stdout) == (0, "settings are good\n")


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_wrong_settings_end_the_program_with_2_and_one_message(arguments: list[str]) -> None:
    answer = command(*arguments, MODE="local", TEMPORAL_MAX_CONCURRENCY="many", LOG_LEVEL="loud")

    assert answer.returncode == 2
    lines = answer.stderr.splitlines()
    assert lines[0] == "agent-runner: wrong settings"
    assert [line.split(": ")[0] for line in lines[1:]] == ["LOG_LEVEL", "TEMPORAL_MAX_CONCURRENCY"]


def test_a_wrong_argument_ends_the_program_with_2() -> None:
    answer = command("--fly")

    assert answer.returncode == 2
    assert "--fly" in answer.stderr


def test_the_help_names_every_option() -> None:
    answer = command("--help")

    assert answer.returncode == 0
    assert all(name in answer.stdout for name in ("--version", "--preload", "--check"))


def test_a_log_line_is_json_with_the_other_services_keys() -> None:
    script = """
from agent_runner._logs import configure_logs, logger
import logging
configure_logs("INFO")
logger().warning("it rains", workflow_id="w-1", error="wet")
logger().debug("not shown")
logging.getLogger("library").error("it %s", "pours")
"""
    answer = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(SOURCES)},
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )

    own, foreign = (json.loads(line) for line in answer.stderr.splitlines())
    assert own.pop("time").endswith("Z")
    assert own == {
        "level": "WARN",
        "msg": "it rains",
        "program": "agent-runner",
        "workflow_id": "w-1",
        "error": "wet",
    }
    assert (foreign["level"], foreign["msg"]) == ("ERROR", "it pours")
