// A program that the compiler refuses: it uses a name that the SDK does not have, and keeps a value it never uses.
package main

import (
	"log"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/stigmer"
)

func main() {
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		unused := "value"
		return agent.Nothing(ctx)
	})
	if err != nil {
		log.Fatal(err)
	}
}
