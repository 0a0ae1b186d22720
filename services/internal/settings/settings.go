// Package settings reads a program's settings from its environment, once, into a typed struct.
package settings

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/caarlos0/env/v11"
)

// FromEnvironment parses the process's environment into a T. All mistakes are reported together.
func FromEnvironment[T any]() (T, error) {
	return From[T](os.Environ())
}

// From parses the given `NAME=value` entries into a T. All mistakes are reported together.
func From[T any](environ []string) (T, error) {
	settings, err := env.ParseAsWithOptions[T](env.Options{Environment: env.ToMap(environ)})
	if err == nil {
		return settings, nil
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		return settings, fmt.Errorf("read settings: %w", err)
	}
	lines := make([]string, 0, len(all.Errors))
	for _, one := range all.Errors {
		lines = append(lines, one.Error())
	}
	return settings, fmt.Errorf("read settings: %s", strings.Join(lines, "; "))
}
