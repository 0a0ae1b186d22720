package expression_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/expression"
)

func scope() expression.Scope {
	return expression.Scope{
		Input: map[string]any{
			"title": "Fix the door", "count": 3, "big": 9007199254740993,
			"item":     map[string]any{"sha": "abc", "author": map[string]any{"name": "Ada"}},
			"env_vars": map[string]any{"REGION": "eu"},
		},
		Variables: map[string]any{
			"context": map[string]any{
				"fetch-pr": map[string]any{"title": "A", "state": "closed", "open": 12, "files": []any{"a", "b"}},
			},
			"data": map[string]any{}, "env": map[string]any{"REGION": "eu"}, "input": nil, "output": nil,
		},
		Environment: map[string]any{"REGION": "eu"},
		Now:         1_700_000_000,
		UUIDs:       &expression.UUIDs{Seed: "run"},
	}
}

func TestATextWithExpressionsIsEvaluated(t *testing.T) {
	compiler := expression.NewCompiler()
	for _, c := range []struct {
		text string
		want any
	}{
		{"plain", "plain"},
		{"", ""},
		{"${ .count }", 3},
		{"${.count}", 3},
		{"${ .big }", 9007199254740993},
		{"${.item.author.name}", "Ada"},
		{`${ $context["fetch-pr"].title }`, "A"},
		{`${ $context["fetch-pr"].files }`, []any{"a", "b"}},
		{"${ .missing.deep }", nil},
		{"n = ${ .count }", "n = 3"},
		{"${ .count }${ .title }", "3Fix the door"},
		{"is ${ .missing }", "is null"},
		{`list ${ $context["fetch-pr"].files }`, `list ["a","b"]`},
		{`${ {a: {b: "}"}} }`, map[string]any{"a": map[string]any{"b": "}"}}},
		{`${ "\("}")x" }`, "}x"},
		{"https://api-${.env_vars.REGION}.example.com", "https://api-eu.example.com"},
		{"$${HOME} and ${ $env.REGION }", "${HOME} and eu"},
		{"${ now }", 1_700_000_000.0},
		{"${ now | todate }", "2023-11-14T22:13:20Z"},
		{`${ 0 | localtime | mktime }`, 0.0},
		{`${ "ab" * 3 }`, "ababab"},
		{`${ 6 * 7 }`, 42},
		{`${ [.count * 2.5, 2147483648 * 4294967296] | length }`, 2},
		{`${ env }`, map[string]any{}},
		{`${ $ENV }`, map[string]any{}},
		{"${ uuid | length }", 36},
	} {
		got, err := compiler.Template(c.text, scope())
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
		} else if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestAConditionMayStandAroundExpressions(t *testing.T) {
	compiler := expression.NewCompiler()
	for text, want := range map[string]any{
		`${ $context["fetch-pr"].state } == "closed"`:          true,
		`${ $context["fetch-pr"].state } != "closed"`:          false,
		`${ $context["fetch-pr"].open } > 10`:                  true,
		`${ .title } | contains("door")`:                       true,
		`${ .title } | startswith("feat:")`:                    false,
		`${ .count == 3 }`:                                     true,
		`.count == 3`:                                          true,
		`true`:                                                 true,
		`${ .count } == 3 and ${ .title } == "Fix the door"`:   true,
		`${ $context["fetch-pr"].files }`:                      []any{"a", "b"},
		`[1, 2]`:                                               []any{1, 2},
		`${ .item.missing == true or (.count | . > 2) }`:       true,
		`${ .env_vars.UNSET // "none" }`:                       "none",
		`${ [.item] | map(.author.name) | index("Ada") == 0 }`: true,
	} {
		got, err := compiler.Query(text, scope())
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestBadExpressionsAreExplained(t *testing.T) {
	compiler := expression.NewCompiler()
	for text, want := range map[string]string{
		"${ .a":                             "without a closing `}`",
		"${ }":                              "it is empty",
		"${ .a + }":                         "it ends too early",
		"${now()}":                          "unexpected token",
		"${ unknown }":                      "function not defined: unknown/0",
		"${ $nobody }":                      "variable not defined: $nobody",
		"${ $__now }":                       "variable not defined: $__now",
		"${ $__uuids }":                     "variable not defined: $__uuids",
		`${ .title + 1 }`:                   "cannot add",
		"${ empty }":                        "no result",
		"${ .item[] }":                      "more than one result",
		"${ range(1e12) | select(. < 0) }":  "more than 500,000 steps",
		"${ [range(1e12)] }":                "more than 500,000 steps",
		"${ def f: f; f }":                  "more than 500,000 steps",
		"${ [range(300000)] | map(12345) }": "more than 500,000 steps",
		`${ "xxxxxxxxxx" * 1e8 }`:           "more than 1048576 bytes",
		`${ [range(9000) | "x" * 1000] }`:   "more than 1048576 bytes",
		`${ reduce range(30) as $i (1; [., .]) }`: "more than 1048576 bytes",
		"${ .env_vars.AWAY }":                     "AWAY has no value; pass it with the run",
		`${ .secrets["AWAY"] | length }`:          "AWAY has no value",
		`${ error("no luck") }`:                   "no luck",
		`${ import "x" as x; 1 }`:                 "modules are not available",
		`${ input }`:                              "input",
		`${ halt_error }`:                         "halt",
	} {
		_, err := compiler.Template(text, scope())
		if err == nil {
			t.Errorf("%s gave no error", text)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q does not say %q", text, err, want)
		}
	}
}

func TestTheSameRunGetsTheSameUUIDs(t *testing.T) {
	compiler := expression.NewCompiler()
	first, err := compiler.Template("${ [uuid, uuid] }", scope())
	if err != nil {
		t.Fatal(err)
	}
	second, err := compiler.Template("${ [uuid, uuid] }", scope())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("a replay differs:\n%s", diff)
	}
	if both := first.([]any); both[0] == both[1] {
		t.Errorf("one identifier was given twice: %v", both)
	}
}

func TestReferencesToTheEnvironmentAreFound(t *testing.T) {
	compiler := expression.NewCompiler()
	for text, want := range map[string]expression.References{
		"Bearer ${.secrets.TOKEN}":           {Secrets: true, Required: []string{"TOKEN"}},
		`${ .secrets["TOKEN"] }`:             {Secrets: true, Required: []string{"TOKEN"}},
		"${.env_vars.A}-${ .env_vars.B }":    {Required: []string{"A", "B"}},
		`${ .env_vars.A // "x" }`:            {},
		`${ .env_vars.A? }`:                  {},
		`${ $env.A }`:                        {Required: []string{"A"}},
		`${ ("u:" + .secrets.P) | @base64 }`: {Secrets: true, Required: []string{"P"}},
		`${ .secrets | length }`:             {Secrets: true},
		"none":                               {},
	} {
		got, err := compiler.Check(text, []string{"context", "env"})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestManyExpressionsDoNotFillTheMemory(t *testing.T) {
	compiler := expression.NewCompiler()
	for i := range 5000 {
		if _, err := compiler.Template(fmt.Sprintf("${ %d }", i), expression.Scope{}); err != nil {
			t.Fatal(err)
		}
	}
}
