# Everything to build and test. The services, the SDK and the agent-runner are the packages: enter anew after changing them.
{
  lib,
  agent-runner,
  agent-runner-python,
  cargo,
  cargo-nextest,
  clippy,
  deadnix,
  go,
  mkShell,
  nixfmt,
  poetry,
  python3,
  rustc,
  rustfmt,
  sdk-go,
  shellcheck,
  stigmer-server,
  temporal-cli,
  workflow-runner,
}:
mkShell {
  packages = [
    cargo
    cargo-nextest
    clippy
    deadnix
    go
    nixfmt
    poetry
    (python3.withPackages (
      python:
      agent-runner.dependencies
      ++ [
        python.pytest
        python.pytest-asyncio
        python.ruff
      ]
    ))
    rustc
    rustfmt
    shellcheck
    stigmer-server
    temporal-cli
    workflow-runner
  ];
  env = import ../environment.nix { inherit lib agent-runner-python sdk-go; };
}
