package resource_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
)

func TestSlugsAreMadeOfNames(t *testing.T) {
	for name, wanted := range map[string]string{
		"test-agent":          "test-agent",
		"My Cool Agent":       "my-cool-agent",
		"  spaced   out  ":    "spaced-out",
		"--a--b--":            "a-b",
		"snake_case.and.dots": "snakecaseanddots",
		"Größe 3":             "gre-3",
		"a - b":               "a-b",
		"v1.0 (beta)":         "v10-beta",
		"日本":                  "",
		"!!!":                 "",
		"":                    "",
		"a\tb\nc":             "abc",
	} {
		if got := resource.Slug(name); got != wanted {
			t.Errorf("slug of %q is %q, not %q", name, got, wanted)
		}
	}
}

func TestResolvingASlugRefusesWhatIsNone(t *testing.T) {
	for name, test := range map[string]struct {
		metadata *apiresource.ApiResourceMetadata
		wanted   string
		mistake  string
	}{
		"made of the name":           {&apiresource.ApiResourceMetadata{Name: "My Agent"}, "my-agent", ""},
		"chosen by the client":       {&apiresource.ApiResourceMetadata{Name: "My Agent", Slug: "mine"}, "mine", ""},
		"chosen, without a name":     {&apiresource.ApiResourceMetadata{Slug: "mine"}, "mine", ""},
		"no name":                    {&apiresource.ApiResourceMetadata{}, "", "resource name is empty, cannot generate slug"},
		"a name without letters":     {&apiresource.ApiResourceMetadata{Name: "?!"}, "", "has no letter or digit"},
		"a slug with a colon":        {&apiresource.ApiResourceMetadata{Name: "A", Slug: "a:b"}, "", "only a-z, 0-9 and '-'"},
		"a slug with a slash":        {&apiresource.ApiResourceMetadata{Name: "A", Slug: "a/b"}, "", "only a-z, 0-9 and '-'"},
		"a slug in upper case":       {&apiresource.ApiResourceMetadata{Name: "Abc D", Slug: "ABC"}, "", `to have "abc-d"`},
		"a slug that is too long":    {&apiresource.ApiResourceMetadata{Name: strings.Repeat("a", 256)}, "", "256 characters"},
		"an organization that is so": {&apiresource.ApiResourceMetadata{Name: "a", Org: strings.Repeat("o", 256)}, "", "256 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			err := resource.ResolveSlug(test.metadata)
			if test.mistake == "" {
				if err != nil || test.metadata.GetSlug() != test.wanted {
					t.Errorf("slug is %q (%v), not %q", test.metadata.GetSlug(), err, test.wanted)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.mistake) {
				t.Errorf("%v does not say %q", err, test.mistake)
			}
		})
	}
}

// FuzzSlug checks that what is made of a name is a slug, that a slug stays what it is, and that case does not matter.
func FuzzSlug(f *testing.F) {
	for _, name := range []string{"", "Test Agent", "--", "a--b", "ä-ö", " x ", "\xff", "K"} {
		f.Add(name)
	}
	form := regexp.MustCompile(`^([a-z0-9]+(-[a-z0-9]+)*)?$`)
	f.Fuzz(func(t *testing.T, name string) {
		slug := resource.Slug(name)
		if !form.MatchString(slug) {
			t.Errorf("slug of %q is %q", name, slug)
		}
		if again := resource.Slug(slug); again != slug {
			t.Errorf("slug of the slug %q is %q", slug, again)
		}
		if lower := resource.Slug(strings.ToLower(name)); lower != slug {
			t.Errorf("%q has the slug %q, and %q in lower case", name, slug, lower)
		}
		if len(slug) > len(name) {
			t.Errorf("slug %q is longer than its name %q", slug, name)
		}
	})
}
