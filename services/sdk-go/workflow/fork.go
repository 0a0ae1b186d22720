package workflow

import (
	"github.com/stigmer/stigmer/sdk/go/gen/types"
	genworkflow "github.com/stigmer/stigmer/sdk/go/gen/workflow"
)

// ForkTaskConfig is the settings of a FORK task.
type ForkTaskConfig = genworkflow.ForkTaskConfig

// ForkArgs is the settings of a FORK task.
type ForkArgs = ForkTaskConfig

// Fork makes a task that runs branches side by side.
func Fork(name string, args *ForkArgs) *Task {
	if args == nil {
		args = &ForkArgs{}
	}
	if args.Branches == nil {
		args.Branches = []*types.ForkBranch{}
	}
	return &Task{Name: name, Kind: TaskKindFork, Config: args}
}

// Fork adds a task that runs branches side by side.
func (w *Workflow) Fork(name string, args *ForkArgs) *Task { return w.add(Fork(name, args)) }

// ForkBranch makes a branch. A task of the workflow's own list moves off the list: it runs here.
func ForkBranch(name string, tasks ...*Task) *types.ForkBranch {
	return &types.ForkBranch{Name: name, Do: TryBody(tasks...)}
}

// ForkBranches lists branches, for ForkArgs.Branches.
func ForkBranches(branches ...*types.ForkBranch) []*types.ForkBranch { return branches }

// BranchDef is a branch with a single task.
type BranchDef struct {
	// Name of the branch.
	Name string
	// Task of the branch.
	Task *Task
}

// BranchResult refers to the result of a branch.
type BranchResult struct {
	taskName   string
	branchName string
}

// NewBranchResult refers to a branch by names. Task.Branch is shorter.
func NewBranchResult(taskName, branchName string) BranchResult {
	return BranchResult{taskName: taskName, branchName: branchName}
}

// Branch refers to the result of a branch of this FORK task, which then exports its result: an object with what each branch
// gave, by name.
func (t *Task) Branch(branchName string) BranchResult {
	t.exportIfNeeded()
	return NewBranchResult(t.Name, branchName)
}

// Field refers to a field of the branch's result.
func (b BranchResult) Field(fieldName string) string {
	return expressionOf(b.path() + fieldPath(fieldName))
}

// Value refers to the whole result of the branch.
func (b BranchResult) Value() string { return expressionOf(b.path()) }

func (b BranchResult) path() string { return contextOf(b.taskName) + fieldPath(b.branchName) }
