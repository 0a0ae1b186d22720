# Which files each package is made of. What is not listed here rebuilds nothing.
{ lib }:
let
  inherit (lib) fileset;
  root = ../.;
  services = ../services;

  # As src/toolset/digest.rs walks: tests and their data do not count.
  goFiles =
    folder:
    lib.concatLists (
      lib.mapAttrsToList (
        name: type:
        if type == "directory" then
          lib.optionals (name != "testdata") (goFiles (folder + "/${name}"))
        else
          lib.optional (lib.hasSuffix ".go" name && !lib.hasSuffix "_test.go" name) (folder + "/${name}")
      ) (builtins.readDir folder)
    );

  goProgram =
    folder:
    [
      (services + "/go.mod")
      (services + "/go.sum")
      (services + "/stubs-go/go.mod")
    ]
    ++ lib.concatMap (part: goFiles (services + "/${part}")) [
      folder
      "internal"
      "stubs-go/ai"
    ];

  # SHA-256 over a line `<SHA-256 of the file>  <path>` a file, sorted by path, as src/toolset/digest.rs has it.
  digest =
    files:
    let
      named = map (file: {
        name = lib.removePrefix "${toString services}/" (toString file);
        digest = builtins.hashFile "sha256" file;
      }) files;
    in
    builtins.hashString "sha256" (
      lib.concatMapStrings (file: "${file.digest}  ${file.name}\n") (
        lib.sort (a: b: a.name < b.name) named
      )
    );

  manifest = lib.importTOML ../Cargo.toml;
  buildGo = builtins.readFile ../services/internal/build/build.go;
  hasExt = ext: fileset.fileFilter (file: file.hasExt ext);
in
{
  inherit root services;

  versions = {
    stigmer-e2e = manifest.package.version;
    services = lib.head (builtins.match ".*const Version = \"([^\"]+)\".*" buildGo);
    agent-runner = (lib.importTOML ../services/agent-runner/pyproject.toml).project.version;
  };

  goProgram = folder: {
    fileset = fileset.unions (goProgram folder);
    digest = digest (goProgram folder);
  };

  agentRunner = fileset.unions [
    ../services/agent-runner/pyproject.toml
    (hasExt "py" ../services/agent-runner/src)
  ];

  # What a checkout needs for the harness to compare the digests of its services.
  services-with-digests = fileset.unions (
    goProgram "stigmer-server"
    ++ goProgram "workflow-runner"
    ++ [ (hasExt "py" ../services/agent-runner/src/agent_runner) ]
  );

  sdk = fileset.unions (
    [
      ../services/sdk-go/go.mod
      ../services/sdk-go/go.sum
      ../services/stubs-go/go.mod
      ../services/stubs-go/go.sum
    ]
    ++ goFiles ../services/sdk-go
    ++ goFiles ../services/stubs-go/ai
  );

  rust = fileset.unions (
    [
      ../Cargo.lock
      ../Cargo.toml
      ../build.rs
      ../src
      (hasExt "proto" ../proto)
    ]
    # Cargo wants the main file of every test and example to be there, whatever it builds.
    ++ map (target: root + "/${target.path}") (manifest.test ++ manifest.example)
  );
}
