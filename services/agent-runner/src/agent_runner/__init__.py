"""Runs Stigmer's agents: a Temporal worker with language models, tools and tool servers.

Nothing happens at import: no client, event loop, thread or log set-up. A fork server may import all
of it once and fork workers, which then start as if freshly executed.
"""

from agent_runner._build import VERSION

__all__ = ["VERSION"]
