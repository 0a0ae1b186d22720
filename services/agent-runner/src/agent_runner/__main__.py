"""Entry point of `python -m agent_runner`."""

import os
import sys
from typing import NoReturn

from agent_runner._command_line import main

__all__ = ["run"]


def run() -> NoReturn:
    """Run the command and end the process.

    Everything is closed by then. The interpreter would go on to free thousands of modules one by
    one, which takes longer than the whole stop of the worker, so it is not asked to.
    """
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run()
