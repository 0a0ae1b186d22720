// Basic workflow: read something from an API and keep the parts that matter.
package main

import (
	"log"

	"github.com/stigmer/stigmer/sdk/go/environment"
	"github.com/stigmer/stigmer/sdk/go/stigmer"
	"github.com/stigmer/stigmer/sdk/go/workflow"
)

func main() {
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		// Variables of the context are known here and written into the workflow.
		currency := ctx.SetString("currency", "EUR")

		// Variables of the environment are known when the workflow runs.
		apiURL, err := environment.New(ctx, "API_URL", &environment.VariableArgs{
			Description: "Address of the shop's API, such as http://127.0.0.1:8080",
		})
		if err != nil {
			return err
		}
		wf, err := workflow.New(ctx, "shop/order-summary", &workflow.WorkflowArgs{
			Version:     "1.0.0",
			Description: "Sums up an order",
		})
		if err != nil {
			return err
		}
		wf.AddEnvironmentVariable(*apiURL)

		order := wf.HttpGet("fetch-order",
			workflow.Interpolate(workflow.RuntimeEnv("API_URL"), "/orders/1"),
			map[string]string{"Accept": "application/json"})
		wf.Set("summary", &workflow.SetArgs{Variables: map[string]string{
			"customer": order.Field("customer.name").Expression(),
			"total":    workflow.Interpolate(order.Field("total"), " ", currency),
			"status":   order.Field("status").Expression(),
		}})
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
}
