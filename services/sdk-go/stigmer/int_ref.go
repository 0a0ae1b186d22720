package stigmer

// IntRef is a whole number.
type IntRef struct {
	baseRef
	value int
}

// Value is the number, 0 for what only the workflow computes.
func (i *IntRef) Value() int { return i.value }

// ToValue is the number.
func (i *IntRef) ToValue() interface{} { return i.value }

// Add is the sum, computed by the workflow like all results below.
func (i *IntRef) Add(other *IntRef) *IntRef { return i.combine("+", other) }

// Subtract is the difference.
func (i *IntRef) Subtract(other *IntRef) *IntRef { return i.combine("-", other) }

// Multiply is the product.
func (i *IntRef) Multiply(other *IntRef) *IntRef { return i.combine("*", other) }

// Divide is the quotient, which need not be whole.
func (i *IntRef) Divide(other *IntRef) *IntRef { return i.combine("/", other) }

func (i *IntRef) combine(operator string, other *IntRef) *IntRef {
	expression := "(" + i.operand(i.value) + " " + operator + " " + other.operand(other.value) + ")"
	return &IntRef{baseRef: computed(expression, i.isSecret || other.isSecret)}
}
