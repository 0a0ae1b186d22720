"""What this program was built from."""

import hashlib
from pathlib import Path

PROGRAM = "agent-runner"
VERSION = "0.1.0"


def digest() -> str:
    """Digest this package's sources.

    It is the SHA-256 over one line `<sha256 of file>  <path>` for each Python file, sorted by path,
    and computed when asked, so that it is true for a checkout and for an installed package.
    """
    folder = Path(__file__).parent
    files = sorted(
        (path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in folder.rglob("*.py")
        if "__pycache__" not in path.parts
    )
    lines = "".join(f"{file_digest}  {path}\n" for path, file_digest in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def line() -> str:
    """Say what `--version` prints; a harness compares the digest with that of its checkout."""
    return f"{PROGRAM} {VERSION} sources {digest()}"
