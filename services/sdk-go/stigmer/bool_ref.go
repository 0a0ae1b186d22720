package stigmer

// BoolRef is a truth value.
type BoolRef struct {
	baseRef
	value bool
}

// Value is the truth value, false for what only the workflow computes.
func (b *BoolRef) Value() bool { return b.value }

// ToValue is the truth value.
func (b *BoolRef) ToValue() interface{} { return b.value }

// And holds when both hold, computed by the workflow like all results below.
func (b *BoolRef) And(other *BoolRef) *BoolRef { return b.combine("and", other) }

// Or holds when one of both holds.
func (b *BoolRef) Or(other *BoolRef) *BoolRef { return b.combine("or", other) }

// Not holds when this one does not.
func (b *BoolRef) Not() *BoolRef {
	return &BoolRef{baseRef: computed("("+b.operand(b.value)+" | not)", b.isSecret)}
}

func (b *BoolRef) combine(operator string, other *BoolRef) *BoolRef {
	expression := "(" + b.operand(b.value) + " " + operator + " " + other.operand(other.value) + ")"
	return &BoolRef{baseRef: computed(expression, b.isSecret || other.isSecret)}
}
