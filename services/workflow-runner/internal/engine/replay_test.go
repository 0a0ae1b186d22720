package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/definition"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/engine"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/expression"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
)

// Histories are written by `go test ./workflow-runner/endtoend -record-histories`, against a real Temporal.
const histories = "testdata/histories/*.json"

func readHistory(t *testing.T, path string) *historypb.History {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	read, err := client.HistoryFromJSON(file, client.HistoryJSONOptions{})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return read
}

func TestRecordedRunsReplay(t *testing.T) {
	paths, err := filepath.Glob(histories)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no histories: %v", err)
	}
	replayer := worker.NewWorkflowReplayer()
	replayer.RegisterWorkflowWithOptions(engine.New(expression.NewCompiler()).Execute,
		workflow.RegisterOptions{Name: contract.ServerlessWorkflow})
	quiet := log.NewStructuredLogger(slog.New(slog.DiscardHandler))
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			if err := replayer.ReplayWorkflowHistory(quiet, readHistory(t, path)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestThereIsAHistoryOfEveryKindOfTask(t *testing.T) {
	paths, err := filepath.Glob(histories)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[apiresource.WorkflowTaskKind]bool{}
	var note func(tasks []*definition.Task)
	note = func(tasks []*definition.Task) {
		for _, task := range tasks {
			seen[task.Kind] = true
			for _, block := range task.Blocks {
				note(block.Tasks)
			}
		}
	}
	for _, path := range paths {
		started := readHistory(t, path).GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
		var run message.Run
		spec := &workflowv1.WorkflowSpec{}
		if err := converter.GetDefaultDataConverter().FromPayloads(started.GetInput(), &run, spec); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		parsed, _ := definition.Parse(spec)
		note(parsed.Tasks)
	}
	for number, name := range apiresource.WorkflowTaskKind_name {
		if number != 0 && !seen[apiresource.WorkflowTaskKind(number)] {
			t.Errorf("no history has a task of kind %s", name)
		}
	}
}

// forbidden are packages whose results differ between a run and its replay.
var forbidden = []string{"net", "net/http", "os", "math/rand", "math/rand/v2", "crypto/rand", "log", "log/slog", "sync", "runtime"}

// clock are the functions of package time that look at the clock.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

func TestWorkflowCodeTakesNothingFromOutside(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		checked++
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range parsed.Imports {
			if name := strings.Trim(imported.Path.Value, `"`); slices.Contains(forbidden, name) {
				t.Errorf("%s imports %s", path, name)
			}
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.GoStmt:
				t.Errorf("%s starts a goroutine; use workflow.Go", path)
			case *ast.SelectorExpr:
				if from, ok := node.X.(*ast.Ident); ok && from.Name == "time" && slices.Contains(clock, node.Sel.Name) {
					t.Errorf("%s looks at the clock: time.%s", path, node.Sel.Name)
				}
			}
			return true
		})
	}
	if checked == 0 {
		t.Error("no files were checked")
	}
}
