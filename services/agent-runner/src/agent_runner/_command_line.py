"""The command line of the agent-runner."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from agent_runner import _build
from agent_runner._errors import AgentRunnerError, SettingsError
from agent_runner._preload import modules

_FAILED = 1
_USAGE = 2


def main(arguments: Sequence[str]) -> int:
    """Run the command and answer its exit code.

    0: stopped as asked; 1: cannot work; 2: wrong arguments or settings.
    """
    options = _parser().parse_args(arguments)
    if options.version:
        print(_build.line())
        return 0
    if options.preload:
        # An empty line in between.
        print("\n\n".join("\n".join(names) for names in modules()))
        return 0
    # Imported here, so that --version and --preload answer at once.
    from agent_runner._logs import configure_logs
    from agent_runner._settings import load_settings

    try:
        settings = load_settings()
    except SettingsError as error:
        print(f"agent-runner: wrong settings\n{error}", file=sys.stderr)
        return _USAGE
    if options.check:
        print("settings are good")
        return 0
    configure_logs(settings.log_level)
    from agent_runner._worker import serve

    try:
        asyncio.run(serve(settings))
    except AgentRunnerError as error:
        print(f"agent-runner: {error}", file=sys.stderr)
        return _FAILED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="agent-runner",
        description="Run Stigmer's agents. Settings come from the environment; see README.md.",
    )
    parser.add_argument(
        "--version", action="store_true", help="print version and digest of the sources, and exit"
    )
    parser.add_argument("--check", action="store_true", help="check the settings, and exit")
    parser.add_argument(
        "--preload", action="store_true", help="print the modules a fork server imports, and exit"
    )
    return parser
