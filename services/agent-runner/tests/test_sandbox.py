"""What leads out of the sandbox is refused, whoever put it there."""

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_runner._errors import ToolError
from agent_runner.tools._sandbox import LARGEST_FILE, Sandbox

SECRET = b"not for agents"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A directory beside the sandboxes, with a file that no agent may touch."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.txt").write_bytes(SECRET)
    return folder


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """A sandbox that exists."""
    made = Sandbox(tmp_path / "sandboxes", "ses-1")
    made.make()
    return made


def _read(sandbox: Sandbox, path: str) -> object:
    return sandbox.read(path)


def _write(sandbox: Sandbox, path: str) -> object:
    sandbox.write(path, b"overwritten")
    return None


def _list(sandbox: Sandbox, path: str) -> object:
    return sandbox.entries(path)


def _walk(sandbox: Sandbox, path: str) -> object:
    return list(sandbox.walk(path, 10))


ACCESSES = [_read, _write, _list, _walk]
Access = Callable[[Sandbox, str], object]


@pytest.mark.parametrize("access", ACCESSES)
@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("../../outside/secret.txt", "`..`"),
        ("notes/../../../outside", "`..`"),
        ("/etc/passwd", "outside of the sandbox"),
        ("/", "outside of the sandbox"),
        ("a\0b", "NUL"),
        ("d/" * 60 + "f", "nested too deeply"),
    ],
)
def test_a_path_that_leads_out_is_refused(
    sandbox: Sandbox, access: Access, path: str, problem: str
) -> None:
    with pytest.raises(ToolError, match=problem):
        access(sandbox, path)


@pytest.mark.parametrize("access", ACCESSES)
@pytest.mark.parametrize("path", ["link", "link/secret.txt", "deep/link/secret.txt"])
def test_a_symbolic_link_is_never_followed(
    sandbox: Sandbox, outside: Path, access: Access, path: str
) -> None:
    (sandbox.path / "deep").mkdir()
    (sandbox.path / "link").symlink_to(outside)
    (sandbox.path / "deep/link").symlink_to(outside, target_is_directory=True)

    with pytest.raises(ToolError, match="symbolic link"):
        access(sandbox, path)
    assert (outside / "secret.txt").read_bytes() == SECRET


@pytest.mark.parametrize("access", [_read, _write])
def test_a_link_to_a_file_is_neither_read_nor_written_through(
    sandbox: Sandbox, outside: Path, access: Access
) -> None:
    (sandbox.path / "innocent.txt").symlink_to(outside / "secret.txt")

    with pytest.raises(ToolError, match="symbolic link"):
        access(sandbox, "innocent.txt")
    assert (outside / "secret.txt").read_bytes() == SECRET


def test_a_sandbox_that_is_itself_a_link_is_refused(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "sandboxes").mkdir()
    (tmp_path / "sandboxes/ses-1").symlink_to(outside)
    sandbox = Sandbox(tmp_path / "sandboxes", "ses-1")

    with pytest.raises(ToolError):
        sandbox.read("secret.txt")


def test_a_directory_swapped_for_a_link_while_in_use_is_never_followed(
    sandbox: Sandbox, outside: Path
) -> None:
    """A racing process exchanges a directory for a link, over and over."""
    real, link, name = sandbox.path / "real", sandbox.path / "evil", sandbox.path / "work"
    name.mkdir()
    link.symlink_to(outside)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for source, target in ((name, real), (link, name), (name, link), (real, name)):
                with contextlib.suppress(OSError):  # the sandbox made the directory meanwhile
                    source.rename(target)

    swapping = threading.Thread(target=swap)
    swapping.start()
    answers: list[bytes] = []
    try:
        for _ in range(500):
            for access in (_read, _write):
                try:
                    if isinstance(content := access(sandbox, "work/secret.txt"), bytes):
                        answers.append(content)
                except ToolError:
                    continue
    finally:
        stop.set()
        swapping.join()

    assert SECRET not in answers
    assert (outside / "secret.txt").read_bytes() == SECRET
    assert [one.name for one in outside.iterdir()] == ["secret.txt"]


def test_a_pipe_is_refused_and_not_waited_for(sandbox: Sandbox) -> None:
    os.mkfifo(sandbox.path / "pipe")

    with pytest.raises(ToolError, match="special file, not a file"):
        sandbox.read("pipe")
    with pytest.raises(ToolError, match="special file, not a file"):
        sandbox.write("pipe", b"x")


def test_an_absolute_path_into_the_sandbox_is_taken(sandbox: Sandbox) -> None:
    sandbox.write(f"{sandbox.path}/notes/plan.md", b"plan")

    assert sandbox.read("notes/plan.md") == b"plan"


def test_a_directory_whose_name_only_begins_like_the_sandbox_is_outside(sandbox: Sandbox) -> None:
    with pytest.raises(ToolError, match="outside of the sandbox"):
        sandbox.read(f"{sandbox.path}-2/secret.txt")


def test_a_file_is_replaced_whole_and_leaves_nothing_behind(sandbox: Sandbox) -> None:
    sandbox.write("a/b.txt", b"first")
    sandbox.write("a/b.txt", b"second")

    assert sandbox.read("a/b.txt") == b"second"
    assert [entry.path for entry in sandbox.entries("a")] == ["a/b.txt"]


def test_too_large_a_file_is_neither_read_nor_written(sandbox: Sandbox) -> None:
    (sandbox.path / "large").write_bytes(b"x" * (LARGEST_FILE + 1))

    with pytest.raises(ToolError, match=f"{LARGEST_FILE} is the most"):
        sandbox.read("large")
    with pytest.raises(ToolError, match=f"{LARGEST_FILE} is the most"):
        sandbox.write("new", b"x" * (LARGEST_FILE + 1))


@pytest.mark.parametrize(
    ("access", "path", "problem"),
    [
        (_read, "absent.txt", "'absent.txt': no such file or directory"),
        (_read, "folder", "is a directory"),
        (_read, ".", "is a directory"),
        (_write, "folder", "is a directory"),
        (_write, ".", "is a directory"),
        (_write, "file.txt/below.txt", "not a directory"),
        (_list, "file.txt", "not a directory"),
        (_write, "n" * 300, "file name too long"),
    ],
)
def test_a_failure_is_told_in_words(
    sandbox: Sandbox, access: Access, path: str, problem: str
) -> None:
    (sandbox.path / "folder").mkdir()
    (sandbox.path / "file.txt").touch()

    with pytest.raises(ToolError, match=problem):
        access(sandbox, path)


def test_a_walk_ends_at_its_limit_and_tells_no_links(sandbox: Sandbox, outside: Path) -> None:
    for number in range(5):
        sandbox.write(f"d/{number}.txt", b"")
    (sandbox.path / "d/link").symlink_to(outside)

    assert [entry.path for entry in sandbox.walk(".", 100)] == [
        "d",
        *(f"d/{n}.txt" for n in range(5)),
    ]
    assert len(list(sandbox.walk(".", 3))) == 3


def test_a_removed_sandbox_takes_nothing_from_outside_with_it(
    sandbox: Sandbox, outside: Path
) -> None:
    sandbox.write("a/b/c.txt", b"x")
    (sandbox.path / "a/link").symlink_to(outside)

    sandbox.remove()
    sandbox.remove()

    assert not sandbox.path.exists()
    assert (outside / "secret.txt").exists()
