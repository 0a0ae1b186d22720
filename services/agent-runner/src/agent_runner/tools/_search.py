"""Built-in tools for finding: glob by names, grep by content."""

import asyncio
import fnmatch
import json
import re
import sys
from pathlib import Path

from pydantic import Field

from agent_runner._errors import ToolError
from agent_runner.tools._files import text_of
from agent_runner.tools._sandbox import LARGEST_FILE, Entry, Sandbox
from agent_runner.tools._tool import Arguments, Tool, built_in

# Bounds of one search: an answer within a second, and a context that is not flooded.
_WALK = 20_000
_NAMES = 1000
_MATCHES = 200
_BYTES = 20 * 1024 * 1024
_LINE_CHARACTERS = 300
# Expressions can take for ever; an honest one over the bytes above takes less than this.
_REGEX_SECONDS = 3.0
_REGEX_PROGRAM = Path(__file__).with_name("_grep_program.py")


class _Glob(Arguments):
    pattern: str = Field(
        min_length=1, max_length=500, description="Like `*.py` or `src/**/test_*.py`."
    )
    path: str = Field(default=".", description="Directory to start in, relative to the sandbox.")


class _Grep(Arguments):
    pattern: str = Field(
        min_length=1, max_length=500, description="Regular expression, matched against each line."
    )
    path: str = Field(default=".", description="Directory to search, relative to the sandbox.")
    glob: str = Field(default="**", max_length=500, description="Only files whose path matches.")


def search_tools(sandbox: Sandbox, in_order: asyncio.Lock) -> list[Tool]:
    """Make the tools. `in_order` lets the calls of one turn happen one after the other."""

    async def glob(arguments: _Glob) -> str:
        async with in_order:
            names = await asyncio.to_thread(_find, sandbox, arguments.path, arguments.pattern)
        shown = [entry.path + ("/" if entry.kind == "directory" else "") for entry in names]
        if len(shown) > _NAMES:
            shown = [*shown[:_NAMES], f"… ({len(shown) - _NAMES} more)"]
        return "\n".join(shown) or "(nothing found)"

    async def grep(arguments: _Grep) -> str:
        async with in_order:
            texts = await asyncio.to_thread(_texts, sandbox, arguments)
        matches = await _matches(arguments.pattern, texts)
        shown = [f"{path}:{number}: {line[:_LINE_CHARACTERS]}" for path, number, line in matches]
        if len(shown) > _MATCHES:
            shown = [*shown[:_MATCHES], "… (more matches; narrow the search)"]
        return "\n".join(shown) or "(nothing found)"

    return [
        built_in("glob", "Find files by the pattern of their path.", _Glob, glob),
        built_in("grep", "Find lines in files.", _Grep, grep),
    ]


def path_matches(path: str, pattern: str) -> bool:
    """Whether a path fits a pattern, in which `**` stands for any number of directories."""
    names, wanted = path.split("/"), pattern.strip("/").split("/")
    # possible[j]: the names so far fit the first j parts of the pattern.
    possible = [True] + [False] * len(wanted)
    for j, part in enumerate(wanted, start=1):
        possible[j] = possible[j - 1] and part == "**"
    for name in names:
        following = [False] * (len(wanted) + 1)
        for j, part in enumerate(wanted, start=1):
            if part == "**":
                following[j] = possible[j] or following[j - 1]
            else:
                following[j] = possible[j - 1] and fnmatch.fnmatchcase(name, part)
        possible = following
    return possible[-1]


def _find(sandbox: Sandbox, start: str, pattern: str) -> list[Entry]:
    prefix = _prefix(start)
    return sorted(
        (
            entry
            for entry in sandbox.walk(start, _WALK)
            if path_matches(entry.path.removeprefix(prefix), pattern)
        ),
        key=lambda entry: entry.path,
    )


def _prefix(start: str) -> str:
    parts = [part for part in start.split("/") if part not in {"", "."}]
    return "".join(f"{part}/" for part in parts)


def _texts(sandbox: Sandbox, arguments: _Grep) -> list[tuple[str, str]]:
    texts: list[tuple[str, str]] = []
    total = 0
    for entry in _find(sandbox, arguments.path, arguments.glob):
        if entry.kind != "file" or entry.size > LARGEST_FILE:
            continue
        total += entry.size
        if total > _BYTES:
            break
        try:
            texts.append((entry.path, text_of(sandbox.read(entry.path), entry.path)))
        except ToolError:  # not text, or no longer there
            continue
    return texts


async def _matches(pattern: str, texts: list[tuple[str, str]]) -> list[tuple[str, int, str]]:
    """Matching lines, one more than is shown."""
    try:
        re.compile(pattern)
    except re.error as error:
        message = f"wrong pattern {pattern!r}: {error}"
        raise ToolError(message) from error
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-S", str(_REGEX_PROGRAM)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    request = json.dumps({"pattern": pattern, "texts": texts, "limit": _MATCHES + 1})
    try:
        async with asyncio.timeout(_REGEX_SECONDS):
            answer, _ = await process.communicate(request.encode())
    except TimeoutError as error:
        message = f"the pattern {pattern!r} takes too long; make it simpler"
        raise ToolError(message) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return json.loads(answer)
