"""Language models by provider, each with its official client, imported at its first use."""

import importlib

from agent_runner._conversation import Model
from agent_runner._settings import Settings

__all__ = ["load_provider", "open_model"]


def load_provider(provider: str) -> None:
    """Import the provider's client: a second or more where it is not preloaded, so off the loop."""
    importlib.import_module(f"agent_runner.models._{provider}")


def open_model(settings: Settings) -> Model:
    """Make the client of the settings' provider; nothing is sent before the first question."""
    match settings.llm_provider:
        case "ollama":
            from agent_runner.models._ollama import OllamaModel

            return OllamaModel(settings)
        case "openai":
            from agent_runner.models._openai import OpenAIModel

            return OpenAIModel(settings)
        case "anthropic":
            from agent_runner.models._anthropic import AnthropicModel

            return AnthropicModel(settings)
