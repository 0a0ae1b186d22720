package stigmer

import "github.com/stigmer/stigmer/sdk/go/internal/expression"

// ObjectRef is an object with named fields.
type ObjectRef struct {
	baseRef
	value map[string]interface{}
}

// Value is the object, nil for what only the workflow computes.
func (o *ObjectRef) Value() map[string]interface{} { return o.value }

// ToValue is the object.
func (o *ObjectRef) ToValue() interface{} { return o.value }

// Field is an object inside this one, computed by the workflow like all results below.
func (o *ObjectRef) Field(name string) *ObjectRef {
	return &ObjectRef{baseRef: computed(o.path(name), o.isSecret)}
}

// FieldAsString is a text inside the object; the names lead to it.
func (o *ObjectRef) FieldAsString(fields ...string) *StringRef {
	return &StringRef{baseRef: computed(o.path(fields...), o.isSecret)}
}

// FieldAsInt is a number inside the object; the names lead to it.
func (o *ObjectRef) FieldAsInt(fields ...string) *IntRef {
	return &IntRef{baseRef: computed(o.path(fields...), o.isSecret)}
}

// FieldAsBool is a truth value inside the object; the names lead to it.
func (o *ObjectRef) FieldAsBool(fields ...string) *BoolRef {
	return &BoolRef{baseRef: computed(o.path(fields...), o.isSecret)}
}

func (o *ObjectRef) path(fields ...string) string {
	text := o.operand(o.value)
	for _, field := range fields {
		step := "." + field
		if !identifier.MatchString(field) {
			step = "[" + expression.Literal(field) + "]"
		}
		text = "(" + text + step + ")"
	}
	return text
}
