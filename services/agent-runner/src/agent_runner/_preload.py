"""What a fork server imports once, so that a forked worker imports nothing more."""

from importlib.util import find_spec

# Importing these brings in most of what an execution may use. What every execution needs comes
# first, then what costs more and is used less: a fork server may fork before it has imported all.
_OWN = (
    "agent_runner._command_line",
    "agent_runner._worker",
    "agent_runner.models._ollama",
    "agent_runner.tools._servers",
    "agent_runner.models._openai",
    "agent_runner.models._anthropic",
)
# What libraries import only when they are used, found out by running executions; which of them are
# there depends on the libraries' versions.
_LATE = (
    "anyio._backends._asyncio",
    "anyio._core._subprocesses",
    "anyio.streams.tls",
    "concurrent.futures.thread",
    "google.protobuf.descriptor_pb2",
    "httpcore",
    "httpcore2",
    "jsonschema",
    "openai.resources.chat.chat",
    "openai.resources.chat.completions.completions",
    "truststore",
)


def modules() -> list[str]:
    """Name the modules, in the order to import them in."""
    return [*_OWN, *(name for name in _LATE if find_spec(name.split(".", 1)[0]))]
