"""The Temporal worker: connect, work, stop."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Generator
from datetime import timedelta

from temporalio.client import Client
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.worker import Worker

from agent_runner import _build
from agent_runner._activities import Activities
from agent_runner._errors import TemporalUnreachableError
from agent_runner._heartbeat import THROTTLE
from agent_runner._logs import logger
from agent_runner._platform import Platform
from agent_runner._settings import Settings

# A Temporal that is started at the same time answers within a second; attempts with these pauses
# wait for twice that, so that a wrong address is still reported soon.
_PAUSES = (0.1, 0.2, 0.5, 1.0)
# Of the time for a stop, executions get all but this: then they are cancelled and say their last
# word.
_PARTING = timedelta(seconds=1)


async def serve(settings: Settings) -> None:
    """Work until a signal asks to stop.

    Raises:
        TemporalUnreachableError: no connection, or no such namespace.
    """
    stop = asyncio.Event()
    with _stopping_on_signals(stop):
        client = await _connected_unless_stopped(settings, stop)
        if client is None:
            return
        platform = Platform(settings)
        activities = Activities(settings, platform)
        try:
            await _work(settings, client, activities, stop)
        finally:
            await activities.close()
            await platform.close()


async def _connected_unless_stopped(settings: Settings, stop: asyncio.Event) -> Client | None:
    connecting = asyncio.create_task(_connect(settings))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([connecting, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if connecting.done():
        return connecting.result()
    connecting.cancel()
    return None


async def _work(
    settings: Settings, client: Client, activities: Activities, stop: asyncio.Event
) -> None:
    worker = Worker(
        client,
        task_queue=settings.task_queue,
        activities=[activities.ensure_thread, activities.execute, activities.cleanup_sandbox],
        max_concurrent_activities=settings.max_concurrency,
        # A task takes seconds, a poll a millisecond: more would only wait side by side.
        max_concurrent_activity_task_polls=1,
        graceful_shutdown_timeout=max(settings.drain - _PARTING, timedelta()),
        max_heartbeat_throttle_interval=THROTTLE,
        default_heartbeat_throttle_interval=THROTTLE,
        # Without it the SDK reads and hashes every loaded module.
        build_id=_build.digest(),
    )
    running = asyncio.create_task(worker.run())
    stopping = asyncio.create_task(stop.wait())
    logger().info("worker ready, polling for tasks", task_queue=settings.task_queue)
    # The first execution finds the model's library loaded, and the poller did not wait for it.
    loading = asyncio.create_task(activities.open_model())
    await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        stopping.cancel()
        loading.cancel()
        _explain(running, settings)
    logger().info("worker stops")
    await worker.shutdown()
    await running
    await asyncio.gather(loading, return_exceptions=True)


def _explain(running: "asyncio.Task[None]", settings: Settings) -> None:
    """Say why the worker ended by itself."""
    error = running.exception()
    cause = " ".join(str(error).split())
    message = (
        f"the worker cannot run on Temporal at {settings.temporal_address}, namespace"
        f" {settings.temporal_namespace}: {cause};"
        " check TEMPORAL_SERVICE_ADDRESS and TEMPORAL_NAMESPACE"
    )
    raise TemporalUnreachableError(message) from error


async def _connect(settings: Settings) -> Client:
    forwarding = LogForwardingConfig(logging.getLogger("temporal"))
    telemetry = TelemetryConfig(
        logging=LoggingConfig(TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding)
    )
    runtime = Runtime(telemetry=telemetry)
    failure: Exception | None = None
    for pause in (0.0, *_PAUSES):
        await asyncio.sleep(pause)
        try:
            async with asyncio.timeout(settings.temporal_dial.total_seconds()):
                return await Client.connect(
                    settings.temporal_address,
                    namespace=settings.temporal_namespace,
                    runtime=runtime,
                )
        except (RuntimeError, TimeoutError) as error:  # what the SDK raises for a failed connection
            failure = error
    cause = str(failure) or f"nothing within {settings.temporal_dial.total_seconds():g} seconds"
    message = (
        f"Temporal at {settings.temporal_address} does not answer ({cause});"
        " start it, or set TEMPORAL_SERVICE_ADDRESS"
    )
    raise TemporalUnreachableError(message) from failure


@contextlib.contextmanager
def _stopping_on_signals(stop: asyncio.Event) -> Generator[None]:
    """Ask for a stop at the first signal, leave at once at the second."""
    loop = asyncio.get_running_loop()

    def on_signal(number: signal.Signals) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    wanted = (signal.SIGTERM, signal.SIGINT)
    # Whoever forked us may have blocked them.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, wanted)
    for number in wanted:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield
    finally:
        for number in wanted:
            loop.remove_signal_handler(number)
