package secret_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/secret"
)

const nonce = "0123456789abcdef"

func TestPlaceholdersBecomeValuesAndValuesPlaceholders(t *testing.T) {
	vault := secret.NewVault(nonce, map[string]string{"LONG": "open sesame", "SHORT": "sesame", "PIN": "1234"})
	long, short, pin := secret.Placeholder(nonce, "LONG"), secret.Placeholder(nonce, "SHORT"), secret.Placeholder(nonce, "PIN")
	revealed, err := vault.Reveal(map[string]any{"a": []any{"Bearer " + long, 5, short + short}, long: true})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"a": []any{"Bearer open sesame", 5, "sesamesesame"}, "open sesame": true}
	if diff := cmp.Diff(want, revealed); diff != "" {
		t.Errorf("revealed (-want +got):\n%s", diff)
	}
	concealed := vault.Conceal(map[string]any{"text": "say open sesame or sesame", "pin": 1234, "other": 12345, "open sesame": nil})
	wantConcealed := map[string]any{"text": "say " + long + " or " + short, "pin": pin, "other": 12345, long: nil}
	if diff := cmp.Diff(wantConcealed, concealed); diff != "" {
		t.Errorf("concealed (-want +got):\n%s", diff)
	}
}

func TestPlaceholdersOfOthersStay(t *testing.T) {
	vault := secret.NewVault(nonce, map[string]string{"A": "value"})
	forged := secret.Placeholder("fedcba9876543210", "A")
	if got, err := vault.RevealText(forged); err != nil || got != forged {
		t.Errorf("a forged placeholder became %q, %v", got, err)
	}
}

func TestASecretThatIsNoLongerSetIsNamed(t *testing.T) {
	_, err := secret.NewVault(nonce, nil).RevealText(secret.Placeholder(nonce, "GONE"))
	if err == nil || err.Error() != "the secret GONE is no longer set" {
		t.Errorf("error is %v", err)
	}
}

func TestAllUsualSpellingsAreMasked(t *testing.T) {
	value := "p@ss \"word\"/\n+ü"
	vault := secret.NewVault(nonce, map[string]string{"A": value})
	for _, spelling := range []string{
		value, fmt.Sprintf("%q", value), url.QueryEscape(value), url.PathEscape(value),
		base64.StdEncoding.EncodeToString([]byte(value)), secret.Placeholder(nonce, "A"),
	} {
		if got := vault.MaskText("x " + spelling + " y"); strings.Contains(got, "word") || strings.Contains(got, "ss%20") || !strings.Contains(got, "***") {
			t.Errorf("%q is shown as %q", spelling, got)
		}
	}
}

func TestPlaceholdersAreHiddenWithoutValues(t *testing.T) {
	texts := secret.NewTexts(nonce)
	placeholder := secret.Placeholder(nonce, "A")
	if diff := cmp.Diff(map[string]any{"x": []any{"Bearer ***"}}, texts.Hide(map[string]any{"x": []any{"Bearer " + placeholder}})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"A"}, texts.Names([]any{"x", placeholder})); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if got := texts.Probe(placeholder); got == placeholder || len(got.(string)) == len(placeholder) {
		t.Errorf("the probe is %q", got)
	}
}

func TestARunnerAsksForSecretsOnceAndForgetsOldRuns(t *testing.T) {
	loads := map[string]int{}
	vaults := secret.NewVaults(func(_ context.Context, id string) (map[string]string, error) {
		loads[id]++
		if id == "bad" {
			return nil, errors.New("away")
		}
		return map[string]string{"A": "value of " + id}, nil
	})
	get := func(id string) string {
		vault, err := vaults.Get(t.Context(), id, nonce)
		if err != nil {
			return err.Error()
		}
		revealed, _ := vault.RevealText(secret.Placeholder(nonce, "A"))
		return revealed
	}
	for _, want := range []string{"value of one", "value of one"} {
		if got := get("one"); got != want {
			t.Errorf("got %q", got)
		}
	}
	if loads["one"] != 1 {
		t.Errorf("asked %d times", loads["one"])
	}
	if got := get("bad"); got != "away" {
		t.Errorf("got %q", got)
	}
	for i := range 300 {
		get(fmt.Sprint(i))
	}
	get("one")
	if loads["one"] != 2 {
		t.Errorf("a run of long ago was remembered: asked %d times", loads["one"])
	}
}
