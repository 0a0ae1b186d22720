"""What a fork server imports once, so that a forked worker imports nothing more."""

from importlib.util import find_spec

# Every execution needs them.
_NEEDED = (
    "agent_runner._command_line",
    "agent_runner._worker",
    "agent_runner.models._ollama",
)
# Large, and used by few executions.
_RARE = (
    "agent_runner.tools._servers",
    "agent_runner.models._openai",
    "agent_runner.models._anthropic",
)
# What libraries import only when they are used, found out by running executions; which of them are
# there depends on the libraries' versions.
_NEEDED_LATE = (
    "anyio._backends._asyncio",
    "anyio._core._subprocesses",
    "anyio.streams.tls",
    "concurrent.futures.thread",
    "google.protobuf.descriptor_pb2",
    "httpcore",
    "truststore",
)
_RARE_LATE = (
    "httpcore2",
    "jsonschema",
    "openai.resources.chat.chat",
    "openai.resources.chat.completions.completions",
)


def modules() -> tuple[list[str], list[str]]:
    """Name the modules, in the order to import them in: what all need, and what few need."""
    return [*_NEEDED, *_there(_NEEDED_LATE)], [*_RARE, *_there(_RARE_LATE)]


def _there(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if find_spec(name.split(".", 1)[0])]
