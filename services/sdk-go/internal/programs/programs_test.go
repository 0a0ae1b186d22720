// Package programs_test compiles and runs the programs of the repository that use the SDK, as the CLI does.
//
// Run it with -count=1: what the compiler reads in a process of its own go test does not see, and would take the result of
// an earlier SDK or example from its cache.
package programs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	skillv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/skill/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const (
	examples = "../../../../examples"
	testdata = "../../../../testdata"
)

var update = flag.Bool("update", false, "write the messages that the example projects give into testdata")

// outcome is how a program ended.
type outcome struct {
	code   int
	output string
	// directory is where the program was to write.
	directory string
}

// build compiles a file, which lies outside any module, against this SDK.
func build(t *testing.T, file string) (program, output string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "program")
	text, err := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", program, file).CombinedOutput()
	if err != nil {
		return "", string(text)
	}
	return program, string(text)
}

func run(t *testing.T, file string) outcome {
	t.Helper()
	program, output := build(t, file)
	if program == "" {
		t.Fatalf("%s does not compile:\n%s", file, output)
	}
	result := outcome{directory: filepath.Join(t.TempDir(), "out")}
	command := exec.CommandContext(t.Context(), program)
	// Reproducible, so that the messages can be compared.
	command.Env = append(os.Environ(), "STIGMER_OUT_DIR="+result.directory, "SOURCE_DATE_EPOCH=0")
	text, err := command.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	result.code, result.output = command.ProcessState.ExitCode(), string(text)
	return result
}

// messages gives what a program wrote as JSON, by the name of the file.
func messages(t *testing.T, directory string) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(directory, "*"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]json.RawMessage{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		if kind, _, isMessage := strings.Cut(name, "-"); isMessage {
			data = decode(t, kind, data)
		}
		all[name] = data
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

func decode(t *testing.T, kind string, data []byte) []byte {
	t.Helper()
	message := map[string]proto.Message{
		"agent": &agentv1.Agent{}, "workflow": &workflowv1.Workflow{}, "skill": &skillv1.Skill{},
	}[kind]
	if err := proto.Unmarshal(data, message); err != nil {
		t.Fatal(err)
	}
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestEveryExampleProjectGivesItsMessages(t *testing.T) {
	projects, err := filepath.Glob(filepath.Join(examples, "*"))
	if err != nil || len(projects) == 0 {
		t.Fatalf("no example projects: %v", err)
	}
	unused := map[string]bool{}
	golden, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range golden {
		unused[filepath.Base(file)] = true
	}
	for _, project := range projects {
		name := filepath.Base(project)
		delete(unused, name+".json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkProject(t, project)
			ended := run(t, filepath.Join(project, "main.go"))
			if ended.code != 0 {
				t.Fatalf("exit status %d:\n%s", ended.code, ended.output)
			}
			got, file := messages(t, ended.directory), filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
				t.Errorf("the messages are not those of %s (%v); look at the difference after: go test ./internal/programs -update\n%s",
					file, err, got)
			}
		})
	}
	for _, name := range slices.Sorted(maps.Keys(unused)) {
		t.Errorf("testdata/%s belongs to no project", name)
	}
}

// checkProject checks the files that a project has beside its program.
func checkProject(t *testing.T, project string) {
	t.Helper()
	settings, err := os.ReadFile(filepath.Join(project, "Stigmer.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := "name: " + filepath.Base(project) + "\nruntime: go\nversion: 1.0.0\nmain: main.go\n"
	if string(settings) != want {
		t.Errorf("Stigmer.yaml is\n%s\nwant\n%s", settings, want)
	}
	readme, err := os.ReadFile(filepath.Join(project, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(readme), "\n"); lines != 5 {
		t.Errorf("README.md has %d lines, want 5", lines)
	}
}

func TestASingleFileGivesAnAgent(t *testing.T) {
	t.Parallel()
	ended := run(t, filepath.Join(testdata, "basic_agent.go"))
	if ended.code != 0 || !bytes.Contains(messages(t, ended.directory), []byte(`"test-agent"`)) {
		t.Errorf("exit status %d:\n%s", ended.code, ended.output)
	}
}

func TestAProgramWithoutResourcesWritesOnlyDependencies(t *testing.T) {
	t.Parallel()
	ended := run(t, filepath.Join(testdata, "no_resources.go"))
	if got := string(messages(t, ended.directory)); ended.code != 0 || got != "{\n  \"dependencies.json\": {}\n}\n" {
		t.Errorf("exit status %d:\n%s\n%s", ended.code, ended.output, got)
	}
}

func TestProgramsThatGoWrongSayWhyAndWriteNothing(t *testing.T) {
	for name, want := range map[string][]string{
		"invalid_agent.go": {
			"nothing was written: 2 problems:",
			`agent "too-short": instructions: needs at least 10 characters, has 2 ("Hi")`,
			`agent "no-command": mcp_servers[0].stdio.command: is required`,
		},
		"panics.go": {
			"the program panicked at ", "testdata/panics.go:19: assignment to entry in nil map; nothing was written (in main.main.func1 ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ended := run(t, filepath.Join(testdata, name))
			if ended.code != 1 {
				t.Errorf("exit status %d", ended.code)
			}
			for _, words := range want {
				if !strings.Contains(ended.output, words) {
					t.Errorf("%q is missing in:\n%s", words, ended.output)
				}
			}
			if _, err := os.Stat(ended.directory); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("something was written: %v", err)
			}
		})
	}
}

func TestAProgramThatDoesNotCompileHasTheCompilersLines(t *testing.T) {
	t.Parallel()
	program, output := build(t, filepath.Join(testdata, "does_not_compile.go"))
	if program != "" {
		t.Fatal("it compiles")
	}
	for _, want := range []string{
		"does_not_compile.go:13:3: declared and not used: unused", "does_not_compile.go:14:16: undefined: agent.Nothing",
	} {
		if !strings.Contains(output, want) {
			t.Errorf("%q is missing in:\n%s", want, output)
		}
	}
}
