"""Run a program the plain way, and write down on request which modules it has imported.

usage: learn.py OUT PROGRAM...   (PROGRAM: `-m MODULE` or a path)

On SIGUSR2 the names go to OUT, one a line, in the order of import, so that a fork server can
import them before the next start. Modules of the program's own folder are left out: they may read
the environment at import.
"""

import os
import runpy
import signal
import sys


def main() -> None:
    """Arm the signal and become the program."""
    out, *program = sys.argv[1:]
    own = "" if program[0] == "-m" else os.path.dirname(os.path.abspath(program[0])) + os.sep

    def write(_signal: int, _frame: object) -> None:
        names = [
            name
            for name, module in list(sys.modules.items())
            if name != "__main__" and not (own and file_of(module).startswith(own))
        ]
        with open(out + ".new", "w", encoding="utf-8") as file:
            # A program that this project does not know may name no build.
            file.write("\n".join(["#build-id", *names]) + "\n")
        os.replace(out + ".new", out)

    signal.signal(signal.SIGUSR2, write)
    if program[0] == "-m":
        sys.argv = [program[1]]
        runpy.run_module(program[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [program[0]]
        sys.path.insert(0, os.path.dirname(program[0]))
        runpy.run_path(program[0], run_name="__main__")


def file_of(module: object) -> str:
    """Where a module comes from; empty for built-in ones."""
    return os.path.abspath(getattr(module, "__file__", None) or "")


if __name__ == "__main__":
    main()
