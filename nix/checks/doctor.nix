# The harness finds every program on PATH, and each service was built from just these sources: the digests that Nix
# linked in are those that the harness computes.
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
}:
let
  sources = import ../sources.nix { inherit lib; };
in
runCommand "doctor"
  {
    nativeBuildInputs = [
      cargo-nextest
      go
      stigmer-e2e
      stigmer-server
      temporal-cli
      workflow-runner
    ];
    env = import ../environment.nix { inherit lib agent-runner-python sdk-go; };
    checkout = lib.fileset.toSource {
      inherit (sources) root;
      fileset = lib.fileset.unions [
        ../../Cargo.toml
        sources.services-with-digests
      ];
    };
  }
  ''
    cp -r "$checkout" checkout
    chmod -R u+w checkout
    cd checkout
    stigmer-e2e doctor

    # The comparison can fail: a service is refused as soon as one of its files is another.
    refused() {
      if stigmer-e2e doctor >report; then
        echo "doctor does not see that $1 has changed" >&2
        exit 1
      fi
      [ "$(grep -c "other sources" report)" = "$2" ] || { cat report >&2; exit 1; }
    }
    echo "// changed" >>services/stigmer-server/cmd/stigmer-server/main.go
    refused stigmer-server 2 # stigmer-store is built from the same sources
    echo "// changed" >>services/workflow-runner/cmd/workflow-runner/main.go
    refused workflow-runner 3
    echo "# changed" >>services/agent-runner/src/agent_runner/__main__.py
    refused agent-runner 4
    touch $out
  ''
