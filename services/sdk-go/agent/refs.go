package agent

// Ref is what the typed variables of a stigmer.Context have in common.
type Ref interface {
	Expression() string
	Name() string
}

// StringValue is a variable whose text is known while the program runs.
type StringValue interface {
	Value() string
}
