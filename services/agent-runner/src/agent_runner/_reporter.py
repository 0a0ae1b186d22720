"""Sends an execution's status to the server while it changes, and until its end is known there."""

import asyncio
import contextlib

from agent_runner._errors import PlatformError
from agent_runner._logs import logger
from agent_runner._platform import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    Platform,
    ServerAwayError,
)
from agent_runner._record import Record, is_terminal
from agent_runner._size import fitted
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import AgentExecutionStatus

# Pieces of text that come within this time travel together: a reader sees no difference, the server
# gets 20 updates a second at most. The first piece and the end never wait.
_COALESCE_SECONDS = 0.05


class Reporter:
    """One execution's reporter."""

    def __init__(self, platform: Platform, execution_id: str, record: Record) -> None:
        """Prepare; nothing is sent before `report`."""
        self._platform = platform
        self._execution_id = execution_id
        self._record = record

    async def report(self) -> None:
        """Send every change, newest state only; return when the end has been sent or is refused."""
        while True:
            await self._record.changed.wait()
            self._record.changed.clear()
            sent = await self._deliver()
            if is_terminal(sent):
                return
            if sent.messages:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._record.ended.wait(), _COALESCE_SECONDS)

    async def _deliver(self) -> AgentExecutionStatus:
        """Send the state until the server has taken or refused it, and answer it."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            status = fitted(self._record.snapshot())
            try:
                await self._platform.update_status(self._execution_id, status)
            except ServerAwayError as error:
                if pause == FIRST_PAUSE_SECONDS:
                    logger().warning("status waits for the server", error=str(error))
            except PlatformError as error:
                logger().error("status refused by the server", error=str(error))
                return status
            else:
                return status
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
