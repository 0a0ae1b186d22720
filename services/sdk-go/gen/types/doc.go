// Package types holds the parts that argument structs are made of: tool servers, references, nested tasks and the like.
// Their fields are those of the platform's messages, in Go spelling.
package types
