"""Which of the tool servers' tools an agent gets, and under which names."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent_runner._conversation import JsonObject, ToolSpec
from agent_runner._errors import ConfigurationError, ToolServerError
from agent_runner.tools._tool import Tool

# What all providers accept as the name of a tool.
_LONGEST_NAME = 64
_UNFIT = re.compile(r"[^A-Za-z0-9_-]")


class ConnectedServer(Protocol):
    """A connected tool server."""

    async def call(self, tool: str, arguments: JsonObject) -> str:
        """Call a tool and answer its text."""
        ...


@dataclass(frozen=True, slots=True)
class ToolServers:
    """Connected servers by name, and the tools of each that the agent may use."""

    connections: Mapping[str, ConnectedServer]
    enabled: Mapping[str, Sequence[ToolSpec]]

    def tools(
        self,
        names: Iterable[str],
        taken: Collection[str],
        narrowed: Mapping[str, Collection[str]] | None = None,
    ) -> list[Tool]:
        """Choose tools: those of the named servers, narrowed per server where something is said.

        A tool keeps its name, unless that is taken or another server has it, too: then the
        server's name goes before it.

        Raises:
            ConfigurationError: a server or tool is named that is not there.
        """
        chosen = [
            (name, spec)
            for name in names
            for spec in self._chosen(name, (narrowed or {}).get(name, ()))
        ]
        count = Counter(_fit(spec.name) for _, spec in chosen)
        tools: dict[str, Tool] = {}
        for server, spec in chosen:
            fit = _fit(spec.name)
            shown = fit if count[fit] == 1 and fit not in taken else _fit(f"{server}__{spec.name}")
            if shown in tools or shown in taken:
                message = f"two tools are named {shown}; leave one out by enabled_tools"
                raise ConfigurationError(message)
            tools[shown] = self._tool(server, spec, shown)
        return list(tools.values())

    def _chosen(self, server: str, wanted: Collection[str]) -> list[ToolSpec]:
        if server not in self.enabled:
            there = ", ".join(self.enabled) or "none"
            message = f"there is no tool server {server!r}; the agent has: {there}"
            raise ConfigurationError(message)
        return only(server, self.enabled[server], wanted)

    def _tool(self, server: str, spec: ToolSpec, shown: str) -> Tool:
        connected = self.connections[server]

        async def run(arguments: JsonObject) -> str:
            return await connected.call(spec.name, arguments)

        return Tool(ToolSpec(shown, spec.description, spec.parameters), run)


def only(server: str, specs: Sequence[ToolSpec], wanted: Collection[str]) -> list[ToolSpec]:
    """Choose by name; no names mean all."""
    if not wanted:
        return list(specs)
    by_name = {spec.name: spec for spec in specs}
    missing = [name for name in wanted if name not in by_name]
    if missing:
        message = (
            f"the tool server {server} has no tool {missing[0]!r} that may be used;"
            f" it has: {', '.join(by_name) or 'none'}"
        )
        raise ToolServerError(message)
    return [by_name[name] for name in wanted]


def _fit(name: str) -> str:
    return _UNFIT.sub("_", name)[:_LONGEST_NAME]
