package expression

import (
	"regexp"
	"strings"

	"google.golang.org/protobuf/types/known/structpb"
)

// contextName matches, at the beginning, a reference to a variable of the context: $context.name, or $context["a name"].
var contextName = regexp.MustCompile(`^\$context(?:\.([A-Za-z_][A-Za-z0-9_]*)|\["([^"\\]+)"\])`)

// identifier matches a name that an expression can have after a dot.
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Variables are the values of the context's variables by name. They are known when the program ends and not kept by the
// platform, so expressions get the value in place of the name.
type Variables map[string]any

// NewVariables takes the values out of a context's references.
func NewVariables(references map[string]any) Variables {
	values := make(Variables, len(references))
	for name, reference := range references {
		if keeper, ok := reference.(interface{ ToValue() interface{} }); ok {
			reference = keeper.ToValue()
		}
		values[name] = Value(reference)
	}
	return values
}

// InStruct replaces variables in every text of a structure.
func (v Variables) InStruct(structure *structpb.Struct) *structpb.Struct {
	if structure == nil || len(v) == 0 {
		return structure
	}
	for _, field := range structure.GetFields() {
		v.inValue(field)
	}
	return structure
}

func (v Variables) inValue(value *structpb.Value) {
	switch kind := value.GetKind().(type) {
	case *structpb.Value_StringValue:
		kind.StringValue = v.InText(kind.StringValue)
	case *structpb.Value_StructValue:
		v.InStruct(kind.StructValue)
	case *structpb.Value_ListValue:
		for _, element := range kind.ListValue.GetValues() {
			v.inValue(element)
		}
	}
}

// InText replaces variables in the expressions of a text.
func (v Variables) InText(text string) string {
	if len(v) == 0 || !strings.Contains(text, "${") {
		return text
	}
	if _, block, _, _ := nextBlock(text); block == text {
		return v.inWhole(block)
	}
	var result strings.Builder
	for {
		before, block, after, found := nextBlock(text)
		result.WriteString(before)
		if !found {
			return result.String()
		}
		result.WriteString(v.inBlock(block))
		text = after
	}
}

// inWhole replaces variables in a text that is one "${ ... }". A number must stay one when the workflow reads the text, so
// it stays an expression.
func (v Variables) inWhole(block string) string {
	value, isVariable := v.only(block)
	if _, isText := value.(string); isVariable && !isText {
		return "${ " + Literal(value) + " }"
	}
	return v.inBlock(block)
}

// inBlock replaces variables in "${ ... }" inside a text. A block that is nothing but a variable becomes its value.
func (v Variables) inBlock(block string) string {
	if value, isVariable := v.only(block); isVariable {
		return Text(value)
	}
	return replaceOutsideTexts(block, func(reference []string) string {
		value, ok := v.lookUp(reference)
		if !ok {
			return reference[0]
		}
		if literal := Literal(value); literal[0] != '-' {
			return literal
		}
		return "(" + Literal(value) + ")"
	})
}

// only finds the variable that is all of a block: "${name}" or "${ $context.name }".
func (v Variables) only(block string) (any, bool) {
	inner := strings.TrimSpace(block[len("${") : len(block)-len("}")])
	if value, ok := v[inner]; ok && identifier.MatchString(inner) {
		return value, true
	}
	match := contextName.FindStringSubmatch(inner)
	if match == nil || match[0] != inner {
		return nil, false
	}
	return v.lookUp(match)
}

// lookUp finds the variable of a match. The form with brackets belongs to tasks, but for names that cannot follow a dot.
func (v Variables) lookUp(match []string) (any, bool) {
	name := match[1]
	if name == "" {
		name = match[2]
		if identifier.MatchString(name) {
			return nil, false
		}
	}
	value, ok := v[name]
	return value, ok
}

// nextBlock splits a text at its first "${ ... }". Braces inside count, those inside quotes do not; "$${" is no beginning.
func nextBlock(text string) (before, block, after string, found bool) {
	start := strings.Index(text, "${")
	for start > 0 && text[start-1] == '$' {
		next := strings.Index(text[start+1:], "${")
		if next < 0 {
			return text, "", "", false
		}
		start += 1 + next
	}
	if start < 0 {
		return text, "", "", false
	}
	depth, quoted := 0, false
	for index := start + 1; index < len(text); index++ {
		switch character := text[index]; {
		case quoted && character == '\\':
			index++
		case character == '"':
			quoted = !quoted
		case quoted:
		case character == '{':
			depth++
		case character == '}':
			depth--
			if depth == 0 {
				return text[:start], text[start : index+1], text[index+1:], true
			}
		}
	}
	return text, "", "", false
}
