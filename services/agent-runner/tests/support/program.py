"""The runner as a program."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "src"
Process = asyncio.subprocess.Process


@contextlib.asynccontextmanager
async def program(*arguments: str, **variables: str) -> AsyncGenerator[Process]:
    """Run the program; it is killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "agent_runner", *arguments),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCES)} | variables,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def logged(process: Process, text: str) -> None:
    """Wait until the program has written a line with the text to standard error."""
    assert process.stderr is not None
    async with asyncio.timeout(20):
        while text.encode() not in (line := await process.stderr.readline()):
            assert line, f"the program ended before it logged {text!r}"
