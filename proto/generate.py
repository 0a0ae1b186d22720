#!/usr/bin/env python3
"""Write what the services' languages need of the contract, and lock its names and numbers.

    python3 proto/generate.py            # after a change of a .proto file
    python3 proto/generate.py --check    # exit 1 when something is out of date

Writes services/stubs-go (messages and gRPC), services/agent-runner/src/ai (messages, gRPC, types), proto/wire.lock.json
(names and numbers) and proto/generated.lock (digests, so that a test without these tools can tell what is out of date).
The tools are pinned below and installed once under target/e2e/codegen. Rust has no committed code: build.rs makes it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto"
GO_OUT = ROOT / "services/stubs-go"
PYTHON_OUT = ROOT / "services/agent-runner/src"
TOOLS = ROOT / "target/e2e/codegen"
GO_MODULE = "github.com/stigmer/stigmer/apis/stubs/go"

# The oldest generator whose code all supported runtimes accept: protobuf 6.31 and grpcio 1.74 are the lower bounds of
# the agent-runner, and generated code must not be newer than the runtime.
PYTHON_TOOLS = ["grpcio==1.74.0", "grpcio-tools==1.74.0", "protobuf==6.31.1", "setuptools==80.9.0"]
GO_TOOLS = {
    "protoc-gen-go": "google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.11",
    "protoc-gen-go-grpc": "google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.0",
}


def install_tools() -> pathlib.Path:
    """Install the pinned generators once and answer their Python."""
    python = TOOLS / "bin/python"
    wanted = json.dumps([PYTHON_TOOLS, GO_TOOLS])
    stamp = TOOLS / "tools.json"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    shutil.rmtree(TOOLS, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", TOOLS], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "--only-binary=:all:", *PYTHON_TOOLS], check=True)
    environment = {**os.environ, "GOBIN": str(TOOLS / "bin"), "GOFLAGS": "-mod=mod"}
    for package in GO_TOOLS.values():
        subprocess.run(["go", "install", package], check=True, env=environment, cwd=TOOLS)
    stamp.write_text(wanted, encoding="utf-8")
    return python


def sources() -> list[str]:
    """The contract's files, without the declaration of the validation rules."""
    return sorted(str(p.relative_to(PROTO)) for p in (PROTO / "ai").rglob("*.proto"))


STRIP_RULES = """
import sys
from google.protobuf import descriptor_pb2
files = descriptor_pb2.FileDescriptorSet.FromString(open(sys.argv[1], "rb").read())
out = descriptor_pb2.FileDescriptorSet()
def strip(message):
    for field in message.field:
        field.ClearField("options")
    for nested in message.nested_type:
        strip(nested)
for file in files.file:
    if file.name.startswith("buf/"):
        continue
    kept = [d for d in file.dependency if not d.startswith("buf/")]
    del file.dependency[:]
    file.dependency.extend(kept)
    for message in file.message_type:
        strip(message)
    out.file.append(file)
open(sys.argv[1], "wb").write(out.SerializeToString())
"""


def protoc(python: pathlib.Path, *arguments: str) -> None:
    """Run the pinned protoc."""
    environment = {**os.environ, "PATH": f"{TOOLS / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([python, "-m", "grpc_tools.protoc", *arguments], check=True, env=environment)


def generate(python: pathlib.Path, go_out: pathlib.Path, python_out: pathlib.Path, work: pathlib.Path) -> dict[str, object]:
    """Generate all code below the two folders and answer the content of the wire lock."""
    descriptors = work / "descriptors"
    protoc(python, f"-I{PROTO}", "--include_imports", "--include_source_info", f"--descriptor_set_out={descriptors}", *sources())
    files = f"--descriptor_set_in={descriptors}"
    protoc(
        python,
        files,
        f"--go_out={go_out}",
        f"--go_opt=module={GO_MODULE}",
        f"--go-grpc_out={go_out}",
        f"--go-grpc_opt=module={GO_MODULE}",
        *sources(),
    )
    locked = subprocess.run(
        [python, PROTO / "wire_lock.py", descriptors], check=True, capture_output=True, text=True
    ).stdout
    # Python reads the rules' declaration at import; the runner does not validate, so its copy goes without them.
    subprocess.run([python, "-c", STRIP_RULES, descriptors], check=True)
    protoc(python, files, f"--python_out={python_out}", f"--pyi_out={python_out}", f"--grpc_python_out={python_out}", *sources())
    for folder in sorted({p.parent for p in (python_out / "ai").rglob("*.py")} | {python_out / "ai"}):
        while folder != python_out:
            (folder / "__init__.py").touch()
            folder = folder.parent
    return json.loads(locked)


def digest(folder: pathlib.Path, pattern: str) -> str:
    """Digest of a folder's files: SHA-256 over one line `<sha256>  <path>` a file, sorted by path."""
    lines = sorted(
        (str(p.relative_to(folder)), hashlib.sha256(p.read_bytes()).hexdigest())
        for p in folder.rglob(pattern)
        if p.is_file() and "__pycache__" not in p.parts
    )
    return hashlib.sha256("".join(f"{d}  {p}\n" for p, d in lines).encode()).hexdigest()


def lock(go_out: pathlib.Path, python_out: pathlib.Path) -> dict[str, str]:
    """What proto/generated.lock says."""
    return {
        "proto": digest(PROTO / "ai", "*.proto"),
        "go": digest(go_out / "ai", "*"),
        "python": digest(python_out / "ai", "*"),
    }


def main() -> int:
    """Generate, or compare with what is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when something is out of date")
    check = parser.parse_args().check
    python = install_tools()
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(temporary)
        go_out, python_out = work / "go", work / "python"
        go_out.mkdir()
        python_out.mkdir()
        wire = json.dumps(generate(python, go_out, python_out, work), indent=1, sort_keys=True) + "\n"
        locked = json.dumps(lock(go_out, python_out), indent=1) + "\n"
        outputs = {PROTO / "wire.lock.json": wire, PROTO / "generated.lock": locked}
        if check:
            stale = [str(p.relative_to(ROOT)) for p, text in outputs.items() if not p.is_file() or p.read_text(encoding="utf-8") != text]
            stale += [
                str(there.relative_to(ROOT))
                for there, new in ((GO_OUT / "ai", go_out / "ai"), (PYTHON_OUT / "ai", python_out / "ai"))
                if digest(there, "*") != digest(new, "*")
            ]
            if stale:
                print(f"out of date: {', '.join(stale)}; run `python3 proto/generate.py`", file=sys.stderr)
            return 1 if stale else 0
        for there, new in ((GO_OUT / "ai", go_out / "ai"), (PYTHON_OUT / "ai", python_out / "ai")):
            shutil.rmtree(there, ignore_errors=True)
            shutil.copytree(new, there)
        for path, text in outputs.items():
            path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
