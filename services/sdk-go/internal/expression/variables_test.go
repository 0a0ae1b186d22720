package expression_test

import (
	"strings"
	"testing"

	"github.com/stigmer/stigmer/sdk/go/internal/expression"
)

func TestReferencesAreReplacedInExpressionsOnly(t *testing.T) {
	values := expression.Variables{"text": `a"b`, "number": 3, "list": []any{1}, "a name": "n", "below": -1}
	for text, want := range map[string]string{
		"":                                   "",
		"plain $context.text":                "plain $context.text",
		"${ $context.text }":                 `a"b`,
		"${text}":                            `a"b`,
		"${ $context.number }":               "${ 3 }",
		"x${ $context.number }y":             "x3y",
		"${ $context.list }":                 "${ [1] }",
		"x ${ $context.list }":               "x ${ [1] }",
		"${ $context.text | length }":        `${ "a\"b" | length }`,
		`${ $context["a name"] }`:            "n",
		`${ $context["text"] }`:              `${ $context["text"] }`,
		"${ $context.texture }":              "${ $context.texture }",
		"${ -$context.below }":               "${ -(-1) }",
		`${ "$context.text" }`:               `${ "$context.text" }`,
		`${ "\($context.number)" }`:          `${ "\(3)" }`,
		`${ "\(("x" + $context.text)) }" }`:  `${ "\(("x" + "a\"b")) }" }`,
		"${ {a: $context.number} }":          "${ {a: 3} }",
		"${ $context.number } and ${ open":   "3 and ${ open",
		"$${text} ${text}":                   `$${text} a"b`,
		"$${text}":                           "$${text}",
		"${ $context.number }${.secrets.K}":  "3${.secrets.K}",
		"${.env_vars.A}/${ $context.number}": "${.env_vars.A}/3",
	} {
		if got := values.InText(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// Variables that a text does not name must leave it as it is, whatever it looks like.
func FuzzTextsWithoutVariablesStay(f *testing.F) {
	for _, text := range []string{
		`${ "\(1)" }`, "${", "}${}", `${ "`, `${ "\`, `${ "\(`, `${ $context["a"].b }`, "${ {} }", "\x00${\xff}", `"${"}"`,
	} {
		f.Add(text)
	}
	values := expression.Variables{"zz": 1}
	f.Fuzz(func(t *testing.T, text string) {
		if got := values.InText(text); got != text && !strings.Contains(text, "zz") {
			t.Errorf("%q became %q", text, got)
		}
	})
}
