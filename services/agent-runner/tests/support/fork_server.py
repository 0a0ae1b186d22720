"""A small fork server: imports what `--preload` names, forks, and runs the program in the child.

    python fork_server.py MODULE… < environment as JSON

Writes lines of JSON: the threads and sockets there are before the fork, the child's process id,
and at the child's end which modules it imported beyond those that were there.
"""

import gc
import importlib
import json
import os
import runpy
import sys
from pathlib import Path
from typing import NoReturn


def main() -> int:
    """Import, report, fork and wait."""
    for name in sys.argv[1:]:
        importlib.import_module(name)
    gc.freeze()
    descriptors = Path("/proc/self/fd")
    links = [str(one.readlink()) for one in descriptors.iterdir() if one.is_symlink()]
    _say(
        threads=len(list(Path("/proc/self/task").iterdir())),
        sockets=[link for link in links if link.startswith(("socket:", "anon_inode:"))],
    )
    environment = json.load(sys.stdin)
    child = os.fork()
    if child:
        _say(child=child)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["agent_runner"]
    before = set(sys.modules)
    leave = os._exit

    def report_and_leave(code: int) -> NoReturn:
        _say(imported=sorted(set(sys.modules) - before))
        leave(code)

    os._exit = report_and_leave  # the program's last step
    runpy.run_module("agent_runner", run_name="__main__")
    return 1


def _say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    sys.exit(main())
