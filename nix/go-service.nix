# A Go program of services/, with the digest of its sources linked in.
{ lib, buildGoModule }:
{ pname, programs }:
let
  sources = import ./sources.nix { inherit lib; };
  inherit (sources.goProgram pname) digest fileset;
in
buildGoModule {
  inherit pname;
  version = sources.versions.services;
  src = lib.fileset.toSource {
    root = sources.services;
    inherit fileset;
  };
  vendorHash = (import ./vendor-hashes.nix).${pname};
  subPackages = map (name: "${pname}/cmd/${name}") programs;
  env.CGO_ENABLED = 0; # there is no C code
  ldflags = [
    "-s"
    "-w"
    "-X github.com/stigmer/stigmer-e2e/services/internal/build.Digest=${digest}"
  ];
  doCheck = false; # tests are no part of the sources
  doInstallCheck = true;
  installCheckPhase = ''
    runHook preInstallCheck
    for program in ${toString programs}; do
      said=$("$out/bin/$program" --version)
      wanted="$program ${sources.versions.services} sources ${digest}"
      [ "$said" = "$wanted" ] || { echo "$said, not $wanted" >&2; exit 1; }
    done
    runHook postInstallCheck
  '';
  meta = {
    description = "${pname} of Stigmer's reference services";
    license = lib.licenses.asl20;
    mainProgram = pname;
  };
}
