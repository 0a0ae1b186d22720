package secret

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// Vault knows the secrets of one run. Only activities have one.
type Vault struct {
	texts  *Texts
	values map[string]string
	// conceal replaces values by placeholders, mask replaces all their spellings by the mask; longest first.
	conceal *strings.Replacer
	mask    *strings.Replacer
	plain   []string
}

// NewVault makes a vault of secrets by name.
func NewVault(nonce string, secrets map[string]string) *Vault {
	vault := &Vault{texts: NewTexts(nonce), values: secrets}
	names := make([]string, 0, len(secrets))
	for name := range secrets {
		names = append(names, name)
	}
	// A secret that contains another one must be found first.
	slices.SortFunc(names, func(a, b string) int { return longestFirst(secrets[a], secrets[b]) })
	var spellings, concealed, masked []string
	for _, name := range names {
		concealed = append(concealed, secrets[name], Placeholder(nonce, name))
		vault.plain = append(vault.plain, secrets[name])
		spellings = append(spellings, forms(secrets[name])...)
	}
	slices.SortFunc(spellings, longestFirst)
	for _, spelling := range slices.Compact(spellings) {
		masked = append(masked, spelling, Mask)
	}
	vault.conceal = strings.NewReplacer(concealed...)
	vault.mask = strings.NewReplacer(masked...)
	return vault
}

// forms are the spellings in which a secret may turn up in messages of libraries and services.
func forms(secret string) []string {
	quoted, err := json.Marshal(secret)
	if err != nil {
		quoted = []byte(`""`)
	}
	return []string{
		secret,
		strings.Trim(string(quoted), `"`),
		strings.Trim(fmt.Sprintf("%q", secret), `"`),
		url.QueryEscape(secret),
		url.PathEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)),
		base64.URLEncoding.EncodeToString([]byte(secret)),
	}
}

func longestFirst(a, b string) int {
	if n := len(b) - len(a); n != 0 {
		return n
	}
	return strings.Compare(a, b)
}

// Reveal puts the values in for all placeholders.
func (v *Vault) Reveal(tree any) (any, error) {
	return value.Map(tree, func(text string) (any, error) { return v.RevealText(text) })
}

// RevealText puts the values in for all placeholders of a text.
func (v *Vault) RevealText(text string) (string, error) {
	var missing []string
	revealed := v.texts.pattern.ReplaceAllStringFunc(text, func(found string) string {
		name := v.texts.pattern.FindStringSubmatch(found)[1]
		known, ok := v.values[name]
		if !ok {
			missing = append(missing, name)
		}
		return known
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("the secret %s is no longer set", strings.Join(missing, ", "))
	}
	return revealed, nil
}

// Has tells whether a name is that of a secret.
func (v *Vault) Has(name string) bool {
	_, ok := v.values[name]
	return ok
}

// Uses tells whether a text has placeholders.
func (v *Vault) Uses(text string) bool { return v.texts.pattern.MatchString(text) }

// Conceal puts placeholders where secrets stand, so that later tasks can still use them.
func (v *Vault) Conceal(tree any) any {
	if len(v.values) == 0 {
		return tree
	}
	out, err := value.Map(v.numbers(tree), func(text string) (any, error) { return v.conceal.Replace(text), nil })
	if err != nil {
		// Nothing above returns one.
		return nil
	}
	return out
}

// numbers turns those that are a secret written in digits into texts.
func (v *Vault) numbers(tree any) any {
	switch tree := tree.(type) {
	case []any:
		out := make([]any, len(tree))
		for i, element := range tree {
			out[i] = v.numbers(element)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(tree))
		for key, element := range tree {
			out[key] = v.numbers(element)
		}
		return out
	case nil, bool, string:
		return tree
	default:
		if text, err := value.Text(tree); err == nil && slices.Contains(v.plain, text) {
			return text
		}
		return tree
	}
}

// MaskText replaces secrets, in the usual spellings, and placeholders in a text for people.
func (v *Vault) MaskText(text string) string { return v.mask.Replace(v.texts.HideText(text)) }
