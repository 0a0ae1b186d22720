# What the harness is told where all its programs come from Nix.
{
  lib,
  agent-runner-python,
  sdk-go,
}:
{
  STIGMER_E2E_TOOLSET = "path";
  STIGMER_E2E_AGENT_RUNNER_PYTHON = lib.getExe' agent-runner-python "python3";
  STIGMER_SDK_DIR = "${sdk-go}/sdk-go";
}
