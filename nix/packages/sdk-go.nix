# The SDK with the wire contract's Go code beside it and its dependencies vendored: STIGMER_SDK_DIR=$out/sdk-go
{ lib, buildGoModule }:
let
  sources = import ../sources.nix { inherit lib; };
in
buildGoModule {
  pname = "sdk-go";
  version = sources.versions.services;
  src = lib.fileset.toSource {
    root = sources.services;
    fileset = sources.sdk;
  };
  modRoot = "sdk-go";
  vendorHash = (import ../vendor-hashes.nix).sdk-go;
  env.CGO_ENABLED = 0; # there is no C code
  doCheck = false; # tests are no part of the sources
  # Compiled above to see that it does; what users' programs import are the sources.
  installPhase = ''
    runHook preInstall
    mkdir $out
    cp -r ../sdk-go ../stubs-go $out
    runHook postInstall
  '';
  meta = {
    description = "What a user's Go program imports to declare agents and workflows";
    license = lib.licenses.asl20;
  };
}
