package naming_test

import (
	"testing"

	"github.com/stigmer/stigmer/sdk/go/stigmer/naming"
)

func TestSlugs(t *testing.T) {
	for name, want := range map[string]string{
		"":                       "",
		"code-reviewer":          "code-reviewer",
		"My Cool Agent":          "my-cool-agent",
		"Code Analysis & Review": "code-analysis-review",
		"--a--b--":               "a-b",
		"v1.2_beta":              "v1-2-beta",
		"Über İ \u212a":          "ber",
		"???":                    "",
	} {
		got := naming.GenerateSlug(name)
		if got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
		if got != "" && naming.ValidateSlug(got) != nil {
			t.Errorf("%q gives a slug that is refused: %q", name, got)
		}
	}
	for _, wrong := range []string{"", "-a", "a-", "A", "a b", "a_b", "é"} {
		if naming.ValidateSlug(wrong) == nil {
			t.Errorf("%q is taken for a slug", wrong)
		}
	}
}
