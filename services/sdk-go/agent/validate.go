package agent

import (
	"fmt"
	"regexp"

	"github.com/stigmer/stigmer/sdk/go/internal/reference"
	"github.com/stigmer/stigmer/sdk/go/internal/validation"
	"github.com/stigmer/stigmer/sdk/go/internal/variables"
	"github.com/stigmer/stigmer/sdk/go/mcpserver"
	"github.com/stigmer/stigmer/sdk/go/stigmer/naming"
)

const (
	// nameMaxLength is what fits into a DNS label.
	nameMaxLength = 63
	// instructionsMinLength is the platform's limit.
	instructionsMinLength = 10
)

var namePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

func validateName(name string) error {
	switch {
	case name == "":
		return NewValidationErrorWithCause("name", name, "required", "agent name is required: give one to agent.New",
			ErrInvalidName)
	case len(name) > nameMaxLength:
		message := fmt.Sprintf("agent name %q has %d characters: use at most %d", name, len(name), nameMaxLength)
		return NewValidationErrorWithCause("name", name, "max_length", message, ErrInvalidName)
	case !namePattern.MatchString(name):
		message := fmt.Sprintf("agent name %q must have lower-case letters, digits and hyphens only, without a hyphen at "+
			"the ends", name)
		return NewValidationErrorWithCause("name", name, "format", message, ErrInvalidName)
	}
	return nil
}

// validate says everything that the platform would refuse.
func (a *Agent) validate() error {
	report := validation.NewReport("Agent", a.Name)
	report.AddError(validateName(a.Name))
	if a.Slug != "" {
		if err := naming.ValidateSlug(a.Slug); err != nil {
			report.Add("slug", a.Slug, "format", err.Error(), ErrInvalidName)
		}
	}
	report.MinLength("instructions", a.Instructions, instructionsMinLength,
		"say what the agent is for and how it should answer", ErrInvalidInstructions)
	reference.CheckSkills(report, "skill_refs", a.SkillRefs)
	servers := a.validateServers(report)
	a.validateSubAgents(report, servers)
	variables.Check(report, a.EnvironmentVariables)
	return report.Err()
}

func (a *Agent) validateServers(report *validation.Report) map[string]bool {
	seen := map[string]bool{}
	for index, server := range a.MCPServers {
		field := fmt.Sprintf("mcp_servers[%d]", index)
		if server == nil {
			report.Add(field, "", "required", "is nil: check the error of the function that makes it", validation.ErrRequired)
			continue
		}
		report.Required(field+".name", server.Name(), "name the server, sub-agents refer to it", validation.ErrRequired)
		report.Unique(field+".name", server.Name(), seen, validation.ErrDuplicate)
		switch typed := server.(type) {
		case *mcpserver.StdioServer:
			report.Required(field+".stdio.command", typed.Command(), "name the program to start", validation.ErrRequired)
		case *mcpserver.HTTPServer:
			report.Required(field+".http.url", typed.URL(), "give the address of the server", validation.ErrRequired)
		case *mcpserver.DockerServer:
			validateDocker(report, field+".docker", typed)
		default:
			report.Add(field, server.Name(), "type",
				fmt.Sprintf("is a %T: make it with mcpserver.Stdio, HTTP or Docker", server), ErrConversion)
		}
	}
	return seen
}

func validateDocker(report *validation.Report, field string, server *mcpserver.DockerServer) {
	report.Required(field+".image", server.Image(), "name the image to start", validation.ErrRequired)
	for index, volume := range server.Volumes() {
		path := fmt.Sprintf("%s.volumes[%d]", field, index)
		if volume == nil {
			continue
		}
		report.Required(path+".host_path", volume.HostPath, "name the directory on the host", validation.ErrRequired)
		report.Required(path+".container_path", volume.ContainerPath, "say where the container sees it",
			validation.ErrRequired)
	}
	for index, port := range server.Ports() {
		path := fmt.Sprintf("%s.ports[%d]", field, index)
		if port == nil {
			continue
		}
		report.Range(path+".host_port", float64(port.HostPort), 1, 65535, "give a port of the host")
		report.Range(path+".container_port", float64(port.ContainerPort), 1, 65535, "give a port of the container")
		if port.Protocol != "" {
			report.OneOf(path+".protocol", port.Protocol, validation.ErrInvalidFormat, "tcp", "udp")
		}
	}
}

func (a *Agent) validateSubAgents(report *validation.Report, servers map[string]bool) {
	seen := map[string]bool{}
	for index, sub := range a.SubAgents {
		field := fmt.Sprintf("sub_agents[%d]", index)
		report.Required(field+".name", sub.Name(), "name the sub-agent", ErrMissingRequiredField)
		report.Unique(field+".name", sub.Name(), seen, validation.ErrDuplicate)
		report.MinLength(field+".instructions", sub.Instructions(), instructionsMinLength,
			"say what the sub-agent is for", ErrInvalidInstructions)
		for _, name := range sub.MCPServerNames() {
			requireServer(report, field+".mcp_servers", name, servers)
		}
		for name := range sub.ToolSelections() {
			requireServer(report, field+".mcp_tool_selections", name, servers)
		}
		reference.CheckSkills(report, field+".skill_refs", sub.SkillRefs())
	}
}

func requireServer(report *validation.Report, field, name string, servers map[string]bool) {
	if !servers[name] {
		report.Add(field, name, "known", fmt.Sprintf("the agent has no MCP server %q: add it with AddMCPServer", name),
			validation.ErrUnknown)
	}
}
