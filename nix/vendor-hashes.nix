# Hashes of the Go dependencies. After a change of go.mod, of imports or of services/stubs-go: nix/update-hashes
{
  sdk-go = "sha256-k3umegUbZiontBqjPnATqsvSn0VYT78tYJVVCa0EDKc=";
  stigmer-server = "sha256-GAo9tqrsGto1iz8cZKCIR05uCzKv/FGqdw1b9aWAMMo=";
  workflow-runner = "sha256-PKrmP8fKcc4/k3N/RfA/eJ/z5ikclrTfo/X6iOfTYsI=";
}
