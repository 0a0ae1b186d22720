package expression

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/itchyny/gojq"
)

// program is a compiled expression.
type program struct {
	code       *gojq.Code
	references References
}

// References are the variables of the environment that an expression names.
type References struct {
	// Names that are read as `.secrets.NAME` or `.env_vars.NAME` and cannot be absent.
	Required []string
	// Secrets tells that `.secrets` is mentioned at all.
	Secrets bool
}

// prelude replaces the functions of jq that depend on the moment or the machine, so that a replay gives the same.
const prelude = `def now: $__now; def localtime: gmtime; def strflocaltime($format): strftime($format); ` +
	`def uuid: $__uuids | _next_uuid; .`

// Hidden variables; expressions get at them through the prelude only.
const (
	nowVariable   = "$__now"
	uuidsVariable = "$__uuids"
)

// compile parses an expression and compiles it for the given variables (without `$`).
func compile(source string, variables []string) (*program, error) {
	if source == "" {
		return nil, errors.New("it is empty")
	}
	parsed, err := gojq.Parse(source)
	if err != nil {
		return nil, readable(err)
	}
	if len(parsed.Imports) > 0 || parsed.Meta != nil {
		return nil, errors.New("modules are not available")
	}
	found := inspect(parsed)
	if found.hidden != "" {
		return nil, fmt.Errorf("variable not defined: %s", found.hidden)
	}
	definitions, err := gojq.Parse(prelude)
	if err != nil {
		return nil, err
	}
	parsed.FuncDefs = append(slices.Clone(definitions.FuncDefs), parsed.FuncDefs...)
	boundRepetition(parsed)
	names := make([]string, 0, len(variables)+2)
	for _, name := range variables {
		names = append(names, "$"+name)
	}
	code, err := gojq.Compile(parsed,
		gojq.WithVariables(append(names, nowVariable, uuidsVariable)),
		gojq.WithFunction("_next_uuid", 0, 0, nextUUID),
		gojq.WithFunction(repetitionFunction, 2, 2, multiply),
	)
	if err != nil {
		return nil, err
	}
	return &program{code: code, references: found.references}, nil
}

// readable says in words what gojq's errors of parsing say.
func readable(err error) error {
	text := err.Error()
	if strings.Contains(text, "<EOF>") || strings.Contains(text, "unexpected EOF") {
		return errors.New("it ends too early")
	}
	return errors.New(text)
}

// findings of a walk through a parsed expression.
type findings struct {
	references  References
	hidden      string
	alternative bool
}

func inspect(parsed *gojq.Query) findings {
	var found findings
	walk(reflect.ValueOf(parsed), func(node any) {
		switch node := node.(type) {
		case *gojq.Query:
			found.alternative = found.alternative || node.Op == gojq.OpAlt || node.Op == gojq.OpUpdateAlt
		case *gojq.Func:
			if strings.HasPrefix(node.Name, "$__") && node.Name != "$__loc__" || node.Name == "_next_uuid" {
				found.hidden = node.Name
			}
		case *gojq.Term:
			found.note(node)
		}
	})
	if found.alternative {
		// `.env_vars.X // "default"` says what holds without a value.
		found.references.Required = nil
	}
	return found
}

// note finds `.secrets` and `.env_vars.NAME` in a term.
func (f *findings) note(term *gojq.Term) {
	root := ""
	if term.Type == gojq.TermTypeIndex {
		root = indexName(term.Index)
	}
	if term.Type == gojq.TermTypeFunc && term.Func.Name == "$env" {
		root = "env"
	}
	switch root {
	case "secrets":
		f.references.Secrets = true
	case "env_vars", "env":
	default:
		return
	}
	if len(term.SuffixList) == 0 || term.SuffixList[0].Optional {
		return
	}
	if len(term.SuffixList) > 1 && term.SuffixList[1].Optional {
		return
	}
	if name := indexName(term.SuffixList[0].Index); name != "" {
		f.references.Required = append(f.references.Required, name)
	}
}

// indexName is the name in `.name`, `."name"` or `["name"]`, empty for any other index.
func indexName(index *gojq.Index) string {
	switch {
	case index == nil:
		return ""
	case index.Name != "":
		return index.Name
	case index.Str != nil && len(index.Str.Queries) == 0:
		return index.Str.Str
	case index.Start != nil && !index.IsSlice && index.Start.Term != nil &&
		index.Start.Term.Type == gojq.TermTypeString && len(index.Start.Term.Str.Queries) == 0 &&
		len(index.Start.Term.SuffixList) == 0:
		return index.Start.Term.Str.Str
	}
	return ""
}

// walk calls visit for every pointer of a parsed expression.
func walk(v reflect.Value, visit func(any)) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		visit(v.Interface())
		walk(v.Elem(), visit)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				walk(v.Field(i), visit)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), visit)
		}
	}
}
