package workflow

import (
	"fmt"
	"regexp"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"
	"google.golang.org/protobuf/proto"

	"github.com/stigmer/stigmer/sdk/go/internal/validation"
)

// The platform's limits.
const (
	taskNameMaxLength        = 100
	agentSlugMaxLength       = 63
	httpMaxSeconds           = 300
	agentMaxSeconds          = 3600
	forkMinBranches          = 2
	waitMaxSeconds     int32 = 1<<31 - 1
)

var taskNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

func checkTaskName(report *validation.Report, path, name string, seen map[string]bool) {
	switch {
	case name == "":
		report.Add(path+".name", name, "required", "is required: give the task a name", ErrInvalidTaskName)
		return
	case len(name) > taskNameMaxLength:
		report.Add(path+".name", name, "max_length",
			fmt.Sprintf("has %d characters: use at most %d", len(name), taskNameMaxLength), ErrInvalidTaskName)
	case !taskNamePattern.MatchString(name):
		report.Add(path+".name", name, "format",
			fmt.Sprintf("%q must have letters, digits, hyphens and underscores only", name), ErrInvalidTaskName)
	}
	report.Unique(path+".name", name, seen, ErrDuplicateTaskName)
}

// checkSettings reports broken rules of one kind's settings. The paths are those of the platform's messages.
func checkSettings(report *validation.Report, path string, message proto.Message) {
	required := func(field, value, cure string) { report.Required(path+"."+field, value, cure, ErrInvalidTaskConfig) }
	switch config := message.(type) {
	case *tasks.SetTaskConfig:
		if len(config.GetVariables()) == 0 {
			report.Add(path+".variables", "", "required", "is required: set at least one variable", ErrInvalidTaskConfig)
		}
	case *tasks.HttpCallTaskConfig:
		report.OneOf(path+".method", config.GetMethod(), ErrInvalidTaskConfig, "GET", "POST", "PUT", "DELETE", "PATCH")
		required("endpoint.uri", config.GetEndpoint().GetUri(), "give the address to call")
		if seconds := config.GetTimeoutSeconds(); seconds != 0 {
			report.Range(path+".timeout_seconds", float64(seconds), 1, httpMaxSeconds, "use WAIT and another try for more")
		}
	case *tasks.GrpcCallTaskConfig:
		required("service", config.GetService(), `give "host:port/package.Service"`)
		required("method", config.GetMethod(), "name the method, without its service")
	case *tasks.CallActivityTaskConfig:
		required("activity", config.GetActivity(), "name the activity as it is registered")
	case *tasks.SwitchTaskConfig:
		checkSwitch(report, path, config)
	case *tasks.ForTaskConfig:
		required("each", config.GetEach(), "name the element")
		required("in", config.GetIn(), "give the list to go through, such as a field of a task")
		checkNested(report, path+".do", config.GetDo())
	case *tasks.ForkTaskConfig:
		checkFork(report, path, config)
	case *tasks.TryTaskConfig:
		checkNested(report, path+".try", config.GetTry())
		if config.GetCatch() != nil {
			checkNested(report, path+".catch.do", config.GetCatch().GetDo())
		}
	case *tasks.ListenTaskConfig:
		checkListen(report, path, config)
	case *tasks.WaitTaskConfig:
		report.Range(path+".seconds", float64(config.GetSeconds()), 1, float64(waitMaxSeconds), "give whole seconds")
	case *tasks.RaiseTaskConfig:
		required("error", config.GetError(), "name the type of the error")
		required("message", config.GetMessage(), "say what went wrong")
	case *tasks.RunTaskConfig:
		required("workflow", config.GetWorkflow(), "name the workflow to run")
	case *tasks.AgentCallTaskConfig:
		checkAgentCall(report, path, config)
	}
}

func checkNested(report *validation.Report, path string, nested []*workflowv1.WorkflowTask) {
	if len(nested) == 0 {
		report.Add(path, "", "min_items", "needs at least one task", ErrInvalidTaskConfig)
		return
	}
	checkTasks(report, path, nested)
}

func checkSwitch(report *validation.Report, path string, config *tasks.SwitchTaskConfig) {
	if len(config.GetCases()) == 0 {
		report.Add(path+".cases", "", "min_items", "needs at least one case", ErrInvalidTaskConfig)
	}
	defaults := 0
	for index, branch := range config.GetCases() {
		field := fmt.Sprintf("%s.cases[%d]", path, index)
		report.Required(field+".name", branch.GetName(), "name the case", ErrInvalidTaskConfig)
		report.Required(field+".then", branch.GetThen(), `name the task to go on with, or "end"`, ErrInvalidTaskConfig)
		if branch.GetWhen() == "" {
			defaults++
		}
	}
	if defaults > 1 {
		report.Add(path+".cases", "", "unique",
			fmt.Sprintf("%d cases have no When: only the last one can be the default", defaults), ErrInvalidTaskConfig)
	}
}

func checkFork(report *validation.Report, path string, config *tasks.ForkTaskConfig) {
	if count := len(config.GetBranches()); count < forkMinBranches {
		report.Add(path+".branches", "", "min_items",
			fmt.Sprintf("needs at least %d branches, has %d", forkMinBranches, count), ErrInvalidTaskConfig)
	}
	seen := map[string]bool{}
	for index, branch := range config.GetBranches() {
		field := fmt.Sprintf("%s.branches[%d]", path, index)
		report.Required(field+".name", branch.GetName(), "name the branch", ErrInvalidTaskConfig)
		report.Unique(field+".name", branch.GetName(), seen, ErrInvalidTaskConfig)
		checkNested(report, taskPath(path+".branches", index, branch.GetName())+".do", branch.GetDo())
	}
}

func checkListen(report *validation.Report, path string, config *tasks.ListenTaskConfig) {
	report.OneOf(path+".to.mode", config.GetTo().GetMode(), ErrInvalidTaskConfig, "one", "all")
	if len(config.GetTo().GetSignals()) == 0 {
		report.Add(path+".to.signals", "", "min_items", "needs at least one signal", ErrInvalidTaskConfig)
	}
	for index, signal := range config.GetTo().GetSignals() {
		field := fmt.Sprintf("%s.to.signals[%d]", path, index)
		report.Required(field+".id", signal.GetId(), "name the signal", ErrInvalidTaskConfig)
		report.OneOf(field+".type", signal.GetType(), ErrInvalidTaskConfig, "signal", "query", "update")
	}
}

func checkAgentCall(report *validation.Report, path string, config *tasks.AgentCallTaskConfig) {
	report.Required(path+".agent", config.GetAgent(), "give workflow.Agent(a).Slug()", ErrInvalidTaskConfig)
	if length := len(config.GetAgent()); length > agentSlugMaxLength {
		report.Add(path+".agent", config.GetAgent(), "max_length",
			fmt.Sprintf("has %d characters: a slug has at most %d", length, agentSlugMaxLength), ErrInvalidTaskConfig)
	}
	report.Required(path+".message", config.GetMessage(), "say something to the agent", ErrInvalidTaskConfig)
	settings := config.GetConfig()
	if settings.GetTimeout() != 0 {
		report.Range(path+".config.timeout", float64(settings.GetTimeout()), 1, agentMaxSeconds, "give whole seconds")
	}
	report.Range(path+".config.temperature", float64(settings.GetTemperature()), 0, 1, "0 is the most predictable")
}
