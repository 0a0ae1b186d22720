// Package secret keeps the values of secrets out of everything that is recorded. Workflows see placeholders; activities
// put the values in just before use, and put placeholders where they find a value in what came back.
package secret

import (
	"regexp"
	"strings"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// Mask is what people see in place of a secret.
const Mask = "***"

// Placeholder stands for a secret in texts of one run. The nonce is drawn per run and never leaves the platform, so that
// no service that a run talks to can write a placeholder and be sent the secret in return.
func Placeholder(nonce, name string) string { return "[[secret:" + name + ":" + nonce + "]]" }

// Probe is another spelling of a placeholder, of another length. An expression that gives different results for the two looks into the
// secret, which it cannot.
func Probe(nonce, name string) string { return "((Another secret/" + name + "/" + nonce + "))" }

func placeholders(nonce string) *regexp.Regexp {
	return regexp.MustCompile(`\[\[secret:([^\[\]]*?):` + regexp.QuoteMeta(nonce) + `\]\]`)
}

// Texts handles the placeholders of one run, without knowing any value.
type Texts struct {
	nonce   string
	pattern *regexp.Regexp
}

// NewTexts handles the placeholders that were made with the nonce.
func NewTexts(nonce string) *Texts { return &Texts{nonce: nonce, pattern: placeholders(nonce)} }

// Hide replaces all placeholders in a value by the mask.
func (t *Texts) Hide(v any) any {
	return t.rewrite(v, func(text string) string { return t.pattern.ReplaceAllString(text, Mask) })
}

// HideText replaces all placeholders in a text by the mask.
func (t *Texts) HideText(text string) string { return t.pattern.ReplaceAllString(text, Mask) }

// Probe replaces all placeholders in a value by their other spelling.
func (t *Texts) Probe(v any) any {
	return t.rewrite(v, func(text string) string {
		return t.pattern.ReplaceAllStringFunc(text, func(found string) string {
			return Probe(t.nonce, t.pattern.FindStringSubmatch(found)[1])
		})
	})
}

// Names are those of the secrets whose placeholders stand in a value.
func (t *Texts) Names(v any) []string {
	var names []string
	t.rewrite(v, func(text string) string {
		for _, found := range t.pattern.FindAllStringSubmatch(text, -1) {
			names = append(names, found[1])
		}
		return text
	})
	return names
}

func (t *Texts) rewrite(v any, change func(string) string) any {
	out, err := value.Map(v, func(text string) (any, error) {
		if !strings.Contains(text, t.nonce) {
			return text, nil
		}
		return change(text), nil
	})
	if err != nil {
		// Nothing here returns one.
		return nil
	}
	return out
}
