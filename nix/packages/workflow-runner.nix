{ lib, buildGoModule }:
import ../go-service.nix { inherit lib buildGoModule; } {
  pname = "workflow-runner";
  programs = [ "workflow-runner" ];
}
