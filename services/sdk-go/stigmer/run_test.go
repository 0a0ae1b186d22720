package stigmer_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/skill"
	"github.com/stigmer/stigmer/sdk/go/skillref"
	"github.com/stigmer/stigmer/sdk/go/stigmer"
	"github.com/stigmer/stigmer/sdk/go/subagent"
	"github.com/stigmer/stigmer/sdk/go/workflow"
)

const instructions = "Answer in one sentence"

// outputDirectory makes the directory that the CLI would name.
func outputDirectory(t *testing.T) string {
	t.Helper()
	directory := filepath.Join(t.TempDir(), "out", "below")
	t.Setenv("STIGMER_OUT_DIR", directory)
	return directory
}

func written(t *testing.T, directory string) []string {
	t.Helper()
	entries, err := os.ReadDir(directory)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// helloAgent defines an agent that is right.
func helloAgent(ctx *stigmer.Context) error {
	_, err := agent.New(ctx, "hello", &agent.AgentArgs{Instructions: instructions})
	return err
}

func TestResourcesAreWrittenInTheOrderOfTheProgram(t *testing.T) {
	directory := outputDirectory(t)
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		for _, name := range []string{"zeta", "alpha"} {
			if _, err := agent.New(ctx.WithValue("key", name), name, &agent.AgentArgs{Instructions: instructions}); err != nil {
				return err
			}
		}
		wf, err := workflow.New(ctx, "tests/flow", nil)
		if err != nil {
			return err
		}
		wf.Set("a", &workflow.SetArgs{Variables: map[string]string{"a": "b"}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"agent-0000.pb", "agent-0001.pb", "dependencies.json", "workflow-0000.pb"}
	if got := written(t, directory); !slices.Equal(got, want) {
		t.Errorf("files are %q, want %q", got, want)
	}
	if data, _ := os.ReadFile(filepath.Join(directory, "agent-0000.pb")); !strings.Contains(string(data), "zeta") {
		t.Error("the first file is not the first agent")
	}
}

func TestWithoutADirectoryNothingIsWrittenButEverythingIsChecked(t *testing.T) {
	t.Setenv("STIGMER_OUT_DIR", "")
	t.Chdir(t.TempDir())
	if err := stigmer.Run(helloAgent); err != nil {
		t.Fatal(err)
	}
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		_, err := agent.New(ctx, "hello", nil)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), `agent "hello": instructions: needs at least 10 characters`) {
		t.Errorf("got %v", err)
	}
	if got := written(t, "."); len(got) > 0 {
		t.Errorf("files are %q", got)
	}
}

func TestTheProblemsOfAllResourcesAreNamedTogether(t *testing.T) {
	directory := outputDirectory(t)
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		for _, name := range []string{"right", "short", "right"} {
			text := instructions
			if name == "short" {
				text = "Hi"
			}
			if _, err := agent.New(ctx, name, &agent.AgentArgs{Instructions: text}); err != nil {
				return err
			}
		}
		for range 2 {
			if _, err := workflow.New(ctx, "tests/empty", nil); err != nil {
				return err
			}
		}
		return nil
	})
	want := `nothing was written: 5 problems:
  agent "short": instructions: needs at least 10 characters, has 2 ("Hi"): say what the agent is for and how it should answer
  agent "right": is defined twice, the second would replace the first: give each its own name
  workflow "empty": tasks: a workflow needs at least one task: add one, such as wf.Set
  workflow "empty": tasks: a workflow needs at least one task: add one, such as wf.Set
  workflow "empty": is defined twice, the second would replace the first: give each its own name`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
	for _, cause := range []error{agent.ErrSynthesisFailed, agent.ErrInvalidInstructions, workflow.ErrNoTasks} {
		if !errors.Is(err, cause) {
			t.Errorf("errors.Is(err, %q) is false", cause)
		}
	}
	var synthesis *agent.SynthesisError
	if !errors.As(err, &synthesis) || synthesis.Phase != "validation" {
		t.Errorf("got %+v", synthesis)
	}
	if got := written(t, directory); len(got) > 0 {
		t.Errorf("files are %q", got)
	}
}

func TestAnErrorOfTheProgramIsGivenBackAndNothingIsWritten(t *testing.T) {
	directory := outputDirectory(t)
	own := errors.New("no luck")
	err := stigmer.Run(func(ctx *stigmer.Context) error { return errors.Join(helloAgent(ctx), own) })
	if !errors.Is(err, own) {
		t.Errorf("got %v", err)
	}
	if got := written(t, directory); len(got) > 0 {
		t.Errorf("files are %q", got)
	}
}

