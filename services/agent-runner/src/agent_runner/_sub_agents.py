"""The sub-agents of an agent."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from agent_runner._conversation import Model, Prompt, UserMessage
from agent_runner._errors import ConfigurationError
from agent_runner._loop import run_turns
from agent_runner._platform import Platform
from agent_runner._skills import load_skills, skills_prompt
from agent_runner._text import Redactor
from agent_runner.tools import AgentToolbox, Tool
from agent_runner.tools._choice import ToolServers
from agent_runner.tools._sandbox import Sandbox
from agent_runner.tools._task import GENERAL_PURPOSE, SubAgent, SubAgentLog
from ai.stigmer.agentic.agent.v1.agent_pb2 import AgentSpec
from ai.stigmer.agentic.agent.v1.agent_pb2 import SubAgent as SubAgentSpec

_GENERAL_INSTRUCTIONS = (
    "You do one task for another agent. It reads only your last message: put everything there that"
    " it needs to know. Nobody answers questions; decide, and say what you assumed."
)


@dataclass(frozen=True, slots=True)
class Crew:
    """What all sub-agents of an execution share."""

    model: Model
    model_name: str
    max_turns: int
    platform: Platform
    sandbox: Sandbox
    redactor: Redactor
    servers: ToolServers
    tools: tuple[Tool, ...]

    async def sub_agents(self, agent: AgentSpec) -> Mapping[str, SubAgent]:
        """Make the sub-agents that the agent defines, and one for everything else.

        Raises:
            ConfigurationError: a definition names what is not there.
        """
        twice = [
            name
            for name, count in Counter(one.name for one in agent.sub_agents).items()
            if count > 1
        ]
        if twice:
            message = f"two sub-agents are named {twice[0]}"
            raise ConfigurationError(message)
        general = SubAgentSpec(
            name=GENERAL_PURPOSE,
            description="for any task that is worth a fresh start",
            instructions=_GENERAL_INSTRUCTIONS,
            mcp_servers=[server.name for server in agent.mcp_servers],
        )
        made = {GENERAL_PURPOSE: await self._make(general)}
        for spec in agent.sub_agents:
            made[spec.name] = await self._make(spec)
        return made

    async def _make(self, spec: SubAgentSpec) -> SubAgent:
        narrowed = {
            name: list(selection.enabled_tools)
            for name, selection in spec.mcp_tool_selections.items()
        }
        unknown = sorted(set(narrowed) - set(spec.mcp_servers))
        if unknown:
            message = (
                f"the sub-agent {spec.name} chooses tools of {unknown[0]!r},"
                " which is not among its mcp_servers"
            )
            raise ConfigurationError(message)
        taken = {tool.spec.name for tool in self.tools}
        tools = [*self.tools, *self.servers.tools(spec.mcp_servers, taken, narrowed)]
        skills = await load_skills(self.platform, spec.skill_refs, self.sandbox)
        system = spec.instructions + skills_prompt(skills)

        async def run(description: str, log: SubAgentLog) -> str:
            return await run_turns(
                self.model,
                Prompt(self.model_name, system, (UserMessage(description),)),
                AgentToolbox(tools, log, self.redactor),
                max_turns=self.max_turns,
                log=log,
            )

        return SubAgent(spec.name, spec.description, run)
