"""Times as the platform writes them."""

from datetime import UTC, datetime


def now() -> str:
    """The time in ISO 8601, UTC, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