func TestAPanicBecomesAnError(t *testing.T) {
	directory := outputDirectory(t)
	cause := errors.New("broken")
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		if err := helloAgent(ctx); err != nil {
			return err
		}
		panic(cause)
	})
	var panicked *stigmer.PanicError
	if !errors.As(err, &panicked) || !errors.Is(err, cause) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"the program panicked", ": broken; nothing was written (in ", "run_test.go:"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
	if got := written(t, directory); len(got) > 0 {
		t.Errorf("files are %q", got)
	}
}

func TestAPanicInsideTheSDKShowsTheCaller(t *testing.T) {
	err := stigmer.Run(func(*stigmer.Context) error {
		var missing *agent.Agent
		missing.AddOrgSkillRef("docs")
		return nil
	})
	var panicked *stigmer.PanicError
	if !errors.As(err, &panicked) || !strings.Contains(err.Error(), "nil pointer") {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(panicked.Stack[0], "AddOrgSkillRef") || !strings.Contains(panicked.Stack[1], "run_test.go:") {
		t.Errorf("the stack is %q", panicked.Stack)
	}
}

func TestAFunctionIsNeeded(t *testing.T) {
	if err := stigmer.Run(nil); err == nil || !strings.Contains(err.Error(), "needs a function") {
		t.Errorf("got %v", err)
	}
}

func TestACancelledProgramWritesNothing(t *testing.T) {
	directory := outputDirectory(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := stigmer.RunWithContext(ctx, func(program *stigmer.Context) error {
		cancel()
		<-program.Done()
		return helloAgent(program)
	})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "nothing was written") {
		t.Errorf("got %v", err)
	}
	if got := written(t, directory); len(got) > 0 {
		t.Errorf("files are %q", got)
	}
}

func TestADirectoryThatCannotBeWrittenIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("STIGMER_OUT_DIR", file)
	err := stigmer.Run(helloAgent)
	if !errors.Is(err, agent.ErrManifestWrite) || !strings.Contains(err.Error(), "cannot write into STIGMER_OUT_DIR") {
		t.Errorf("got %v", err)
	}
}

func TestAContextIsWrittenOnce(t *testing.T) {
	outputDirectory(t)
	ctx := stigmer.NewContext()
	broken, err := agent.New(ctx, "hello", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := ctx.Synthesize(); err == nil {
		t.Fatal("no error")
	}
	broken.Instructions = instructions
	if err := ctx.Synthesize(); err != nil {
		t.Fatalf("a cured context is refused: %v", err)
	}
	if err := ctx.Synthesize(); !errors.Is(err, agent.ErrSynthesisAlreadyDone) {
		t.Errorf("got %v", err)
	}
}

func TestDependenciesAreWhatAgentsAndWorkflowsUse(t *testing.T) {
	directory := outputDirectory(t)
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		style, err := skill.New(ctx, "style", &skill.SkillArgs{MarkdownContent: "# Style"})
		if err != nil {
			return err
		}
		hello, err := agent.New(ctx, "hello", &agent.AgentArgs{Instructions: instructions})
		if err != nil {
			return err
		}
		helper, err := subagent.New("helper", &subagent.Args{
			Instructions: instructions, SkillRefs: []*types.ApiResourceReference{{Slug: "style"}},
		})
		if err != nil {
			return err
		}
		hello.AddSkillRefs(style.Ref(), skillref.Platform("style"), skillref.Platform("elsewhere")).AddSubAgent(helper)
		ask := func(name, slug string) *workflow.Task {
			return workflow.AgentCall(name, &workflow.AgentCallArgs{Agent: slug, Message: "m"})
		}
		inner, err := workflow.New(ctx, "tests/inner", nil)
		if err != nil {
			return err
		}
		inner.AddTasks(workflow.For("loop", &workflow.ForArgs{In: "${ [1] }", Do: workflow.TryBody(ask("ask", "hello"))}))
		outer, err := workflow.New(ctx, "tests/Outer Flow", nil)
		if err != nil {
			return err
		}
		outer.AddTasks(
			ask("first", "elsewhere"), workflow.Run("again", &workflow.RunArgs{Workflow: "inner"}),
			workflow.Run("itself", &workflow.RunArgs{Workflow: "outer-flow"}),
			workflow.Fork("both", &workflow.ForkArgs{Branches: workflow.ForkBranches(
				workflow.ForkBranch("l", ask("l", "hello")), workflow.ForkBranch("r", ask("r", "hello")),
			)}),
			workflow.Try("try", &workflow.TryArgs{
				Try: workflow.TryBody(ask("t", "elsewhere")), Catch: workflow.CatchBody("e", ask("c", "hello")),
			}),
		)
		ctx.TrackDependency("agent:hello", "skill:docs")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(directory, "dependencies.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string][]string
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"agent:hello":         {"skill:docs", "skill:style"},
		"workflow:inner":      {"agent:hello"},
		"workflow:Outer Flow": {"agent:hello", "workflow:inner"},
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
}
