package workflow

import (
	"encoding/json"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
	genworkflow "github.com/stigmer/stigmer/sdk/go/gen/workflow"
)

// SwitchTaskConfig is the settings of a SWITCH task.
type SwitchTaskConfig = genworkflow.SwitchTaskConfig

// SwitchArgs is the settings of a SWITCH task.
type SwitchArgs = SwitchTaskConfig

// Switch makes a task that goes on at the first case that holds. Cases name later tasks; after such a task the workflow
// goes on with the next one of the list, unless it has a Then or End of its own.
func Switch(name string, args *SwitchArgs) *Task {
	if args == nil {
		args = &SwitchArgs{}
	}
	if args.Cases == nil {
		args.Cases = []*types.SwitchCase{}
	}
	return &Task{Name: name, Kind: TaskKindSwitch, Config: args}
}

// Switch adds a task that goes on at the first case that holds.
func (w *Workflow) Switch(name string, args *SwitchArgs) *Task { return w.add(Switch(name, args)) }

// ConditionMatcher is a condition on the input of a task. Conditions on a task's result are methods of TaskFieldRef.
type ConditionMatcher interface {
	// Expression is the condition as a workflow definition has it.
	Expression() string
}

type matcher string

// Expression is the condition as a workflow definition has it.
func (m matcher) Expression() string { return string(m) }

// Equals holds when the input has the value.
func Equals(value interface{}) ConditionMatcher { return compareInput("==", value) }

// GreaterThan holds when the input is greater.
func GreaterThan(value interface{}) ConditionMatcher { return compareInput(">", value) }

// LessThan holds when the input is less.
func LessThan(value interface{}) ConditionMatcher { return compareInput("<", value) }

// CustomCondition takes a whole expression.
func CustomCondition(expr string) ConditionMatcher { return matcher(expr) }

func compareInput(operator string, value any) ConditionMatcher {
	// A text that is quoted already stays as it is.
	operand, isText := value.(string)
	if !isText || !json.Valid([]byte(operand)) || operand[0] != '"' {
		operand = literal(value)
	}
	return matcher("${. " + operator + " " + operand + "}")
}
