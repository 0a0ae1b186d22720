// Package expression evaluates the `${ … }` of workflow definitions: jq, without access to the process's environment,
// its clock or its files, in bounded steps.
package expression

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// Scope is what an expression sees.
type Scope struct {
	// Input is `.`.
	Input any
	// Variables are `$name`, by name without `$`.
	Variables map[string]any
	// Environment are the variables that have a value. An expression that names another one fails, unless it says with
	// `//` or `?` what holds then.
	Environment map[string]any
	// Now is what `now` gives, in seconds since 1970.
	Now float64
	// UUIDs is where `uuid` takes from.
	UUIDs *UUIDs
}

// Compiler evaluates expressions and compiles each of them once. It is safe for concurrent use.
type Compiler struct {
	mutex    sync.Mutex
	programs map[string]*program
}

// cacheLimit bounds the compiled expressions of a process; each takes some 10 KiB.
const cacheLimit = 4096

// NewCompiler makes a compiler with an empty cache.
func NewCompiler() *Compiler { return &Compiler{programs: map[string]*program{}} }

// Check says what is wrong with a text that may hold `${ … }`; variables are the names that expressions may use.
func (c *Compiler) Check(text string, variables []string) (References, error) {
	variables = slices.Sorted(slices.Values(variables))
	segments, err := split(text)
	if err != nil {
		return References{}, err
	}
	var all References
	for _, piece := range segments {
		if !piece.isExpression {
			continue
		}
		compiled, err := c.program(piece.text, variables)
		if err != nil {
			return all, err
		}
		all.Secrets = all.Secrets || compiled.references.Secrets
		all.Required = append(all.Required, compiled.references.Required...)
	}
	return all, nil
}

// CheckQuery is Check for a text that is a condition or a list.
func (c *Compiler) CheckQuery(text string, variables []string) (References, error) {
	source, err := query(text)
	if err != nil {
		return References{}, err
	}
	compiled, err := c.program(source, slices.Sorted(slices.Values(variables)))
	if err != nil {
		return References{}, err
	}
	return compiled.references, nil
}

// Template evaluates a text. One that is exactly one `${ … }` keeps the type of its result; in any other the results
// become part of the text, strings as they are and all else as JSON.
func (c *Compiler) Template(text string, scope Scope) (any, error) {
	segments, err := split(text)
	if err != nil {
		return nil, fmt.Errorf("expression in %s: %w", shorten(text), err)
	}
	if len(segments) == 1 && segments[0].isExpression {
		return c.evaluate(segments[0].text, scope)
	}
	var whole strings.Builder
	for _, piece := range segments {
		if !piece.isExpression {
			whole.WriteString(piece.text)
			continue
		}
		result, err := c.evaluate(piece.text, scope)
		if err != nil {
			return nil, err
		}
		written, err := value.Text(result)
		if err != nil {
			return nil, err
		}
		whole.WriteString(written)
	}
	if whole.Len() > OutputLimit {
		return nil, fmt.Errorf("expression in %s: more than %d bytes", shorten(text), OutputLimit)
	}
	return whole.String(), nil
}

// Query evaluates a text that is a condition or a list.
func (c *Compiler) Query(text string, scope Scope) (any, error) {
	source, err := query(text)
	if err != nil {
		return nil, fmt.Errorf("expression in %s: %w", shorten(text), err)
	}
	return c.evaluate(source, scope)
}

// Tree evaluates all texts in a value; keys stay.
func (c *Compiler) Tree(v any, scope Scope) (any, error) {
	switch v := v.(type) {
	case string:
		return c.Template(v, scope)
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			result, err := c.Tree(element, scope)
			if err != nil {
				return nil, err
			}
			out[i] = result
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, key := range sortedKeys(v) {
			result, err := c.Tree(v[key], scope)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			out[key] = result
		}
		return out, nil
	default:
		return v, nil
	}
}

func (c *Compiler) evaluate(source string, scope Scope) (result any, err error) {
	defer func() {
		// gojq is pure, so a panic in it leaves nothing behind; it must not end the runner.
		if recovered := recover(); recovered != nil {
			err = fmt.Errorf("expression %s: %v", shorten(source), recovered)
		}
	}()
	variables := names(scope)
	compiled, err := c.program(source, variables)
	if err != nil {
		return nil, fmt.Errorf("expression %s cannot be read: %w", shorten(source), err)
	}
	for _, name := range compiled.references.Required {
		if _, ok := scope.Environment[name]; !ok {
			return nil, fmt.Errorf("expression %s: %s has no value; pass it with the run, or set it in an environment of the "+
				"workflow's instance", shorten(source), name)
		}
	}
	values := make([]any, 0, len(variables)+2)
	for _, name := range variables {
		values = append(values, scope.Variables[name])
	}
	if result, err = compiled.run(scope, append(values, scope.Now, scope.UUIDs)); err != nil {
		return nil, fmt.Errorf("expression %s: %w", shorten(source), err)
	}
	return result, nil
}

func (p *program) run(scope Scope, values []any) (any, error) {
	iterator := p.code.RunWithContext(newStepCounter(), scope.Input, values...)
	first, ok := iterator.Next()
	if !ok {
		return nil, fmt.Errorf("no result")
	}
	if err, failed := first.(error); failed {
		return nil, err
	}
	if second, more := iterator.Next(); more {
		if err, failed := second.(error); failed {
			return nil, err
		}
		return nil, fmt.Errorf("more than one result; put it in [ ] to get a list")
	}
	if !value.Fits(first, OutputLimit) {
		return nil, fmt.Errorf("a result of more than %d bytes", OutputLimit)
	}
	return value.Normalize(first)
}

func (c *Compiler) program(source string, variables []string) (*program, error) {
	key := strings.Join(variables, ",") + "\n" + source
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if compiled, ok := c.programs[key]; ok {
		return compiled, nil
	}
	compiled, err := compile(source, variables)
	if err != nil {
		return nil, err
	}
	if len(c.programs) >= cacheLimit {
		clear(c.programs)
	}
	c.programs[key] = compiled
	return compiled, nil
}

func names(scope Scope) []string { return sortedKeys(scope.Variables) }

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// shorten keeps an error on one line of a screen.
func shorten(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 100 {
		text = string(runes[:100]) + "…"
	}
	return "`" + text + "`"
}
