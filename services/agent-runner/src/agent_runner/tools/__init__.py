"""Tools of agents: those built in, and those of tool servers."""

from agent_runner.tools._tool import AgentToolbox, CallLog, Tool

__all__ = ["AgentToolbox", "CallLog", "Tool"]
