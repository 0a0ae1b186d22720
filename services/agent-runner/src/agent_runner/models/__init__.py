"""Language models by provider, each with the provider's official client. The clients are imported at first use."""

import importlib

from agent_runner._conversation import Model
from agent_runner._settings import Settings

__all__ = ["load_provider", "open_model"]


def load_provider(provider: str) -> None:
    """Import the provider's client; it takes a second or more when it is not preloaded, so call this off the loop."""
    importlib.import_module(f"agent_runner.models._{provider}")


def open_model(settings: Settings) -> Model:
    """Make the client of the settings' provider; nothing is sent before the first question."""
    match settings.llm_provider:
        case "ollama":
            from agent_runner.models._ollama import OllamaModel

            return OllamaModel(settings)
        case _:
            raise NotImplementedError
