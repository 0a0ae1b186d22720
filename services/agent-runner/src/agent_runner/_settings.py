"""The settings: one frozen class, read from the environment once, all mistakes together."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from agent_runner._duration import Duration
from agent_runner._errors import SettingsError

Provider = Literal["ollama", "openai", "anthropic"]

# What a mode means for variables that are not set; the values are the platform's, and so is `cloud`
# as the default.
_MODE_DEFAULTS: dict[str, dict[str, str]] = {
    "local": {
        "STIGMER_BACKEND_ENDPOINT": "localhost:50051",
        "STIGMER_API_KEY": "dummy-local-key",
        "SANDBOX_TYPE": "filesystem",
        "STIGMER_LLM_PROVIDER": "ollama",
        "STIGMER_LLM_MODEL": "qwen2.5-coder:7b",
    },
    "cloud": {
        "STIGMER_BACKEND_ENDPOINT": "localhost:8080",
        "SANDBOX_TYPE": "daytona",
        "STIGMER_LLM_PROVIDER": "anthropic",
        "STIGMER_LLM_MODEL": "claude-sonnet-4.5",
    },
}
_DEFAULT_MODE = "cloud"
_UNKNOWN_MODE = _MODE_DEFAULTS[
    "local"
]  # the mode itself is the mistake to report, not what it leaves unset


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _available(sandbox: str) -> str:
    if sandbox == "daytona":
        message = "this runner has no Daytona sandbox; set MODE=local, or SANDBOX_TYPE=filesystem"
        raise ValueError(message)
    return sandbox


def _address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        message = "write the address with its scheme, like https://host/v1"
        raise ValueError(message)
    return url


class Settings(BaseSettings):
    """Every variable that the agent-runner reads."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", case_sensitive=True, env_ignore_empty=True
    )

    mode: Literal["local", "cloud"] = Field(default=_DEFAULT_MODE, validation_alias="MODE")
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARN", "WARNING", "ERROR"], BeforeValidator(_upper)
    ] = Field(default="INFO", validation_alias="LOG_LEVEL")

    # Checked like the platform does, and of no other use: there is one way to run tools here.
    execution_mode: Literal["local", "sandbox", "auto"] = Field(
        default="local", validation_alias="STIGMER_EXECUTION_MODE"
    )

    temporal_address: str = Field(
        default="localhost:7233", validation_alias="TEMPORAL_SERVICE_ADDRESS"
    )
    temporal_namespace: str = Field(default="default", validation_alias="TEMPORAL_NAMESPACE")
    task_queue: str = Field(
        default="agent_execution_runner",
        validation_alias="TEMPORAL_AGENT_EXECUTION_RUNNER_TASK_QUEUE",
    )
    max_concurrency: int = Field(default=10, ge=1, validation_alias="TEMPORAL_MAX_CONCURRENCY")

    backend_endpoint: str = Field(validation_alias="STIGMER_BACKEND_ENDPOINT")
    api_key: SecretStr = Field(validation_alias="STIGMER_API_KEY")

    sandbox_type: Annotated[Literal["filesystem", "daytona"], AfterValidator(_available)] = Field(
        validation_alias="SANDBOX_TYPE"
    )
    sandbox_root: Path = Field(default=Path("workspace"), validation_alias="SANDBOX_ROOT_DIR")

    llm_provider: Provider = Field(validation_alias="STIGMER_LLM_PROVIDER")
    llm_model: str = Field(validation_alias="STIGMER_LLM_MODEL")
    llm_api_key: SecretStr | None = Field(default=None, validation_alias="STIGMER_LLM_API_KEY")
    llm_max_tokens: int | None = Field(
        default=None, ge=1, validation_alias="STIGMER_LLM_MAX_TOKENS"
    )
    llm_temperature: float | None = Field(
        default=None, ge=0, le=2, validation_alias="STIGMER_LLM_TEMPERATURE"
    )
    ollama_base_url: str = Field(
        default="http://localhost:11434", validation_alias="OLLAMA_BASE_URL"
    )
    openai_base_url: Annotated[str, AfterValidator(_address)] | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_BASE_URL", "OPENAI_API_BASE")
    )
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    anthropic_base_url: Annotated[str, AfterValidator(_address)] | None = Field(
        default=None, validation_alias=AliasChoices("ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL")
    )
    anthropic_api_key: SecretStr | None = Field(default=None, validation_alias="ANTHROPIC_API_KEY")

    # Variables, with commas between, that tool servers inherit besides the usual PATH, HOME, ….
    tool_server_inherit: str = Field(default="", validation_alias="STIGMER_TOOL_SERVER_INHERIT")

    # An agent that is not done after so many answers of its model is going round in circles.
    max_turns: int = Field(default=50, ge=1, le=1000, validation_alias="STIGMER_AGENT_MAX_TURNS")

    # Heartbeat limit where the activity carries none: the platform's own default.
    agent_heartbeat: Duration = Field(
        default=timedelta(seconds=30), validation_alias="STIGMER_TIMEOUT_AGENT_HEARTBEAT"
    )
    # One attempt to reach Temporal; the same variable and value as in the other services.
    temporal_dial: Duration = Field(
        default=timedelta(seconds=5), validation_alias="STIGMER_TIMEOUT_TEMPORAL_DIAL"
    )
    # How long a stop waits for executions: the platform expects the exit within two seconds, and
    # leaving takes the rest.
    drain: Duration = Field(
        default=timedelta(seconds=1.5), validation_alias="STIGMER_TIMEOUT_DRAIN"
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_in_the_mode_s_defaults(cls, data: dict[str, Any]) -> dict[str, Any]:
        return _MODE_DEFAULTS.get(data.get("MODE", _DEFAULT_MODE), _UNKNOWN_MODE) | data

    @model_validator(mode="after")
    def _check_the_model_s_key(self) -> Self:
        if self.llm_provider != "ollama" and self.model_api_key is None:
            message = (
                f"STIGMER_LLM_API_KEY: the provider {self.llm_provider} needs a key;"
                f" set it, or {self.llm_provider.upper()}_API_KEY"
            )
            raise ValueError(message)
        return self

    @property
    def tool_server_environment(self) -> dict[str, str]:
        """What tool servers inherit by name."""
        names = [name.strip() for name in self.tool_server_inherit.split(",")]
        return {name: os.environ[name] for name in names if name in os.environ}

    @property
    def secrets(self) -> list[str]:
        """What nobody may see."""
        keys = (self.api_key, self.llm_api_key, self.openai_api_key, self.anthropic_api_key)
        return [key.get_secret_value() for key in keys if key is not None]

    @property
    def backend_uses_tls(self) -> bool:
        """The platform's rule: encrypted if and only if the port is 443."""
        return self.backend_endpoint.endswith(":443")

    @property
    def model_api_key(self) -> SecretStr | None:
        """The key for the chosen provider; the platform's own variable wins."""
        own = {"openai": self.openai_api_key, "anthropic": self.anthropic_api_key}.get(
            self.llm_provider
        )
        return self.llm_api_key or own


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: one line for each mistake.
    """
    try:
        return Settings()  # pyright: ignore[reportCallIssue]  # the fields come from the environment
    except ValidationError as error:
        mistakes = [_mistake(one["loc"], one["msg"], one["type"]) for one in error.errors()]
        raise SettingsError("\n".join(mistakes)) from error


def _mistake(location: tuple[int | str, ...], message: str, kind: str) -> str:
    variable = str(location[0]) if location else ""
    if kind == "missing":
        message = "must be set"
    message = message.removeprefix("Value error, ")
    return f"{variable}: {message}" if variable else message
