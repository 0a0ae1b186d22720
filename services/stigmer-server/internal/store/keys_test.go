package store_test

import (
	"strings"
	"testing"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

func TestKeysAreThoseThatOthersKnow(t *testing.T) {
	for got, wanted := range map[string]string{
		store.ResourceKey("agent", "agt-01"):          "agent/agt-01",
		store.SlugKey("agent", "local", "test-agent"): "agent:test-agent",
		store.SlugKey("agent", "", "test-agent"):      "agent:test-agent",
		store.SlugKey("workflow", "acme", "test"):     "workflow:acme:test",
		store.SkillVersionKey("skl-01", "ab"):         "skill_version/skl-01/ab",
		store.SkillTagKey("skl-01", "v1"):             "skill_version:skl-01:v1",
		store.PendingStartKey("aex-01"):               "pending_start/aex-01",
		store.PendingCancelKey("wex-01"):              "pending_cancel/wex-01",
		store.LastPart("agent/agt-01"):                "agt-01",
		store.LastPart("skill_version/skl-01/ab"):     "ab",
		store.Name("agent/agt-01"):                    "agent",
		store.Name("skill_version/skl-01/ab"):         "skill",
		store.Name("agent:test-agent"):                "",
		store.Name("workflow:a/b:test"):               "",
		store.Name("pending_start/aex-01"):            "",
		store.Name("pending_cancel/wex-01"):           "",
		store.SkillVersionPrefix("skl-01"):            "skill_version/skl-01/",
		store.SkillVersionPrefix(""):                  "skill_version/",
		store.ResourcePrefix("agent"):                 "agent/",
		store.SlugPrefix("agent"):                     "agent:",
	} {
		if got != wanted {
			t.Errorf("%q is not %q", got, wanted)
		}
	}
}

// FuzzSlugKeys looks for two slugs that share a key, and for keys that are taken for something else.
func FuzzSlugKeys(f *testing.F) {
	f.Add("", "test-agent", "local", "test-agent")
	f.Add("acme", "a", "acme:a", "a")
	f.Add("a/b", "c", "a", "b-c")
	f.Add("local", "x", "acme", "local-x")
	f.Fuzz(func(t *testing.T, org, slug, otherOrg, otherSlug string) {
		// A slug holds no separator; an organization may.
		if strings.ContainsAny(slug+otherSlug, ":/") {
			return
		}
		local := func(org string) string {
			if org == "" {
				return store.LocalOrganization
			}
			return org
		}
		same := local(org) == local(otherOrg) && slug == otherSlug
		key, other := store.SlugKey("agent", org, slug), store.SlugKey("agent", otherOrg, otherSlug)
		if (key == other) != same {
			t.Errorf("%q of %q and %q of %q have the keys %q and %q", slug, org, otherSlug, otherOrg, key, other)
		}
		if !store.HasSlug(key, slug) {
			t.Errorf("%q does not have its slug %q", key, slug)
		}
		if slug != "" && otherSlug != "" && store.HasSlug(key, otherSlug) != (slug == otherSlug) {
			t.Errorf("%q is taken for slug %q", key, otherSlug)
		}
		if store.Name(key) != "" {
			t.Errorf("index %q is taken for a resource", key)
		}
		if store.LastPart(key) != slug {
			t.Errorf("last part of %q is %q", key, store.LastPart(key))
		}
	})
}
