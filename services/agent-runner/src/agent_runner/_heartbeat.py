"""Heartbeats by the clock: however long a model is silent, the runner is alive all the same."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from datetime import timedelta

from temporalio import activity

# A third of the limit leaves room for two lost beats. Cancellation arrives with the answer to a
# heartbeat, so nobody waits longer than this for it.
_LONGEST_INTERVAL = timedelta(seconds=1)
# By default the SDK holds heartbeats back for most of the limit, and with them the news of a
# cancellation.
THROTTLE = timedelta(milliseconds=100)


@contextlib.asynccontextmanager
async def heartbeats(limit: timedelta) -> AsyncGenerator[None]:
    """Send heartbeats of the current activity while the body runs."""
    beating = asyncio.create_task(_beat(min(limit / 3, _LONGEST_INTERVAL).total_seconds()))
    try:
        yield
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating


async def _beat(interval: float) -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(interval)
