"""Import once, fork per worker.

usage: fork_server.py CONTROL_FD NAMES_FILE PROGRAM...   (PROGRAM: `-m MODULE` or a path)

Imports the modules named in NAMES_FILE, one a line, and forks a worker for each request that it
reads from the control socket, also between two imports. A request is a line of JSON, {"environment",
"directory", "log"}; the answer is a line {"pid"} or {"error"}. One thread exists before each fork,
and no connection: whatever a module does at import, it must not do that.

Modules after an empty line are what few workers need. A successor, forked for this, imports them
when the machine has time, and forks the workers from then on; requests go on to it. A line
`#build-id` asks for what Temporal's SDK would compute at each worker that names no build.

The worker is forked twice, so that it becomes a child of the nearest subreaper, which can watch it
and collect its status, and not of this process. It ends with that parent, by a signal from the
kernel.
"""

import ctypes
import gc
import importlib
import json
import os
import random
import runpy
import select
import signal
import socket
import sys
import time
import traceback

PR_SET_PDEATHSIG = 1
BUILD_ID = "#build-id"
# How often to look whether a core is free, and how long at most before one import: a run of a few
# tests is over by then, and a long one gains by it.
IDLE_INTERVAL = 0.05
IDLE_LIMIT = 2.0
LIBC = ctypes.CDLL(None)
# What the successor says when it is.
READY = b"ready\n"


def main() -> None:
    """Import and fork until the control socket is closed."""
    control = socket.socket(fileno=int(sys.argv[1]))
    with open(sys.argv[2], encoding="utf-8") as file:
        needed, _, rare = file.read().partition("\n\n")
    names = needed.split()
    program = sys.argv[3:]
    # Read now: a successor's own parent is this process.
    keeper = os.getppid()
    hashed = BUILD_ID in names
    names = [name for name in names if name != BUILD_ID]
    successor: Successor | None = None

    def fork(request: bytes) -> bytes:
        nonlocal successor
        answer = successor.fork(request) if successor and successor.is_ready() else b""
        if answer:
            return answer
        if successor and successor.is_dead:
            successor.connection.close()
            successor = None
        inherited = [control, successor.connection] if successor else [control]
        return forked(request, program, keeper, inherited)

    requests = b""
    while True:
        # A look that does not wait while there is something to import, a wait after that.
        ready, _, _ = select.select([control], [], [], 0 if names else None)
        if ready:
            received = control.recv(65536)
            if not received:
                return
            *lines, requests = (requests + received).split(b"\n")
            for line in lines:
                control.sendall(fork(line) + b"\n")
        elif names:
            preload(names.pop(0))
            if not names:
                finish_preload(hashed)
                if rare.split():
                    successor = Successor(rare.split(), program, keeper, control)


class Successor:
    """A process that imports what few workers need, and then forks them."""

    def __init__(
        self, names: list[str], program: list[str], keeper: int, control: socket.socket
    ) -> None:
        self.connection, theirs = socket.socketpair()
        self._ready = False
        self.is_dead = False
        parent = os.getpid()
        if os.fork() == 0:
            self.connection.close()
            control.close()
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() == parent:
                succeed(names, program, keeper, theirs)
            os._exit(1)
        theirs.close()

    def is_ready(self) -> bool:
        """Look whether it has imported everything."""
        if not self._ready and select.select([self.connection], [], [], 0)[0]:
            self.is_dead = self.connection.recv(len(READY)) != READY
            self._ready = not self.is_dead
        return self._ready

    def fork(self, request: bytes) -> bytes:
        """Let it fork. Answers nothing when it is dead."""
        answer = b""
        try:
            self.connection.sendall(request + b"\n")
            while not answer.endswith(b"\n"):
                received = self.connection.recv(4096)
                if not received:
                    raise ConnectionResetError
                answer += received
        except OSError:
            self._ready, self.is_dead = False, True
            return b""
        return answer.rstrip(b"\n")


def succeed(names: list[str], program: list[str], keeper: int, connection: socket.socket) -> None:
    """Be the successor. Never returns."""
    try:
        for name in names:
            wait_for_a_core()
            preload(name)
        finish_preload(hashed=False)
        connection.sendall(READY)
        with connection.makefile("rb") as lines:
            for line in lines:
                connection.sendall(forked(line, program, keeper, [connection]) + b"\n")
    except BaseException:  # noqa: BLE001  # as the interpreter does at its own top
        traceback.print_exc()
    finally:
        os._exit(0)


def wait_for_a_core() -> None:
    """Wait until a core has nothing to do, where the system tells."""
    deadline = time.monotonic() + IDLE_LIMIT
    while time.monotonic() < deadline:
        try:
            with open("/proc/loadavg", encoding="ascii") as file:
                running = int(file.read().split()[3].split("/")[0])
        except OSError:
            return
        # This process is one of those that run.
        if running <= (os.cpu_count() or 1):
            return
        time.sleep(IDLE_INTERVAL)


def preload(name: str) -> None:
    """Import a module; one that fails is missed by the worker that needs it, which says why."""
    try:
        importlib.import_module(name)
    except BaseException as error:  # noqa: BLE001  # a module may even raise SystemExit
        print(f"not preloaded: {name}: {error!r}", file=sys.stderr, flush=True)


def finish_preload(hashed: bool) -> None:
    """Do what is the same for all workers, and keep the pages of it shared."""
    if hashed:
        try:
            # Without a build id, Temporal's SDK hashes all loaded modules at the first worker.
            from temporalio.worker import _worker

            _worker.load_default_build_id(memoize=True)
        except (ImportError, AttributeError, TypeError):
            pass
    gc.collect()
    gc.freeze()


def forked(
    request: bytes, program: list[str], keeper: int, inherited: list[socket.socket]
) -> bytes:
    """Fork a worker that runs the program. Answers its number, as a line of JSON without its end."""
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        error = f"{threads} threads exist: a preloaded module starts some at import"
        return json.dumps({"error": error}).encode()
    reader, writer = os.pipe()
    middle = os.fork()
    if middle == 0:
        os.close(reader)
        worker = os.fork()
        if worker:
            os.write(writer, str(worker).encode())
            os._exit(0)
        os.close(writer)
        for connection in inherited:
            connection.close()
        run_worker(json.loads(request), program, keeper)
    os.close(writer)
    os.waitpid(middle, 0)
    pid = os.read(reader, 32)
    os.close(reader)
    return json.dumps({"pid": int(pid)} if pid else {"error": "the fork failed"}).encode()


def run_worker(request: dict, program: list[str], keeper: int) -> None:
    """Become the program. Never returns."""
    code = 1
    try:
        os.setsid()
        # The process in between is about to end: the signal is to come from who follows it.
        while os.getppid() != keeper:
            if os.getppid() == 1:
                os._exit(1)
            os.sched_yield()
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != keeper:
            os._exit(1)
        log = os.open(request["log"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["directory"])
        random.seed()
        if program[0] == "-m":
            sys.argv = [program[1]]
            runpy.run_module(program[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = [program[0]]
            sys.path.insert(0, os.path.dirname(program[0]))
            runpy.run_path(program[0], run_name="__main__")
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001  # as the interpreter does at its own top
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code & 0xFF)


if __name__ == "__main__":
    main()
