"""Import once, fork per worker.

usage: fork_server.py CONTROL_FD NAMES_FILE PROGRAM...   (PROGRAM: `-m MODULE` or a path)

Imports the modules named in NAMES_FILE, one a line, and forks a worker for each request that it
reads from the control socket, also between two imports. A request is a line of JSON, {"environment",
"directory", "log"}; the answer is a line {"pid"} or {"error"}. One thread exists before each fork,
and no connection: whatever a module does at import, it must not do that.

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
import traceback

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Import and fork until the control socket is closed."""
    control = socket.socket(fileno=int(sys.argv[1]))
    with open(sys.argv[2], encoding="utf-8") as file:
        names = [line.strip() for line in file if line.strip()]
    program = sys.argv[3:]
    libc = ctypes.CDLL(None)
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
                answer = fork_worker(json.loads(line), program, libc, control)
                control.sendall(json.dumps(answer).encode() + b"\n")
        elif names:
            preload(names.pop(0))
            if not names:
                finish_preload()


def preload(name: str) -> None:
    """Import a module; one that fails is missed by the worker that needs it, which says why."""
    try:
        importlib.import_module(name)
    except BaseException as error:  # noqa: BLE001  # a module may even raise SystemExit
        print(f"not preloaded: {name}: {error!r}", file=sys.stderr, flush=True)


def finish_preload() -> None:
    """Do what is the same for all workers, and keep the pages of it shared."""
    try:
        # Without a build id, Temporal's SDK hashes all loaded modules at the first worker.
        from temporalio.worker import _worker

        _worker.load_default_build_id(memoize=True)
    except (ImportError, AttributeError, TypeError):
        pass
    gc.collect()
    gc.freeze()


def fork_worker(
    request: dict, program: list[str], libc: ctypes.CDLL, control: socket.socket
) -> dict:
    """Fork a worker that runs the program. Answers its number."""
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        return {"error": f"{threads} threads exist: a preloaded module starts some at import"}
    reader, writer = os.pipe()
    keeper = os.getppid()
    middle = os.fork()
    if middle == 0:
        os.close(reader)
        worker = os.fork()
        if worker:
            os.write(writer, str(worker).encode())
            os._exit(0)
        os.close(writer)
        control.close()
        run_worker(request, program, libc, keeper)
    os.close(writer)
    os.waitpid(middle, 0)
    pid = os.read(reader, 32)
    os.close(reader)
    return {"pid": int(pid)} if pid else {"error": "the fork failed"}


def run_worker(request: dict, program: list[str], libc: ctypes.CDLL, keeper: int) -> None:
    """Become the program. Never returns."""
    code = 1
    try:
        os.setsid()
        # The process in between is about to end: the signal is to come from who follows it.
        while os.getppid() != keeper:
            if os.getppid() == 1:
                os._exit(1)
            os.sched_yield()
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
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
