"""Entry point of `python -m agent_runner`."""

import sys

from agent_runner._command_line import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
