"""Settings: the platform's variables and defaults, and every mistake told at once."""

from datetime import timedelta
from pathlib import Path

import pytest

from agent_runner._errors import SettingsError
from agent_runner._settings import Settings, load_settings

LOCAL = {"MODE": "local"}


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the tests' own environment may say."""
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        names = [str(one) for one in getattr(alias, "choices", [alias or name])]
        for variable in names:
            monkeypatch.delenv(variable, raising=False)


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    """Load from these variables."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_a_local_runner_has_the_platform_s_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **LOCAL)

    assert settings.temporal_address == "localhost:7233"
    assert settings.temporal_namespace == "default"
    assert settings.task_queue == "agent_execution_runner"
    assert settings.max_concurrency == 10
    assert settings.backend_endpoint == "localhost:50051"
    assert settings.api_key.get_secret_value() == "dummy-local-key"
    assert settings.sandbox_root == Path("workspace")
    assert settings.llm_provider == "ollama"
    assert settings.llm_model == "qwen2.5-coder:7b"
    assert settings.ollama_base_url == "http://localhost:11434"
    assert settings.max_turns == 50
    assert settings.agent_heartbeat == timedelta(seconds=30)
    assert settings.log_level == "INFO"
    assert not settings.backend_uses_tls


def test_a_cloud_runner_needs_a_key_and_a_sandbox_that_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SettingsError) as mistakes:
        load(monkeypatch)
    assert str(mistakes.value).splitlines() == [
        "STIGMER_API_KEY: must be set",
        (
            "SANDBOX_TYPE: this runner has no Daytona sandbox;"
            " set MODE=local, or SANDBOX_TYPE=filesystem"
        ),
    ]

    settings = load(
        monkeypatch, STIGMER_API_KEY="k", SANDBOX_TYPE="filesystem", ANTHROPIC_API_KEY="a"
    )
    assert settings.mode == "cloud"
    assert settings.backend_endpoint == "localhost:8080"
    assert (settings.llm_provider, settings.llm_model) == ("anthropic", "claude-sonnet-4.5")


def test_every_mistake_is_told_at_once_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SettingsError) as mistakes:
        load(
            monkeypatch,
            MODE="lokal",
            LOG_LEVEL="loud",
            STIGMER_EXECUTION_MODE="docker",
            TEMPORAL_MAX_CONCURRENCY="0",
            STIGMER_LLM_PROVIDER="clippy",
            STIGMER_LLM_TEMPERATURE="hot",
            OPENAI_API_BASE="localhost:1234/v1",
            STIGMER_TIMEOUT_DRAIN="1 day",
            STIGMER_TIMEOUT_TEMPORAL_DIAL="0s",
        )
    assert [line.split(": ")[0] for line in str(mistakes.value).splitlines()] == [
        "MODE",
        "LOG_LEVEL",
        "STIGMER_EXECUTION_MODE",
        "TEMPORAL_MAX_CONCURRENCY",
        "STIGMER_LLM_PROVIDER",
        "STIGMER_LLM_TEMPERATURE",
        "OPENAI_BASE_URL",
        "STIGMER_TIMEOUT_TEMPORAL_DIAL",
        "STIGMER_TIMEOUT_DRAIN",
    ]
    assert "'ollama', 'openai' or 'anthropic'" in str(mistakes.value)
    assert "write a duration like 90s, 1m30s or 250ms" in str(mistakes.value)


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, **LOCAL, TEMPORAL_NAMESPACE="").temporal_namespace == "default"


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90s", timedelta(seconds=90)),
        ("1m30s", timedelta(seconds=90)),
        ("250ms", timedelta(milliseconds=250)),
        ("1.5s", timedelta(seconds=1.5)),
        ("2h", timedelta(hours=2)),
    ],
)
def test_a_duration_is_written_as_in_the_other_services(
    monkeypatch: pytest.MonkeyPatch, text: str, duration: timedelta
) -> None:
    assert load(monkeypatch, **LOCAL, STIGMER_TIMEOUT_DRAIN=text).drain == duration


@pytest.mark.parametrize(
    ("variables", "key"),
    [
        ({"STIGMER_LLM_PROVIDER": "openai", "OPENAI_API_KEY": "o"}, "o"),
        ({"STIGMER_LLM_PROVIDER": "anthropic", "ANTHROPIC_API_KEY": "a"}, "a"),
        (
            {
                "STIGMER_LLM_PROVIDER": "openai",
                "OPENAI_API_KEY": "o",
                "STIGMER_LLM_API_KEY": "s",
            },
            "s",
        ),
    ],
)
def test_the_platform_s_key_is_preferred_to_the_provider_s_own(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], key: str
) -> None:
    chosen = load(monkeypatch, **LOCAL, **variables).model_api_key

    assert chosen is not None
    assert chosen.get_secret_value() == key


def test_a_provider_without_a_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="STIGMER_LLM_API_KEY: the provider openai needs a key"):
        load(monkeypatch, **LOCAL, STIGMER_LLM_PROVIDER="openai", ANTHROPIC_API_KEY="a")


@pytest.mark.parametrize(
    ("variables", "openai", "anthropic"),
    [
        ({"OPENAI_BASE_URL": "http://a", "ANTHROPIC_BASE_URL": "http://b"}, "http://a", "http://b"),
        ({"OPENAI_API_BASE": "http://a", "ANTHROPIC_API_URL": "http://b"}, "http://a", "http://b"),
        ({}, None, None),
    ],
)
def test_both_names_of_an_address_are_known(
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    openai: str | None,
    anthropic: str | None,
) -> None:
    settings = load(monkeypatch, **LOCAL, **variables)

    assert (settings.openai_base_url, settings.anthropic_base_url) == (openai, anthropic)


def test_only_port_443_is_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    secure = load(monkeypatch, **LOCAL, STIGMER_BACKEND_ENDPOINT="api.example.com:443")

    assert secure.backend_uses_tls


def test_a_secret_does_not_show_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **LOCAL, STIGMER_API_KEY="hush-hush", OPENAI_API_KEY="hush-hush")

    assert "hush" not in f"{settings!r} {settings}"
