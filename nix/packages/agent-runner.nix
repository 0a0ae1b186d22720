{ lib, python3Packages }:
let
  sources = import ../sources.nix { inherit lib; };
in
python3Packages.buildPythonPackage {
  pname = "agent-runner";
  version = sources.versions.agent-runner;
  pyproject = true;
  src = lib.fileset.toSource {
    root = ../../services/agent-runner;
    fileset = sources.agentRunner;
  };
  postPatch = "touch README.md"; # pyproject.toml names it; its text is no reason to build anew
  build-system = [ python3Packages.poetry-core ];
  dependencies = [
    python3Packages.anthropic
    python3Packages.grpcio
    python3Packages.httpx
    python3Packages.mcp
    python3Packages.ollama
    python3Packages.openai
    python3Packages.protobuf
    python3Packages.pydantic
    python3Packages.pydantic-settings
    python3Packages.structlog
    python3Packages.temporalio
  ];
  pythonRelaxDeps = true; # poetry.lock is for whoever has no Nix; here the versions are the pin's
  pythonImportsCheck = [ "agent_runner" ];
  doCheck = false; # the tests want a Temporal server; the scenarios run the program itself
  meta = {
    description = "agent-runner of Stigmer's reference services";
    license = lib.licenses.asl20;
    mainProgram = "agent-runner";
  };
}
