# Nix files are formatted and have nothing unused; scripts are sound.
{
  lib,
  deadnix,
  nixfmt,
  runCommand,
  shellcheck,
}:
let
  root = ../..;
in
runCommand "lint"
  {
    nativeBuildInputs = [
      deadnix
      nixfmt
      shellcheck
    ];
    sources = lib.fileset.toSource {
      inherit root;
      fileset = lib.fileset.unions [
        ../../flake.nix
        ../../nix
      ];
    };
  }
  ''
    cd "$sources"
    find . -name '*.nix' -exec nixfmt --check {} +
    deadnix --fail .
    shellcheck nix/update-hashes
    touch $out
  ''
