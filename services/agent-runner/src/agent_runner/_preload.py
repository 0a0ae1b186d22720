"""What a fork server imports once, so that a forked worker imports nothing more."""

# Importing these brings in everything that an execution may use; no name is here that another one brings.
MODULES = (
    "agent_runner._worker",
    "agent_runner.models._ollama",
)
