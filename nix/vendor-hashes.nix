# Hashes of the Go dependencies. After a change of go.mod, of imports or of services/stubs-go: nix/update-hashes
{
  sdk-go = "sha256-4tju/jSWuW7IC/JkYJqDUCWa1oIV3ckqZXe0uiQeb48=";
  stigmer-server = "sha256-QCiUlH6xQZsln0Gz7D4eg5HkwYVdYK16yOBzoDZTY9A=";
  workflow-runner = "sha256-2VHoxTkdZyoGNVUAmdncCS+NIzTKmI59VlNrsSIS5rI=";
}
