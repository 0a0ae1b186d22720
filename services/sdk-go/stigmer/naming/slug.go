// Package naming makes and checks slugs, the names by which resources refer to each other.
package naming

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	slugPattern  = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	notSlugRunes = regexp.MustCompile(`[^a-z0-9]+`)
)

// GenerateSlug makes the slug of a name: lower case, everything but letters and digits becomes one hyphen, none at the
// ends. It never shortens, since two long names must not get the same slug. A name without letters and digits gives "".
func GenerateSlug(name string) string {
	return strings.Trim(notSlugRunes.ReplaceAllString(asciiLower(name), "-"), "-")
}

// asciiLower leaves letters beyond ASCII alone: their lower case could be an ASCII letter, and the slug would then differ
// from the one that the platform makes.
func asciiLower(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

// ValidateSlug says what is wrong with a slug: it has lower-case letters, digits and hyphens, and no hyphen at the ends.
func ValidateSlug(slug string) error {
	if slug == "" {
		return fmt.Errorf("slug is empty: use lower-case letters, digits and hyphens")
	}
	if !slugPattern.MatchString(slug) {
		return fmt.Errorf("slug %q must have lower-case letters, digits and hyphens only, without a hyphen at the ends", slug)
	}
	return nil
}
