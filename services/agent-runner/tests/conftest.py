"""Fixtures: a scripted model, the platform's server, and activities run as Temporal runs them."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.http_server import ScriptedServer, scripted_server
from support.http_tools import HttpToolServer
from support.platform_server import PlatformServer
from support.settings import MakeSettings
from temporalio.testing import ActivityEnvironment

from agent_runner._activities import Activities
from agent_runner._platform import Platform
from agent_runner._settings import Settings, load_settings


@pytest.fixture
async def model() -> AsyncGenerator[ScriptedServer]:
    """A scripted service of a language model."""
    async with scripted_server() as server:
        yield server


@pytest.fixture
async def server() -> AsyncGenerator[PlatformServer]:
    """The platform's server."""
    platform = PlatformServer()
    await platform.start()
    yield platform
    await platform.stop()


@pytest.fixture
def make_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: PlatformServer, model: ScriptedServer
) -> MakeSettings:
    """Make settings from environment variables, on top of those of a local stack."""

    def make(**variables: str) -> Settings:
        stack = {
            "MODE": "local",
            "STIGMER_BACKEND_ENDPOINT": server.endpoint,
            "STIGMER_API_KEY": "key-of-the-stack",
            "OLLAMA_BASE_URL": model.url,
            "STIGMER_LLM_MODEL": "scripted",
            "SANDBOX_ROOT_DIR": str(tmp_path / "sandboxes"),
        }
        for name, value in (stack | variables).items():
            monkeypatch.setenv(name, value)
        return load_settings()

    return make


@pytest.fixture
async def activities(make_settings: MakeSettings) -> AsyncGenerator[Activities]:
    """The activities with the settings of a local stack."""
    settings = make_settings()
    platform = Platform(settings)
    made = Activities(settings, platform)
    yield made
    await made.close()
    await platform.close()


@pytest.fixture
def environment() -> ActivityEnvironment:
    """Temporal's side of an activity, with the limits that the platform sets."""
    environment = ActivityEnvironment()
    environment.info = replace(
        environment.info,
        activity_type="ExecuteGraphton",
        workflow_id="stigmer/agent-execution/invoke/aex-2",
        schedule_to_close_timeout=None,
        start_to_close_timeout=timedelta(seconds=20),
        heartbeat_timeout=timedelta(seconds=1),
    )
    return environment


@pytest.fixture
async def http(tmp_path: Path) -> AsyncGenerator[HttpToolServer]:
    """A tool server over HTTP."""
    tool_server = HttpToolServer(tmp_path)
    async with tool_server.serving():
        yield tool_server
