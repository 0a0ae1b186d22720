// Package stigmer runs a program that defines agents and workflows.
//
//	package main
//
//	import (
//		"log"
//
//		"github.com/stigmer/stigmer/sdk/go/agent"
//		"github.com/stigmer/stigmer/sdk/go/stigmer"
//	)
//
//	func main() {
//		err := stigmer.Run(func(ctx *stigmer.Context) error {
//			_, err := agent.New(ctx, "greeter", &agent.AgentArgs{
//				Instructions: "Greet the user in one friendly sentence",
//			})
//			return err
//		})
//		if err != nil {
//			log.Fatal(err)
//		}
//	}
//
// "stigmer apply" compiles the program, runs it and sends what it defined to the platform. Run by itself ("go run .") the
// program only checks what it defines.
//
// The variables of a Context (SetString and so on) are known when the program ends: agents use them by Value, workflows
// get their values in place of their names. For values that only an execution knows see workflow.RuntimeEnv and
// workflow.RuntimeSecret.
package stigmer
