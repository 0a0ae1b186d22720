{ lib, rustPlatform }:
let
  sources = import ../sources.nix { inherit lib; };
in
rustPlatform.buildRustPackage {
  pname = "stigmer-e2e";
  version = sources.versions.stigmer-e2e;
  src = lib.fileset.toSource {
    inherit (sources) root;
    fileset = sources.rust;
  };
  cargoLock.lockFile = ../../Cargo.lock;
  doCheck = false; # the checks run the tests
  meta = {
    description = "End-to-end tests of Stigmer, and the stigmer command line";
    license = lib.licenses.asl20;
    mainProgram = "stigmer-e2e";
  };
}
