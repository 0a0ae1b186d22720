// Workflow with control flow and errors: loop, branches side by side, a choice, and what to do when a call fails.
package main

import (
	"log"

	"github.com/stigmer/stigmer/sdk/go/environment"
	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/stigmer"
	"github.com/stigmer/stigmer/sdk/go/workflow"
)

func main() {
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		apiURL, err := environment.New(ctx, "API_URL", &environment.VariableArgs{
			Description: "Address of the shop's API, such as http://127.0.0.1:8080",
		})
		if err != nil {
			return err
		}
		wf, err := workflow.New(ctx, "shop/ship-orders", &workflow.WorkflowArgs{
			Version:     "1.0.0",
			Description: "Ships the open orders of the shop",
		})
		if err != nil {
			return err
		}
		wf.AddEnvironmentVariable(*apiURL)
		addTasks(wf)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
}

func addTasks(wf *workflow.Workflow) {
	address := func(path string) string { return workflow.Interpolate(workflow.RuntimeEnv("API_URL"), path) }

	// Branches run side by side; each result is found under the name of its branch.
	fetched := wf.Fork("fetch", &workflow.ForkArgs{Branches: workflow.ForkBranches(
		workflow.ForkBranch("orders", workflow.HttpGet("fetch-orders", address("/orders"), nil)),
		workflow.ForkBranch("stock", workflow.HttpGet("fetch-stock", address("/stock"), nil)),
	)})

	// The tasks of a loop see the element as item.
	wf.ForEach("label-orders", &workflow.ForArgs{
		In: fetched.Branch("orders").Field("open"),
		Do: workflow.LoopBody(func(order workflow.LoopVar) []*workflow.Task {
			return []*workflow.Task{workflow.Set("label", &workflow.SetArgs{Variables: map[string]string{
				"order":   order.Field("id"),
				"address": order.Field("address"),
			}})}
		}),
	})

	// When the carrier cannot be reached, the workflow goes on with what the catch says.
	failure := workflow.NewErrorRef("error")
	shipment := wf.Try("ship", &workflow.TryArgs{
		Try: workflow.TryBody(
			workflow.HttpPost("call-carrier", address("/shipments"), nil, map[string]any{
				"orders": fetched.Branch("orders").Field("open"),
				"from":   fetched.Branch("stock").Field("warehouse"),
			}),
			workflow.Set("shipped", &workflow.SetArgs{Variables: map[string]string{"status": "shipped"}}),
		),
		Catch: workflow.CatchBody("error",
			workflow.Set("not-shipped", &workflow.SetArgs{Variables: map[string]string{
				"status": "failed", "reason": failure.Message(),
			}}),
		),
	})

	// A case names a later task. Tasks that no case names are reached from the one before, so the first one ends here.
	wf.Switch("decide", &workflow.SwitchArgs{Cases: []*types.SwitchCase{
		{Name: "failed", When: shipment.Field("status").Equals("failed"), Then: "give-up"},
		{Name: "otherwise", Then: "report"},
	}})
	wf.Set("report", &workflow.SetArgs{Variables: map[string]string{
		"result":    "all orders are on their way",
		"warehouse": fetched.Branch("stock").Field("warehouse"),
	}}).End()
	wf.AddTask(workflow.Raise("give-up", &workflow.RaiseArgs{
		Error:   "ShipmentFailed",
		Message: workflow.Interpolate("no order was shipped: ", shipment.Field("reason")),
	}))
}
