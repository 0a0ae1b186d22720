# The programs, and as output `archive` the scenarios for `cargo nextest run --archive-file`. Both are compiled once, so
# that a check only runs them, and a change of a service compiles no Rust.
{
  lib,
  cargo-nextest,
  rustPlatform,
}:
let
  sources = import ../sources.nix { inherit lib; };
in
rustPlatform.buildRustPackage {
  pname = "stigmer-e2e";
  version = sources.versions.stigmer-e2e;
  outputs = [
    "out"
    "archive"
  ];
  src = lib.fileset.toSource {
    inherit (sources) root;
    fileset = sources.rust;
  };
  cargoLock.lockFile = ../../Cargo.lock;
  nativeBuildInputs = [ cargo-nextest ];
  # The profile of `cargo e2e` and `cargo nextest run`: a release build takes more than twice as long.
  buildType = "debug";
  buildPhase = ''
    runHook preBuild
    cargo nextest archive --offline --build-jobs "$NIX_BUILD_CORES" --test scenarios --archive-file scenarios.tar.zst
    runHook postBuild
  '';
  doCheck = false; # the checks run the tests
  installPhase = ''
    runHook preInstall
    install -Dm755 -t $out/bin target/debug/stigmer target/debug/stigmer-e2e
    install -Dm644 -t $archive scenarios.tar.zst
    runHook postInstall
  '';
  meta = {
    description = "End-to-end tests of Stigmer, and the stigmer command line";
    license = lib.licenses.asl20;
    mainProgram = "stigmer-e2e";
  };
}
