package stigmer_test

import (
	"context"
	"testing"

	"github.com/stigmer/stigmer/sdk/go/stigmer"
)

func TestExpressionsOfVariables(t *testing.T) {
	ctx := stigmer.NewContext()
	base, secret := ctx.SetString("base", "http://a"), ctx.SetSecret("key", "k")
	low, high := ctx.SetInt("low", 1), ctx.SetInt("high", 9)
	on, off := ctx.SetBool("on", true), ctx.SetBool("off", false)
	config := ctx.SetObject("config", map[string]any{"database": map[string]any{"host": "h"}})
	literal := base.Concat("/", low)
	for _, c := range []struct {
		ref  stigmer.Ref
		want string
	}{
		{base, "${ $context.base }"},
		{literal, ""},
		{ctx.SetString("a name", "x"), `${ $context["a name"] }`},
		{base.Upper(), "${ ($context.base | ascii_upcase) }"},
		{base.Lower().Upper(), "${ (($context.base | ascii_downcase) | ascii_upcase) }"},
		{base.Prepend(`"`), `${ ("\"" + $context.base) }`},
		{base.Append("/x"), `${ ($context.base + "/x") }`},
		{literal.Append("/x"), `${ ("http://a/1" + "/x") }`},
		{base.Concat("/", base.Upper()), `${ $context.base + "/" + ($context.base | ascii_upcase) }`},
		{base.Upper().Concat(low, off, 1.5), `${ ($context.base | ascii_upcase) + ($context.low | tostring) + ` +
			`($context.off | tostring) + "1.5" }`},
		{base.Concat(config), "${ $context.base + ($context.config | tostring) }"},
		{low.Add(high), "${ ($context.low + $context.high) }"},
		{low.Subtract(high).Multiply(low).Divide(high), "${ ((($context.low - $context.high) * $context.low) / $context.high) }"},
		{on.And(off).Or(on).Not(), "${ ((($context.on and $context.off) or $context.on) | not) }"},
		{config.Field("database").Field("host"), "${ (($context.config.database).host) }"},
		{config.FieldAsString("database", "the host"), `${ (($context.config.database)["the host"]) }`},
		{config.FieldAsInt("a"), "${ ($context.config.a) }"},
		{config.FieldAsBool("a"), "${ ($context.config.a) }"},
	} {
		if got := c.ref.Expression(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		if computed := c.ref.Name() == ""; computed && c.ref.IsSecret() {
			t.Errorf("%s became a secret", c.want)
		}
	}
	if literal.Value() != "http://a/1" || literal.String() != "http://a/1" {
		t.Errorf("the literal is %q", literal.Value())
	}
	for name, ref := range map[string]stigmer.Ref{
		"concat": secret.Concat("x"), "part": base.Concat(secret), "upper": secret.Upper(), "append": secret.Append("x"),
	} {
		if !ref.IsSecret() {
			t.Errorf("%s of a secret is no secret", name)
		}
	}
}

func TestVariablesAreFoundByNameAndType(t *testing.T) {
	ctx := stigmer.NewContext()
	text, number := ctx.SetString("text", "x"), ctx.SetInt("number", 3)
	truth, object := ctx.SetBool("truth", true), ctx.SetObject("object", map[string]any{"a": 1})
	if ctx.GetString("text") != text || ctx.GetInt("number") != number || ctx.GetBool("truth") != truth ||
		ctx.GetObject("object") != object || ctx.Get("text") != stigmer.Ref(text) {
		t.Error("a variable is not found")
	}
	if ctx.GetString("number") != nil || ctx.GetInt("text") != nil || ctx.GetBool("away") != nil || ctx.Get("away") != nil {
		t.Error("a variable is found that is not there")
	}
	for ref, want := range map[stigmer.Ref]any{text: "x", number: 3, truth: true} {
		if ref.ToValue() != want {
			t.Errorf("%s is %v", ref.Name(), ref.ToValue())
		}
	}
	if text.Value() != "x" || number.Value() != 3 || !truth.Value() || object.Value()["a"] != 1 {
		t.Error("a value is lost")
	}
	if variables := ctx.Variables(); len(variables) != 4 || len(ctx.ExportVariables()) != 4 {
		t.Errorf("variables are %v", variables)
	}
}

func TestAContextWithAValueCollectsIntoTheSameProgram(t *testing.T) {
	var background context.Context // nil stands for it
	ctx := stigmer.NewContextWithContext(background)
	derived := ctx.WithValue("key", "value")
	if err := helloAgent(derived); err != nil {
		t.Fatal(err)
	}
	derived.SetString("text", "x")
	derived.TrackDependency("agent:hello", "skill:docs")
	if len(ctx.Agents()) != 1 || len(ctx.Workflows()) != 0 || ctx.GetString("text") == nil ||
		len(ctx.GetDependencies("agent:hello")) != 1 || len(ctx.Dependencies()) != 1 {
		t.Error("the program does not see what the derived context collected")
	}
	if derived.Value("key") != "value" || ctx.Value("key") != nil || ctx.Err() != nil || ctx.Context() == nil {
		t.Error("the value is in the wrong context")
	}
}
