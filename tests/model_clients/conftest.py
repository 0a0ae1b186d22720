"""What the tests of all clients share."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripted_model import Json, ScriptedModel, Serve


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a model with these replies, to be used once."""
    with ExitStack() as stack:

        def start(*replies: Json, **rest: Json) -> ScriptedModel:
            script = tmp_path / "script.json"
            script.write_text(json.dumps({"replies": replies, **rest}), encoding="utf-8")
            return stack.enter_context(ScriptedModel(script))

        yield start
