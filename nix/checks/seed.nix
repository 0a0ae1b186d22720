# The two scenarios that everything rests on, each on a whole Stigmer of its own.
{
  lib,
  agent-runner-python,
  go,
  rustPlatform,
  sdk-go,
  stigmer-e2e,
  stigmer-server,
  temporal-cli,
  workflow-runner,
  writableTmpDirAsHomeHook,
}:
let
  sources = import ../sources.nix { inherit lib; };
  scenarios = [
    "agents::an_applied_agent_lies_in_the_database"
    "agents::an_agent_answers"
  ];
in
rustPlatform.buildRustPackage {
  pname = "seed";
  inherit (stigmer-e2e) version;
  src = lib.fileset.toSource {
    inherit (sources) root;
    fileset = lib.fileset.unions [
      sources.rust
      sources.services-with-digests
      ../../.config/nextest.toml
      ../../testdata
      ../../tests/scenarios
    ];
  };
  cargoLock.lockFile = ../../Cargo.lock;
  buildType = "debug"; # compiled for one run of a few seconds
  dontBuild = true; # nextest builds what it runs, with the features of the tests
  useNextest = true;
  cargoTestFlags = [
    "--profile"
    "ci"
    "--test"
    "scenarios"
  ];
  checkFlags = [ "--exact" ] ++ scenarios;
  nativeCheckInputs = [
    go
    stigmer-server
    temporal-cli
    workflow-runner
    writableTmpDirAsHomeHook
  ];
  env = import ../environment.nix { inherit lib agent-runner-python sdk-go; } // {
    NEXTEST_SHOW_PROGRESS = "counter"; # the bar eats lines of the log
  };
  # A name that matches nothing is no error to nextest.
  postCheck = ''
    grep 'name="nextest-run" tests="${toString (lib.length scenarios)}"' target/nextest/ci/junit.xml
  '';
  installPhase = ''
    runHook preInstall
    install -Dm644 target/nextest/ci/junit.xml $out/junit.xml
    runHook postInstall
  '';
  __darwinAllowLocalNetworking = true;
}
