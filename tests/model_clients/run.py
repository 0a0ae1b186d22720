"""Checks the scripted model against the official clients, in one command.

`python3 tests/model_clients/run.py [pytest arguments]` from anywhere: builds the model, and for
each file in requirements/ makes a virtual environment under target/ (again only after a change of
the file) and runs all tests with the clients in it.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).absolute()


def prepare(requirements: Path) -> Path:
    """Install the clients and return the Python that has them."""
    environment = TARGET / "model-clients" / requirements.stem
    python = environment / "bin" / "python"
    wanted = requirements.read_text(encoding="utf-8")
    stamp = environment / "requirements.txt"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        venv.create(environment, with_pip=True, clear=True)
        run([str(python), "-m", "pip", "install", "--quiet", "--requirement", str(requirements)])
        stamp.write_text(wanted, encoding="utf-8")
    return python


def run(command: list[str], **variables: str) -> None:
    """Run one of our own commands in the root of the repository."""
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **variables})  # noqa: S603


def main() -> int:
    """Run everything; a command that failed has said why."""
    program = TARGET / "debug" / "examples" / "scripted_model"
    try:
        run(["cargo", "build", "--quiet", "--example", "scripted_model"])
        for requirements in sorted((HERE / "requirements").glob("*.txt")):
            python = prepare(requirements)
            tests = [str(python), "-m", "pytest", "--rootdir", str(HERE), str(HERE), *sys.argv[1:]]
            run(tests, SCRIPTED_MODEL=str(program), PYTHONDONTWRITEBYTECODE="1")
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
