"""The activities that the platform's workflows call: the boundary that no error gets past."""

import asyncio
import traceback
import uuid
from datetime import timedelta

import structlog
from temporalio import activity

from agent_runner._causes import in_words, innermost
from agent_runner._conversation import Model
from agent_runner._errors import AgentRunnerError
from agent_runner._execution import Execution, sandbox_name
from agent_runner._heartbeat import heartbeats
from agent_runner._logs import logger
from agent_runner._platform import Platform
from agent_runner._record import Record
from agent_runner._reporter import Reporter
from agent_runner._settings import Settings
from agent_runner._size import fitted
from agent_runner.models import load_provider, open_model
from agent_runner.tools._sandbox import Sandbox
from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import AgentExecution
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import AgentExecutionStatus

# Where an activity carries no limit: the platform's limit of a whole run.
_RUN_LIMIT = timedelta(minutes=10)
# The final status is given up this long before the activity's limit: it can still be returned.
_RETURN_MARGIN = timedelta(seconds=2)
# After a cancellation or at a stop somebody waits for us: one quick attempt, since the server
# knows of the end anyway.
_PARTING_SECONDS = 1.0


class Activities:
    """The activities, with what they share: settings, the server and the model's client."""

    def __init__(self, settings: Settings, platform: Platform) -> None:
        """Prepare; the model's client is made at the first need."""
        self._settings = settings
        self._platform = platform
        self._model: Model | None = None

    async def open_model(self) -> Model:
        """Make the model's client. Its library is imported in a thread: heartbeats go on."""
        if self._model is None:
            await asyncio.to_thread(load_provider, self._settings.llm_provider)
            self._model = self._model or open_model(self._settings)
        return self._model

    async def close(self) -> None:
        """Close the model's client."""
        if self._model is not None:
            await self._model.close()

    @activity.defn(name="EnsureThread")
    async def ensure_thread(self, session_id: str, agent_id: str) -> str:
        """Name the thread of a session, or a new one for an execution without session."""
        if session_id:
            return f"thread-{session_id}"
        return f"ephemeral-{agent_id}-{uuid.uuid4().hex[:8]}"

    @activity.defn(name="CleanupSandbox")
    async def cleanup_sandbox(self, sandbox_id: str) -> None:
        """Remove what a session left in its sandbox; a sandbox that cannot be removed is logged."""
        try:
            sandbox = Sandbox(self._settings.sandbox_root, sandbox_name(sandbox_id))
            await asyncio.to_thread(sandbox.remove)
        except (AgentRunnerError, OSError) as error:
            logger().error("sandbox not removed", sandbox_id=sandbox_id, error=str(error))

    @activity.defn(name="ExecuteGraphton")
    async def execute(self, execution: AgentExecution, thread_id: str) -> AgentExecutionStatus:
        """Run an agent; a failed run is a status, not an error of the activity."""
        info = activity.info()
        limits = (info.start_to_close_timeout, info.schedule_to_close_timeout, _RUN_LIMIT)
        limit = min(one for one in limits if one)
        limit -= min(_RETURN_MARGIN, limit / 4)
        with structlog.contextvars.bound_contextvars(
            execution_id=execution.metadata.id,
            workflow_id=info.workflow_id,
            activity=info.activity_type,
            thread_id=thread_id,
        ):
            async with heartbeats(info.heartbeat_timeout or self._settings.agent_heartbeat):
                return await self._run(execution, limit.total_seconds())

    async def _run(self, execution: AgentExecution, limit: float) -> AgentExecutionStatus:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + limit
        record = Record()
        reporter = Reporter(self._platform, execution.metadata.id, record)
        reporting = asyncio.create_task(reporter.report())
        cancelled: asyncio.CancelledError | None = None
        try:
            await self._work(execution, record)
        except asyncio.CancelledError as error:
            give_up_at = loop.time() + _PARTING_SECONDS
            cancelled = _end_early(record, error)
        await _reported(reporting, give_up_at)
        if cancelled is not None:
            raise cancelled
        return fitted(record.snapshot())

    async def _work(self, execution: AgentExecution, record: Record) -> None:
        logger().info("execution started")
        record.redactor.add(self._settings.secrets)
        try:
            model = await self.open_model()
            await Execution(execution, self._settings, self._platform, model, record).run()
        except AgentRunnerError as error:
            cause = record.redactor.clean(str(error))
            logger().error("execution failed", error=cause)  # expected: a trace says nothing more
            record.fail(cause)
        except Exception as error:  # noqa: BLE001  # the boundary: the unforeseen is a failed run
            kind = type(innermost(error)).__name__
            cause = f"internal error of the agent-runner: {kind}: {in_words(error)}"
            logger().error("execution failed", error=record.redactor.clean(_traced(error)))
            record.fail(cause)
        else:
            logger().info("execution completed")
            record.complete()


async def _reported(reporting: "asyncio.Task[None]", give_up_at: float) -> None:
    """Wait until the end is known to the server, and no longer than is left."""
    try:
        async with asyncio.timeout_at(give_up_at):
            await reporting
    except TimeoutError:
        logger().error("the final status never reached the server")
    except Exception as error:  # noqa: BLE001  # the boundary: the result is returned all the same
        logger().error("the final status could not be sent", error=_traced(error))
    finally:
        reporting.cancel()


def _end_early(record: Record, error: asyncio.CancelledError) -> asyncio.CancelledError | None:
    """End a cancelled execution; answer what Temporal wants to hear, if it is it who asked."""
    details = activity.cancellation_details()
    if details is None or details.worker_shutdown:
        logger().error("execution failed", error="the agent-runner stops")
        record.fail("the agent-runner was stopped before the agent had ended; run it again")
        return None
    logger().info("execution cancelled")
    record.cancel()
    return error


def _traced(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))
