"""Built-in tools for files: ls, read_file, write_file, edit_file."""

import asyncio
from collections.abc import Awaitable, Callable

from pydantic import Field

from agent_runner._errors import ToolError
from agent_runner.tools._sandbox import Entry, Sandbox
from agent_runner.tools._tool import Arguments, ArgumentsT, Tool, built_in

# What fits a model's context besides all the rest.
_LINES = 2000
_LINE_CHARACTERS = 2000
_ENTRIES = 1000


class _Ls(Arguments):
    path: str = Field(default=".", description="Directory, relative to the sandbox.")


class _ReadFile(Arguments):
    file_path: str = Field(description="File, relative to the sandbox.")
    offset: int = Field(default=0, ge=0, description="Lines to skip.")
    limit: int = Field(default=_LINES, ge=1, le=_LINES, description="Lines to read at most.")


class _WriteFile(Arguments):
    file_path: str = Field(description="File, relative to the sandbox.")
    content: str = Field(description="The whole new content.")


class _EditFile(Arguments):
    file_path: str = Field(description="File, relative to the sandbox.")
    old_string: str = Field(min_length=1, description="Text to replace, exactly as it stands.")
    new_string: str = Field(description="Text to put there.")
    replace_all: bool = Field(default=False, description="Replace every occurrence.")


def file_tools(sandbox: Sandbox, in_order: asyncio.Lock) -> list[Tool]:
    """Make the tools. `in_order` lets the calls of one turn happen one after the other."""

    def offloaded(
        function: Callable[[Sandbox, ArgumentsT], str],
    ) -> Callable[[ArgumentsT], Awaitable[str]]:
        async def run(arguments: ArgumentsT) -> str:
            async with in_order:
                return await asyncio.to_thread(function, sandbox, arguments)

        return run

    return [
        built_in("ls", "List a directory.", _Ls, offloaded(_ls)),
        built_in("read_file", "Read a text file; lines are numbered.", _ReadFile, offloaded(_read)),
        built_in("write_file", "Make or replace a file.", _WriteFile, offloaded(_write)),
        built_in("edit_file", "Replace a text in a file.", _EditFile, offloaded(_edit)),
    ]


def text_of(content: bytes, path: str) -> str:
    """The text of a file.

    Raises:
        ToolError: it is not text.
    """
    if b"\0" in content:
        message = f"{path!r} is not a text file"
        raise ToolError(message)
    return content.decode("utf-8", "replace")


def _ls(sandbox: Sandbox, arguments: _Ls) -> str:
    entries = sandbox.entries(arguments.path)
    lines = [
        f"{entry.path}/" if entry.kind == "directory" else f"{entry.path} ({_size(entry)})"
        for entry in entries[:_ENTRIES]
    ]
    if len(entries) > _ENTRIES:
        lines.append(f"… ({len(entries) - _ENTRIES} more)")
    return "\n".join(lines) or "(empty)"


def _size(entry: Entry) -> str:
    return f"{entry.size} bytes" if entry.kind == "file" else entry.kind


def _read(sandbox: Sandbox, arguments: _ReadFile) -> str:
    text = text_of(sandbox.read(arguments.file_path), arguments.file_path)
    lines = text.splitlines()
    if not lines:
        return "(empty)"
    if arguments.offset >= len(lines):
        message = f"{arguments.file_path!r} has only {len(lines)} lines"
        raise ToolError(message)
    end = arguments.offset + arguments.limit
    chosen = [
        f"{number:6}\t{line[:_LINE_CHARACTERS]}"
        for number, line in enumerate(lines[arguments.offset : end], start=arguments.offset + 1)
    ]
    if end < len(lines):
        chosen.append(f"… ({len(lines) - end} more lines; read on with offset {end})")
    return "\n".join(chosen)


def _write(sandbox: Sandbox, arguments: _WriteFile) -> str:
    content = arguments.content.encode("utf-8", "replace")
    sandbox.write(arguments.file_path, content)
    return f"wrote {arguments.file_path} ({len(content)} bytes)"


def _edit(sandbox: Sandbox, arguments: _EditFile) -> str:
    path = arguments.file_path
    content = sandbox.read(path)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"{path!r} is not UTF-8 text"
        raise ToolError(message) from error
    found = text.count(arguments.old_string)
    if found == 0:
        message = f"{path!r} does not contain old_string"
        raise ToolError(message)
    if found > 1 and not arguments.replace_all:
        message = (
            f"{path!r} contains old_string {found} times;"
            " give more of the text around it, or set replace_all"
        )
        raise ToolError(message)
    edited = text.replace(arguments.old_string, arguments.new_string)
    sandbox.write(path, edited.encode("utf-8", "replace"))
    return f"replaced {found} occurrence{'s' if found > 1 else ''} in {path}"
