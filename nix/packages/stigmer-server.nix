{ lib, buildGoModule }:
import ../go-service.nix { inherit lib buildGoModule; } {
  pname = "stigmer-server";
  programs = [
    "stigmer-server"
    "stigmer-store"
  ];
}
