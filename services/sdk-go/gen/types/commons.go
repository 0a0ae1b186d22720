package types

// ApiResourceReference names a resource that exists on the platform.
type ApiResourceReference struct {
	// Scope is "platform" or "organization".
	Scope string `json:"scope,omitempty"`
	// Org is the organization; empty means the one that the program is applied to.
	Org string `json:"org,omitempty"`
	// Kind is the kind of the resource, such as "skill"; empty means the kind that the place asks for.
	Kind string `json:"kind,omitempty"`
	// Slug is the name of the resource.
	Slug string `json:"slug,omitempty"`
}

// EnvironmentSpec declares the variables that an agent or a workflow needs.
type EnvironmentSpec struct {
	// Description is for people.
	Description string `json:"description,omitempty"`
	// Data holds the variables by name.
	Data map[string]*EnvironmentValue `json:"data,omitempty"`
}

// EnvironmentValue is one variable.
type EnvironmentValue struct {
	// Value is the default; a secret has none.
	Value string `json:"value,omitempty"`
	// IsSecret keeps the value out of logs.
	IsSecret bool `json:"isSecret,omitempty"`
	// Description is for people.
	Description string `json:"description,omitempty"`
}

// ExecutionConfig sets how an agent runs once.
type ExecutionConfig struct {
	// ModelName is the model to use.
	ModelName string `json:"modelName,omitempty"`
}

// ExecutionValue is a variable of one execution.
type ExecutionValue struct {
	// Value is the value.
	Value string `json:"value,omitempty"`
	// IsSecret keeps the value out of logs.
	IsSecret bool `json:"isSecret,omitempty"`
}
