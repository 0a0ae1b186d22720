"""What a fork server imports once, so that a forked worker imports nothing more."""

# Importing these brings in everything that an execution may use.
MODULES = (
    "agent_runner._worker",
    "agent_runner.models._ollama",
)
