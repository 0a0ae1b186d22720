"""Settings as tests make them."""

from collections.abc import Callable

from agent_runner._settings import Settings

MakeSettings = Callable[..., Settings]
"""Makes settings from environment variables, on top of those of a local stack."""
