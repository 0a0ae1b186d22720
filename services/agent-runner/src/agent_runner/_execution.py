"""One execution of an agent, from its ids to its last word."""

import asyncio
import contextlib
import importlib
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from agent_runner._conversation import Model, Prompt, UserMessage
from agent_runner._environment import Variables, merge
from agent_runner._errors import ConfigurationError
from agent_runner._history import earlier_messages, user_text
from agent_runner._loop import run_turns
from agent_runner._platform import Platform
from agent_runner._record import Record
from agent_runner._settings import Settings
from agent_runner._skills import load_skills, skills_prompt
from agent_runner._sub_agents import Crew
from agent_runner.tools import AgentToolbox
from agent_runner.tools._choice import ToolServers
from agent_runner.tools._files import file_tools
from agent_runner.tools._sandbox import Sandbox
from agent_runner.tools._search import search_tools
from agent_runner.tools._task import task_tool
from agent_runner.tools._todos import todo_tool
from ai.stigmer.agentic.agent.v1.agent_pb2 import Agent
from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import AgentExecution
from ai.stigmer.agentic.agentinstance.v1.agent_instance_pb2 import AgentInstance

_SANDBOX_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class Execution:
    """What an execution needs."""

    execution: AgentExecution
    settings: Settings
    platform: Platform
    model: Model
    record: Record

    async def run(self) -> None:
        """Run the agent and write down what happens.

        Raises:
            AgentRunnerError: the execution has failed, for a reason that the user can read.
        """
        agent, instance = await self._agent()
        variables = await self._variables(agent, instance)
        self.record.redactor.add(variables.secrets)
        sandbox = self._sandbox()
        skills = await load_skills(self.platform, agent.spec.skill_refs, sandbox)
        earlier = await earlier_messages(self.platform, self.execution)
        model_name = self.execution.spec.execution_config.model_name or self.settings.llm_model
        self.record.model_name = model_name
        prompt = Prompt(
            model_name,
            agent.spec.instructions + skills_prompt(skills),
            (*earlier, UserMessage(user_text(self.execution))),
        )
        async with self._tool_servers(agent, variables, sandbox) as servers:
            await run_turns(
                self.model,
                prompt,
                await self._toolbox(agent, servers, sandbox, model_name),
                max_turns=self.settings.max_turns,
                log=self.record,
            )

    async def _agent(self) -> tuple[Agent, AgentInstance]:
        spec = self.execution.spec
        if spec.session_id:
            session = await self.platform.session(spec.session_id)
            instance = await self.platform.agent_instance(session.spec.agent_instance_id)
            return await self.platform.agent(instance.spec.agent_id), instance
        if spec.agent_id:
            return await self.platform.agent(spec.agent_id), AgentInstance()
        message = "the execution has neither a session nor an agent; create it with one of them"
        raise ConfigurationError(message)

    async def _variables(self, agent: Agent, instance: AgentInstance) -> Variables:
        references = instance.spec.environment_refs
        environments = [await self.platform.environment(reference) for reference in references]
        return merge(agent, environments, await self._with_values())

    async def _with_values(self) -> AgentExecution:
        """Answer the execution with its values, which a server that guards them leaves out."""
        if self.execution.spec.runtime_env:
            return self.execution
        return await self.platform.execution(self.execution.metadata.id)

    def _sandbox(self) -> Sandbox:
        """Executions of one session work in one sandbox."""
        name = self.execution.spec.session_id or self.execution.metadata.id
        return Sandbox(self.settings.sandbox_root, sandbox_name(name))

    async def _toolbox(
        self, agent: Agent, servers: ToolServers, sandbox: Sandbox, model_name: str
    ) -> AgentToolbox:
        in_order = asyncio.Lock()
        files = [*file_tools(sandbox, in_order), *search_tools(sandbox, in_order)]
        crew = Crew(
            model=self.model,
            model_name=model_name,
            max_turns=self.settings.max_turns,
            platform=self.platform,
            sandbox=sandbox,
            redactor=self.record.redactor,
            servers=servers,
            tools=tuple(files),
        )
        built_in = [
            todo_tool(self.record),
            *files,
            task_tool(await crew.sub_agents(agent.spec), self.record),
        ]
        taken = {tool.spec.name for tool in built_in}
        served = servers.tools([server.name for server in agent.spec.mcp_servers], taken)
        return AgentToolbox([*built_in, *served], self.record, self.record.redactor)

    @contextlib.asynccontextmanager
    async def _tool_servers(
        self, agent: Agent, variables: Variables, sandbox: Sandbox
    ) -> AsyncGenerator[ToolServers]:
        """Run the agent's tool servers; the protocol's library is loaded where there are any."""
        if not agent.spec.mcp_servers:
            yield ToolServers({}, {})
            return
        module = await asyncio.to_thread(importlib.import_module, "agent_runner.tools._servers")
        async with module.tool_servers(
            agent.spec.mcp_servers,
            variables,
            sandbox,
            self.record.redactor,
            self.settings.tool_server_environment,
        ) as servers:
            yield servers


def sandbox_name(name: str) -> str:
    """Check that an id can name a directory.

    Raises:
        ConfigurationError: it cannot.
    """
    if not _SANDBOX_NAME.fullmatch(name):
        message = f"{name!r} cannot name a sandbox; ids have letters, digits, '-', '_' and '.'"
        raise ConfigurationError(message)
    return name
