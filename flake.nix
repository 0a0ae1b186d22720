{
  description = "End-to-end tests of Stigmer, each on a complete Stigmer of its own";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "aarch64-darwin"
      ];
      forEachSystem = f: lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
      own = pkgs: self.packages.${pkgs.stdenv.hostPlatform.system};

      # One attribute for each file of a folder, named like the file, with arguments from `scope`.
      callFolder =
        scope: folder:
        lib.mapAttrs' (
          file: _:
          lib.nameValuePair (lib.removeSuffix ".nix" file) (
            lib.callPackageWith scope (folder + "/${file}") { }
          )
        ) (builtins.readDir folder);
    in
    {
      packages = forEachSystem (pkgs: lib.fix (packages: callFolder (pkgs // packages) ./nix/packages));

      devShells = forEachSystem (pkgs: callFolder (pkgs // own pkgs) ./nix/shells);

      # `nix flake check` builds nothing else, so the packages are here, too.
      checks = forEachSystem (pkgs: own pkgs // callFolder (pkgs // own pkgs) ./nix/checks);

      formatter = forEachSystem (pkgs: pkgs.nixfmt-tree);
    };
}
