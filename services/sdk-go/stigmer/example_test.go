package stigmer_test

import (
	"fmt"
	"log"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/stigmer"
	"github.com/stigmer/stigmer/sdk/go/workflow"
)

func ExampleRun() {
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		greeter, err := agent.New(ctx, "greeter", &agent.AgentArgs{
			Instructions: "Greet the user in one friendly sentence",
		})
		if err != nil {
			return err
		}
		fmt.Println(greeter)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: Agent(name=greeter)
}

// All mistakes of all resources come in one error.
func ExampleRun_mistakes() {
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		if _, err := agent.New(ctx, "greeter", &agent.AgentArgs{Instructions: "Hi"}); err != nil {
			return err
		}
		wf, err := workflow.New(ctx, "demo/greet", nil)
		if err != nil {
			return err
		}
		wf.CallAgent("ask", &workflow.AgentCallArgs{Agent: "greeter"})
		return nil
	})
	fmt.Println(err)
	// Output:
	// nothing was written: 2 problems:
	//   agent "greeter": instructions: needs at least 10 characters, has 2 ("Hi"): say what the agent is for and how it should answer
	//   workflow "greet": tasks.ask.message: is required: say something to the agent
}

// Variables are shared by agents, which use their values, and workflows.
func ExampleContext_SetString() {
	ctx := stigmer.NewContext()
	base := ctx.SetString("base", "http://127.0.0.1:8080")
	port := ctx.SetInt("retries", 3)
	fmt.Println(base.Concat("/orders").Value())
	fmt.Println(port.Add(port).Expression())
	// Output:
	// http://127.0.0.1:8080/orders
	// ${ ($context.retries + $context.retries) }
}
