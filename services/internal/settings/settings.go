// Package settings reads a program's settings from its environment, once, into a typed struct.
package settings

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// FromEnvironment parses the process's environment into a T. All mistakes are reported together.
func FromEnvironment[T any]() (T, error) {
	return From[T](os.Environ())
}

// From parses the given `NAME=value` entries into a T. All mistakes are reported together.
func From[T any](environ []string) (T, error) {
	given := env.ToMap(environ)
	settings, err := env.ParseAsWithOptions[T](env.Options{Environment: given})
	if err == nil {
		return settings, nil
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		return settings, fmt.Errorf("read settings: %w", err)
	}
	lines := make([]string, 0, len(all.Errors))
	for _, one := range all.Errors {
		lines = append(lines, explain(one, reflect.TypeFor[T](), given))
	}
	return settings, fmt.Errorf("read settings: %s", strings.Join(lines, "; "))
}

// explain names the variable, its value and the cure; the library names the field of the struct.
func explain(mistake error, of reflect.Type, given map[string]string) string {
	parse, ok := errors.AsType[env.ParseError](mistake)
	if !ok {
		return mistake.Error()
	}
	name := variable(of, parse.Name, given)
	cure := parse.Err.Error()
	switch {
	case parse.Type == reflect.TypeFor[time.Duration]():
		cure = "use a duration such as 500ms, 90s or 10m"
	case parse.Type.Kind() == reflect.Bool:
		cure = "use true or false"
	case parse.Type.Kind() == reflect.Int:
		cure = "use a whole number"
	}
	return fmt.Sprintf("%s=%q: %s", name, given[name], cure)
}

// variable is the one that was given and is read into a field with the name.
func variable(of reflect.Type, field string, given map[string]string) string {
	for index := range of.NumField() {
		one := of.Field(index)
		tag, _, _ := strings.Cut(one.Tag.Get("env"), ",")
		if _, set := given[tag]; one.Name == field && set {
			return tag
		}
		if one.Type.Kind() == reflect.Struct && tag == "" {
			if found := variable(one.Type, field, given); found != field {
				return found
			}
		}
	}
	return field
}
