"""Logs: JSON lines on standard error, with the keys that the platform's other services use."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from agent_runner._build import PROGRAM


def _like_slog(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    level = str(event.pop("level", "info")).upper()
    ordered: EventDict = {
        "time": event.pop("timestamp", None),
        "level": {"WARNING": "WARN", "CRITICAL": "ERROR"}.get(level, level),
        "msg": event.pop("event", ""),
        "program": PROGRAM,
    }
    if "exception" in event:
        ordered["error"] = event.pop("exception")
    ordered.update(event)
    return ordered


def configure_logs(level: str, stream: TextIO | None = None) -> None:
    """Send our logs and those of the libraries to standard error; the program's entry does it."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _like_slog,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # One line for each HTTP request, with its address, is more than a log at info is for.
    for talkative in ("httpx", "httpx2", "httpcore", "httpcore2", "mcp", "openai", "anthropic"):
        logging.getLogger(talkative).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)


def logger() -> structlog.stdlib.BoundLogger:
    """Answer the logger; what belongs to an execution is bound to its context."""
    return structlog.stdlib.get_logger(PROGRAM)
