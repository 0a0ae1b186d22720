package value_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

func TestWholeNumbersStayExact(t *testing.T) {
	text := `{"a":[9007199254740993,1.5,-3,123456789012345678901234567890],"b":null,"c":true}`
	var read value.Value
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	want := map[string]any{"a": []any{9007199254740993, 1.5, -3, huge}, "b": nil, "c": true}
	if diff := cmp.Diff(want, read.V, cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	written, err := json.Marshal(read)
	if err != nil || string(written) != text {
		t.Errorf("written %s, %v", written, err)
	}
}

func TestOnlyOneJSONValueIsRead(t *testing.T) {
	for _, text := range []string{"", "{", "1 2", `{"a":1}x`, "nul"} {
		if got, err := value.Decode([]byte(text)); err == nil {
			t.Errorf("%q gave %v", text, got)
		}
	}
}

func TestAStatusHoldsObjectsOnly(t *testing.T) {
	for _, v := range []any{[]any{1.0, "a"}, "text", 5.0, true, map[string]any{"a": map[string]any{"b": []any{nil}}}, nil} {
		if diff := cmp.Diff(v, value.FromStruct(value.Struct(v))); diff != "" {
			t.Errorf("%v (-want +got):\n%s", v, diff)
		}
	}
	if got := value.Struct("a\xffb").AsMap()[value.ResultKey]; got != "a�b" {
		t.Errorf("text that is no UTF-8 became %q", got)
	}
}

func TestSizeIsBoundedWithoutWritingTheValue(t *testing.T) {
	shared := any("x")
	for range 100 {
		shared = []any{shared, shared}
	}
	if value.Fits(shared, 1<<20) {
		t.Error("a value of 2^100 texts fits")
	}
	if !value.Fits(map[string]any{"a": strings.Repeat("x", 90)}, 100) || value.Fits(map[string]any{"a": strings.Repeat("x", 100)}, 100) {
		t.Error("the limit is not where it should be")
	}
}
