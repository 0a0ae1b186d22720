package expression_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/expression"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// large are numbers and repetitions that only show what is known: values in the middle of an evaluation have no limit.
var large = regexp.MustCompile(`[0-9]{6,}|[0-9][eE]|reduce|foreach|def |combinations|repeat|recurse|while|until|limit|setpath`)

func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{
		"plain", "${ .count }", "a ${ .title } b", `${ $context["fetch-pr"].title } == "A"`, "$${HOME}", "${", "${}}", `${ "\(.a)" }`,
		`${ {a: {b: "}"}} }`, "${.secrets.X}-${.env_vars.REGION}", `${ .item | to_entries | map(.key) | join(",") }`,
		`${ "ab" * 3 }`, "${ [.[]?] | length }", `${ try error("x") catch . }`, "${ now | todate }", "${ uuid }", "${ .x // 1 }",
		`${ [.item.sha, "x"] | @csv }`, `${ "a,b" | split(",") }`, `${ .title | test("[Dd]oor") }`, "${ input }", "${ $__now }",
		`${ if .count > 2 then "many" else "few" end }`, `${ .item.author | keys[0] }`, "${ [1,2,3] | add / length }",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if large.MatchString(text) {
			t.Skip()
		}
		// An evaluation that no limit ends would only make the fuzzing stand still.
		defer time.AfterFunc(20*time.Second, func() { panic("no end: " + text) }).Stop()
		compiler := expression.NewCompiler()
		result, err := compiler.Template(text, scope())
		again, errAgain := compiler.Template(text, scope())
		if (err == nil) != (errAgain == nil) || err != nil && err.Error() != errAgain.Error() {
			t.Fatalf("two evaluations of %q differ: %v, %v", text, err, errAgain)
		}
		if diff := cmp.Diff(result, again, cmp.Comparer(sameFloat)); diff != "" {
			t.Fatalf("two evaluations of %q differ:\n%s", text, diff)
		}
		if err != nil {
			return
		}
		if _, err := compiler.Check(text, []string{"context", "data", "env", "input", "output"}); err != nil {
			t.Fatalf("%q has a result and is refused: %v", text, err)
		}
		if !value.Fits(result, expression.OutputLimit) {
			t.Fatalf("%q gives more than the limit", text)
		}
		if _, err := value.Encode(result); err != nil {
			t.Fatalf("the result of %q is no JSON: %v", text, err)
		}
	})
}

// sameFloat takes NaN for equal to itself.
func sameFloat(a, b float64) bool { return a == b || a != a && b != b }
