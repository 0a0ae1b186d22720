"""A real Temporal server, and a workflow that calls the runner like the platform's own."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import uuid
from collections.abc import AsyncGenerator, Generator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, RegisterNamespaceRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import AgentExecution
from ai.stigmer.agentic.agentexecution.v1.agent_execution_status_pb2 import AgentExecutionStatus

QUEUE = "agent_execution_runner"
_WORKFLOWS = "workflows"
_ONCE = RetryPolicy(maximum_attempts=1)
# Lift the development server's limits that make it slow for suites.
_SETTINGS = (
    "frontend.rps.namespaceReplicationInducingAPIs=100000",
    "worker.perNamespaceWorkerCount=0",
    "history.transferProcessorMaxPollRPS=100000",
    "history.timerProcessorMaxPollRPS=100000",
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    "matching.enableMigration=false",
    "frontend.enableServerVersionCheck=false",
)


def temporal_program() -> str:
    """The Temporal CLI, or a skipped test."""
    program = os.environ.get("STIGMER_E2E_TEMPORAL") or shutil.which("temporal")
    if not program:
        pytest.skip(
            "no Temporal: set STIGMER_E2E_TEMPORAL to the `temporal` program, or put it on PATH"
        )
    return program


@contextlib.contextmanager
def temporal_server(home: Path) -> Generator[str]:
    """Run a development server and answer its address."""
    ports = _free_ports(3)
    command = [
        temporal_program(),
        "server",
        "start-dev",
        "--headless",
        "--ip",
        "127.0.0.1",
        "--log-level",
        "error",
    ]
    command += [
        "--port",
        str(ports[0]),
        "--http-port",
        str(ports[1]),
        "--metrics-port",
        str(ports[2]),
    ]
    for setting in _SETTINGS:
        command += ["--dynamic-config-value", setting]
    environment = os.environ | {"HOME": str(home)}
    with (home / "temporal.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        yield f"127.0.0.1:{ports[0]}"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)


async def connect(address: str, namespace: str) -> Client:
    """Connect as soon as the server answers, and make the namespace."""
    async with asyncio.timeout(20):
        while True:
            try:
                client = await Client.connect(address, namespace=namespace)
                request = RegisterNamespaceRequest(namespace=namespace)
                request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
                await client.workflow_service.register_namespace(request)
            except (RuntimeError, RPCError):
                await asyncio.sleep(0.02)
            else:
                return client


@contextlib.asynccontextmanager
async def new_namespace(address: str) -> AsyncGenerator[Client]:
    """Make a namespace, with a worker for the workflow."""
    client = await connect(address, f"ns-{uuid.uuid4().hex[:8]}")
    workflows = Worker(
        client,
        task_queue=_WORKFLOWS,
        workflows=[InvokeAgent],
        workflow_runner=UnsandboxedWorkflowRunner(),
        build_id="tests",
    )
    async with workflows:
        yield client


async def start_execution(
    client: Client, execution: AgentExecution
) -> "WorkflowHandle[InvokeAgent, AgentExecutionStatus]":
    """Start an execution as the platform does."""
    workflow_id = f"stigmer/agent-execution/invoke/{uuid.uuid4()}"
    return await client.start_workflow(
        InvokeAgent.run, execution, id=workflow_id, task_queue=_WORKFLOWS
    )


async def wait_for_poller(client: Client, queue: str = QUEUE) -> None:
    """Wait until a worker polls the queue for activities."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=2,  # pyright: ignore[reportArgumentType]  # TASK_QUEUE_TYPE_ACTIVITY
    )
    async with asyncio.timeout(30):
        # Another process's state can only be asked for.
        while not (await client.workflow_service.describe_task_queue(request)).pollers:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@workflow.defn(name="stigmer/agent-execution/invoke")
class InvokeAgent:
    """What the platform's workflow does with a runner."""

    @workflow.run
    async def run(self, execution: AgentExecution) -> AgentExecutionStatus:
        thread_id = await workflow.execute_activity(
            "EnsureThread",
            args=[execution.spec.session_id, execution.spec.agent_id],
            task_queue=QUEUE,
            result_type=str,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=_ONCE,
        )
        return await workflow.execute_activity(
            "ExecuteGraphton",
            args=[execution, thread_id],
            task_queue=QUEUE,
            result_type=AgentExecutionStatus,
            start_to_close_timeout=timedelta(seconds=60),
            heartbeat_timeout=timedelta(seconds=3),
            retry_policy=_ONCE,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
