// A program that ends well and defines nothing.
package main

import (
	"log"

	"github.com/stigmer/stigmer/sdk/go/stigmer"
)

func main() {
	if err := stigmer.Run(func(*stigmer.Context) error { return nil }); err != nil {
		log.Fatal(err)
	}
}
