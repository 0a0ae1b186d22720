// Package execution keeps the executions of agents and workflows: how their status changes, and who is told.
package execution

import "fmt"

// Phase is where an execution stands. Agent and workflow executions have an enum each, with the same numbers.
type Phase int32

// Phases; they move forward only, and the last three are terminal.
const (
	Unspecified Phase = iota
	Pending
	InProgress
	Completed
	Failed
	Cancelled
)

// Terminal tells whether an execution in this phase has ended.
func (p Phase) Terminal() bool {
	return p >= Completed
}

func (p Phase) String() string {
	switch p {
	case Pending:
		return "PENDING"
	case InProgress:
		return "IN_PROGRESS"
	case Completed:
		return "COMPLETED"
	case Failed:
		return "FAILED"
	case Cancelled:
		return "CANCELLED"
	default:
		return fmt.Sprintf("UNSPECIFIED(%d)", int32(p))
	}
}
