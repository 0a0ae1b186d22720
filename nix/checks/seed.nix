# The two scenarios that everything rests on, each on a whole Stigmer of its own.
{
  lib,
  agent-runner-python,
  cargo-nextest,
  go,
  runCommand,
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
    "apply::an_applied_agent_lies_in_the_database"
    "run::an_agent_answers"
  ];
in
runCommand "seed"
  {
    nativeBuildInputs = [
      cargo-nextest
      go
      stigmer-server
      temporal-cli
      workflow-runner
      writableTmpDirAsHomeHook
    ];
    env = import ../environment.nix { inherit lib agent-runner-python sdk-go; } // {
      NEXTEST_SHOW_PROGRESS = "counter"; # the bar eats lines of the log
    };
    checkout = lib.fileset.toSource {
      inherit (sources) root;
      fileset = lib.fileset.unions [
        sources.checkout
        ../../.config/nextest.toml
        ../../testdata
      ];
    };
    __darwinAllowLocalNetworking = true;
  }
  ''
    cp -r "$checkout" checkout
    chmod -R u+w checkout
    cd checkout

    # Go's own library and the SDK, for the programs that the scenarios apply: compiling them takes two cores half a
    # minute, which is no part of a scenario's time limit.
    (cd "$STIGMER_SDK_DIR" && GOCACHE=$OLDPWD/target/e2e/cache/go-build CGO_ENABLED=0 go build -trimpath ./...)

    cargo-nextest nextest run --profile ci --archive-file ${stigmer-e2e.archive}/scenarios.tar.zst --workspace-remap . \
      -- --exact ${toString scenarios}
    # A name that matches nothing is no error to nextest.
    if ! grep 'name="nextest-run" tests="${toString (lib.length scenarios)}"' target/nextest/ci/junit.xml; then
      echo "not all of these have run: ${toString scenarios}" >&2
      exit 1
    fi
    install -Dm644 target/nextest/ci/junit.xml $out/junit.xml
  ''
