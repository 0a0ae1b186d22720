package stigmer

import (
	"fmt"
	"strings"

	"github.com/stigmer/stigmer/sdk/go/internal/expression"
)

// StringRef is a text.
type StringRef struct {
	baseRef
	value string
}

// Value is the text, empty for what only the workflow computes.
func (s *StringRef) Value() string { return s.value }

// String is the text, so that a variable can be printed.
func (s *StringRef) String() string { return s.value }

// ToValue is the text.
func (s *StringRef) ToValue() interface{} { return s.value }

// Concat appends texts, variables and other values. The result is a literal as long as everything is known; else the
// workflow computes it.
func (s *StringRef) Concat(parts ...interface{}) *StringRef {
	known := !s.computed
	isSecret := s.isSecret
	text := s.value
	operands := []string{s.operand(s.value)}
	for _, part := range parts {
		reference, isReference := part.(Ref)
		if !isReference {
			literal := fmt.Sprint(part)
			text += literal
			operands = append(operands, expression.Literal(literal))
			continue
		}
		isSecret = isSecret || reference.IsSecret()
		literal, isKnown := knownText(reference)
		known = known && isKnown
		text += literal
		operands = append(operands, textOperand(reference))
	}
	if known {
		return &StringRef{baseRef: baseRef{isSecret: isSecret}, value: text}
	}
	return &StringRef{baseRef: computed(strings.Join(operands, " + "), isSecret)}
}

// knownText is the text of a value that the program knows.
func knownText(reference Ref) (string, bool) {
	switch typed := reference.(type) {
	case *StringRef:
		return typed.value, !typed.computed
	case *IntRef:
		return fmt.Sprint(typed.value), !typed.computed
	case *BoolRef:
		return fmt.Sprint(typed.value), !typed.computed
	default:
		return "", false
	}
}

// textOperand is a reference as part of a sum of texts: only texts can be added to texts.
func textOperand(reference Ref) string {
	if text, ok := reference.(*StringRef); ok {
		return text.operand(text.value)
	}
	return "(" + operandOf(reference) + " | tostring)"
}

func operandOf(reference Ref) string {
	inner := strings.TrimSuffix(strings.TrimPrefix(reference.Expression(), "${"), "}")
	if inner = strings.TrimSpace(inner); inner != "" {
		return inner
	}
	return expression.Literal(reference.ToValue())
}

// Upper is the text in upper case, computed by the workflow.
func (s *StringRef) Upper() *StringRef { return s.compute("(%s | ascii_upcase)") }

// Lower is the text in lower case, computed by the workflow.
func (s *StringRef) Lower() *StringRef { return s.compute("(%s | ascii_downcase)") }

// Prepend is a prefix and the text, computed by the workflow.
func (s *StringRef) Prepend(prefix string) *StringRef {
	return &StringRef{baseRef: computed("("+expression.Literal(prefix)+" + "+s.operand(s.value)+")", s.isSecret)}
}

// Append is the text and a suffix, computed by the workflow. Concat gives a literal where it can.
func (s *StringRef) Append(suffix string) *StringRef {
	return &StringRef{baseRef: computed("("+s.operand(s.value)+" + "+expression.Literal(suffix)+")", s.isSecret)}
}

func (s *StringRef) compute(format string) *StringRef {
	return &StringRef{baseRef: computed(fmt.Sprintf(format, s.operand(s.value)), s.isSecret)}
}
