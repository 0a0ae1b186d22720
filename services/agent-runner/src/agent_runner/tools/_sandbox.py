"""The directory that an agent's file tools work in, and never leave.

Paths are opened component by component, each relative to the directory opened before it, and no
symbolic link is ever followed: what is checked is what is used, whatever somebody else renames or
links meanwhile.
"""

import contextlib
import os
import stat
import uuid
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from agent_runner._errors import ToolError

# A text that a model reads or writes is smaller by far; more would exhaust its context.
LARGEST_FILE = 1024 * 1024
_DEEPEST = 50
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Not blocking, so that opening a pipe that somebody put there does not wait for its other end.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in the sandbox; its path is relative to the sandbox, with slashes."""

    path: str
    kind: str
    size: int


class Sandbox:
    """One sandbox. Its directory is made at the first need."""

    def __init__(self, root: Path, name: str) -> None:
        """Name the sandbox: `name` is one directory below `root`."""
        self._root = root
        self._name = name

    @property
    def path(self) -> Path:
        """Where it lies, absolute."""
        return Path(os.path.abspath(self._root)) / self._name  # noqa: PTH100  # resolve() would follow links

    def make(self) -> Path:
        """Make the directory, if it is not there, and answer where it lies."""
        os.close(self._open_root())
        return self.path

    def read(self, path: str) -> bytes:
        """Read a regular file.

        Raises:
            ToolError: it is not there, not a file, too large or not in the sandbox.
        """
        parts = self._parts(path)
        if not parts:
            raise _mistake(path, "is a directory")
        with _explained(path), self._directory(parts[:-1]) as directory:
            return _read_file(directory, parts[-1], path)

    def write(self, path: str, content: bytes) -> None:
        """Make or replace a regular file, whole or not at all; missing directories are made.

        Raises:
            ToolError: it cannot be written, is too large or not in the sandbox.
        """
        parts = self._parts(path)
        if not parts:
            raise _mistake(path, "is a directory")
        if len(content) > LARGEST_FILE:
            raise _mistake(path, f"would have {len(content)} bytes; {LARGEST_FILE} is the most")
        with _explained(path), self._directory(parts[:-1], create=True) as directory:
            _refuse_what_is_no_file(directory, parts[-1], path)
            temporary = f".{uuid.uuid4().hex}.tmp"
            descriptor = os.open(temporary, _CREATE, 0o600, dir_fd=directory)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                os.replace(temporary, parts[-1], src_dir_fd=directory, dst_dir_fd=directory)
            except OSError:
                os.unlink(temporary, dir_fd=directory)
                raise

    def entries(self, path: str) -> list[Entry]:
        """List a directory, sorted by name.

        Raises:
            ToolError: it is not a directory of the sandbox.
        """
        parts = self._parts(path)
        with _explained(path), self._directory(parts) as directory:
            return _entries(directory, "".join(f"{part}/" for part in parts))

    def walk(self, path: str, limit: int) -> Iterator[Entry]:
        """Tell everything below a directory but links, which are not followed; `limit` is the most.

        Raises:
            ToolError: it is not a directory of the sandbox.
        """
        seen = 0
        waiting = [path]
        while waiting:
            directory = waiting.pop()
            try:
                entries = self.entries(directory)
            except ToolError:
                if directory == path:
                    raise
                continue  # somebody removed it meanwhile
            for entry in entries:
                seen += 1
                if seen > limit:
                    return
                if entry.kind == "directory" and entry.path.count("/") < _DEEPEST:
                    waiting.append(entry.path)
                if entry.kind != "link":
                    yield entry

    def remove(self) -> None:
        """Remove everything in it, and itself.

        Raises:
            OSError: something cannot be removed.
        """
        if not self.path.is_dir():
            return
        with self._directory([]) as directory:
            _empty(directory, 0)
        self.path.rmdir()

    def _parts(self, path: str) -> list[str]:
        """The components of a path that may be opened."""
        if "\0" in path:
            raise _mistake(path, "has a NUL character")
        relative = path
        if path.startswith("/"):
            inside = f"{self.path}/"
            if not f"{path}/".startswith(inside):
                raise _mistake(path, "is outside of the sandbox; use a path relative to it")
            relative = path.removeprefix(inside.rstrip("/"))
        parts = [part for part in relative.split("/") if part not in {"", "."}]
        if ".." in parts:
            raise _mistake(path, "may not contain `..`; use a path relative to the sandbox")
        if len(parts) > _DEEPEST:
            raise _mistake(path, f"is nested too deeply; {_DEEPEST} is the most")
        return parts

    def _open_root(self) -> int:
        self._root.mkdir(parents=True, exist_ok=True)
        root = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with contextlib.suppress(FileExistsError):
                os.mkdir(self._name, 0o700, dir_fd=root)
            return os.open(self._name, _DIRECTORY, dir_fd=root)
        finally:
            os.close(root)

    @contextlib.contextmanager
    def _directory(self, parts: list[str], *, create: bool = False) -> Generator[int]:
        """Open a directory of the sandbox by its components."""
        current = self._open_root()
        try:
            for part in parts:
                if create:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(part, 0o700, dir_fd=current)
                below = _open_directory(part, current)
                os.close(current)
                current = below
            yield current
        finally:
            os.close(current)


def _open_directory(name: str, parent: int) -> int:
    try:
        return os.open(name, _DIRECTORY, dir_fd=parent)
    except OSError as error:
        if _is_link(name, parent):
            message = f"{name} is a symbolic link; links are not followed"
            raise ToolError(message) from error
        raise


def _read_file(directory: int, name: str, path: str) -> bytes:
    try:
        descriptor = os.open(name, _READ, dir_fd=directory)
    except OSError as error:
        if _is_link(name, directory):
            raise _mistake(path, "is a symbolic link; links are not followed") from error
        raise
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _mistake(path, f"is a {_kind(status.st_mode)}, not a file")
        if status.st_size > LARGEST_FILE:
            raise _mistake(path, f"has {status.st_size} bytes; {LARGEST_FILE} is the most")
        return file.read(LARGEST_FILE)


def _refuse_what_is_no_file(directory: int, name: str, path: str) -> None:
    try:
        mode = os.lstat(name, dir_fd=directory).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISLNK(mode):
        raise _mistake(path, "is a symbolic link; links are not followed")
    if not stat.S_ISREG(mode):
        raise _mistake(path, f"is a {_kind(mode)}, not a file")


def _entries(directory: int, prefix: str) -> list[Entry]:
    found: list[Entry] = []
    with os.scandir(directory) as scan:
        for one in scan:
            with contextlib.suppress(FileNotFoundError):  # somebody removed it meanwhile
                status = one.stat(follow_symlinks=False)
                found.append(Entry(prefix + one.name, _kind(status.st_mode), status.st_size))
    return sorted(found, key=lambda entry: entry.path)


def _empty(directory: int, depth: int) -> None:
    for entry in _entries(directory, ""):
        if entry.kind != "directory":
            os.unlink(entry.path, dir_fd=directory)
        elif depth <= 2 * _DEEPEST:
            below = os.open(entry.path, _DIRECTORY, dir_fd=directory)
            try:
                _empty(below, depth + 1)
            finally:
                os.close(below)
            os.rmdir(entry.path, dir_fd=directory)


def _is_link(name: str, directory: int) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(name, dir_fd=directory).st_mode)
    except OSError:
        return False


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "directory"
    if stat.S_ISLNK(mode):
        return "link"
    return "file" if stat.S_ISREG(mode) else "special file"


def _mistake(path: str, problem: str) -> ToolError:
    return ToolError(f"{path!r} {problem}")


@contextlib.contextmanager
def _explained(path: str) -> Generator[None]:
    """Turn what the operating system says into what a model understands."""
    try:
        yield
    except OSError as error:
        message = f"{path!r}: {(error.strerror or str(error)).lower()}"
        raise ToolError(message) from error
