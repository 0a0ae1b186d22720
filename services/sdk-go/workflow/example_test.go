package workflow_test

import (
	"fmt"
	"log"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/workflow"
)

// The first argument is the context of stigmer.Run; nil makes a workflow that is not applied.
func ExampleNew() {
	wf, err := workflow.New(nil, "billing/monthly", &workflow.WorkflowArgs{Version: "1.0.0"})
	if err != nil {
		log.Fatal(err)
	}
	fetch := wf.HttpGet("fetch", workflow.Interpolate(workflow.RuntimeEnv("API_URL"), "/invoices"), map[string]string{
		"Authorization": workflow.Interpolate("Bearer ", workflow.RuntimeSecret("API_TOKEN")),
	})
	wf.Set("result", &workflow.SetArgs{Variables: map[string]string{"count": fetch.Field("count").Expression()}})
	message, err := wf.ToProto()
	if err != nil {
		log.Fatal(err)
	}
	for _, task := range message.GetSpec().GetTasks() {
		fmt.Println(task.GetName(), task.GetKind())
	}
	// Output:
	// fetch WORKFLOW_TASK_KIND_HTTP_CALL
	// result WORKFLOW_TASK_KIND_SET
}

func ExampleInterpolate() {
	fetch := workflow.HttpGet("fetch", "http://127.0.0.1:8080", nil)
	fmt.Println(workflow.Interpolate("order ", fetch.Field("id"), " of ", workflow.RuntimeEnv("CUSTOMER")))
	// Output: order ${ $context["fetch"].id } of ${.env_vars.CUSTOMER}
}

func ExampleWorkflow_Switch() {
	wf, err := workflow.New(nil, "demo/choice", nil)
	if err != nil {
		log.Fatal(err)
	}
	check := wf.HttpGet("check", "http://127.0.0.1:8080", nil)
	wf.Switch("decide", &workflow.SwitchArgs{Cases: []*types.SwitchCase{
		{Name: "many", When: check.Field("open").GreaterThan(10), Then: "alarm"},
		{Name: "otherwise", Then: workflow.EndFlow},
	}})
	wf.Set("alarm", &workflow.SetArgs{Variables: map[string]string{"alarm": "on"}})
	_, err = wf.ToProto()
	fmt.Println(check.Field("open").GreaterThan(10), err)
	// Output: ${ $context["check"].open > 10 } <nil>
}

func ExampleLoopBody() {
	loop := workflow.For("each-order", &workflow.ForArgs{
		In: `${ $context["fetch"].orders }`,
		Do: workflow.LoopBody(func(order workflow.LoopVar) []*workflow.Task {
			return []*workflow.Task{workflow.Set("label", &workflow.SetArgs{
				Variables: map[string]string{"address": order.Field("customer.address")},
			})}
		}),
	})
	body := loop.Config.(*workflow.ForArgs).Do
	fmt.Println(body[0].Name, body[0].TaskConfig["variables"])
	// Output: label map[address:${.item.customer.address}]
}

func ExampleTryBody() {
	failure := workflow.NewErrorRef("error")
	attempt := workflow.Try("attempt", &workflow.TryArgs{
		Try: workflow.TryBody(workflow.HttpGet("call", "http://127.0.0.1:8080", nil)),
		Catch: workflow.CatchBody("error",
			workflow.Set("note", &workflow.SetArgs{Variables: map[string]string{"reason": failure.Message()}}),
		),
	})
	fmt.Println(attempt.Kind, failure.Message())
	// Output: TRY ${.error.message}
}

func ExampleTask_Branch() {
	both := workflow.Fork("both", &workflow.ForkArgs{Branches: workflow.ForkBranches(
		workflow.ForkBranch("left", workflow.HttpGet("l", "http://127.0.0.1:8080/left", nil)),
		workflow.ForkBranch("right", workflow.HttpGet("r", "http://127.0.0.1:8080/right", nil)),
	)})
	fmt.Println(both.Branch("left").Field("id"))
	// Output: ${ $context["both"].left.id }
}
