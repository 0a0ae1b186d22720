// Package workflow defines workflows: tasks in order, run durably.
//
//	wf, err := workflow.New(ctx, "billing/monthly", &workflow.WorkflowArgs{Version: "1.0.0"})
//	if err != nil {
//		return err
//	}
//	fetch := wf.HttpGet("fetch", workflow.Interpolate(workflow.RuntimeEnv("API_URL"), "/invoices"), nil)
//	wf.Set("result", &workflow.SetArgs{Variables: map[string]string{
//		"count": fetch.Field("count").Expression(),
//	}})
//
// The methods of a Workflow add tasks at the end of its list. Functions of the same names make tasks for the lists of
// other tasks:
//
//	wf.Try("attempt", &workflow.TryArgs{
//		Try:   workflow.TryBody(workflow.HttpGet("call", address, nil)),
//		Catch: workflow.CatchBody("error", workflow.Set("note", ...)),
//	})
//
// A task of the list that is given to TryBody, CatchBody, ForkBranch or LoopBody moves off the list.
//
// # Values
//
// Wherever a value is wanted there can be a text, a variable of the context (its value is written into the workflow), a
// field of a task (Task.Field), or a value of the execution (RuntimeEnv, RuntimeSecret). The last three are expressions
// in the text, "${ ... }" in the jq language; Interpolate joins texts and expressions.
//
// # Order
//
// Tasks run in the order of the list. Then, End and the cases of a SWITCH change that: they name tasks of the same list.
// When the program ends, references to tasks that do not exist or cannot have run before are errors, and so are circles
// that nothing leaves.
package workflow
