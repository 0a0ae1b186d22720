// Package environment holds the argument struct of an environment. The SDK itself has no use for it: such resources are made by the CLI
// and the API.
package environment

import "github.com/stigmer/stigmer/sdk/go/gen/types"

// EnvironmentArgs says what an environment is.
type EnvironmentArgs struct {
	// Description is one line for people.
	Description string `json:"description,omitempty"`
	// Data holds the variables by name.
	Data map[string]*types.EnvironmentValue `json:"data,omitempty"`
}
