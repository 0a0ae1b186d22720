"""The tool servers of one execution."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence

from agent_runner._conversation import ToolSpec
from agent_runner._environment import Variables
from agent_runner._errors import ConfigurationError
from agent_runner._text import Redactor
from agent_runner.tools._choice import ToolServers, only
from agent_runner.tools._sandbox import Sandbox
from agent_runner.tools._transports import connection
from ai.stigmer.agentic.agent.v1.mcp_server_pb2 import McpServerDefinition


@contextlib.asynccontextmanager
async def tool_servers(
    definitions: Sequence[McpServerDefinition],
    variables: Variables,
    sandbox: Sandbox,
    redactor: Redactor,
    inherited: Mapping[str, str],
) -> AsyncGenerator[ToolServers]:
    """Start or reach the servers; all have ended when the context ends, however it does.

    Raises:
        ConfigurationError: a definition cannot be used.
        ToolServerError: a server does not start or answer.
    """
    twice = [name for name, count in Counter(one.name for one in definitions).items() if count > 1]
    if twice:
        message = f"two tool servers are named {twice[0]}"
        raise ConfigurationError(message)
    connections = {
        one.name: connection(one, variables, sandbox, redactor, inherited) for one in definitions
    }
    try:
        listed = await asyncio.gather(
            *(one.start() for one in connections.values()), return_exceptions=True
        )
        offered: dict[str, list[ToolSpec]] = {}
        for name, specs in zip(connections, listed, strict=True):
            if isinstance(specs, BaseException):
                raise specs
            offered[name] = specs
        enabled = {
            one.name: only(one.name, offered[one.name], one.enabled_tools) for one in definitions
        }
        yield ToolServers(connections, enabled)
    finally:
        await asyncio.gather(*(one.stop() for one in connections.values()))
