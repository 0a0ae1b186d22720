"""A scripted model as a process, and what the tests say to it."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Self, TypeAlias

# JSON of a script, a request or a tool has no narrower type.
Json: TypeAlias = Any


class ScriptedModel:
    """One model that follows one script; ends when it is closed."""

    def __init__(self, script: Path) -> None:
        program = os.environ["SCRIPTED_MODEL"]
        self._process = subprocess.Popen(  # noqa: S603 the program that was just built
            [program, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        addresses = json.loads(self._output.readline())
        self.ollama: str = addresses["ollama"]
        self.openai: str = addresses["openai"]
        self.anthropic: str = addresses["anthropic"]

    @property
    def _output(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _ask(self, question: str) -> Json:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{question}\n")
        self._process.stdin.flush()
        return json.loads(self._output.readline())

    def requests(self) -> list[Json]:
        """All requests so far."""
        return self._ask("requests")

    def release(self) -> None:
        """Let go what hangs."""
        self._ask("release")

    def verify(self) -> None:
        """Fail with the difference where script and requests differ."""
        difference = self._ask("verify")
        assert difference is None, difference

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=20)


Serve = Callable[..., ScriptedModel]
