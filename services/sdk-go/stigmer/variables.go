package stigmer

import "maps"

// SetString keeps a text under a name. Like all variables it is known when the program ends: a workflow gets its value.
func (c *Context) SetString(name, value string) *StringRef {
	return setVariable(c, name, &StringRef{baseRef: named(name), value: value})
}

// SetSecret keeps a text that IsSecret marks. Its value is written into the resources that use it; for a value that must
// stay out of them use workflow.RuntimeSecret.
func (c *Context) SetSecret(name, value string) *StringRef {
	base := named(name)
	base.isSecret = true
	return setVariable(c, name, &StringRef{baseRef: base, value: value})
}

// SetInt keeps a number under a name.
func (c *Context) SetInt(name string, value int) *IntRef {
	return setVariable(c, name, &IntRef{baseRef: named(name), value: value})
}

// SetBool keeps a truth value under a name.
func (c *Context) SetBool(name string, value bool) *BoolRef {
	return setVariable(c, name, &BoolRef{baseRef: named(name), value: value})
}

// SetObject keeps an object under a name.
func (c *Context) SetObject(name string, value map[string]interface{}) *ObjectRef {
	return setVariable(c, name, &ObjectRef{baseRef: named(name), value: value})
}

func setVariable[R Ref](c *Context, name string, reference R) R {
	c.state.mu.Lock()
	defer c.state.mu.Unlock()
	c.state.variables[name] = reference
	return reference
}

// Get finds a variable; nil when there is none.
func (c *Context) Get(name string) Ref {
	c.state.mu.RLock()
	defer c.state.mu.RUnlock()
	return c.state.variables[name]
}

// GetString finds a variable of SetString or SetSecret; nil when there is none.
func (c *Context) GetString(name string) *StringRef { return typed[*StringRef](c.Get(name)) }

// GetInt finds a variable of SetInt; nil when there is none.
func (c *Context) GetInt(name string) *IntRef { return typed[*IntRef](c.Get(name)) }

// GetBool finds a variable of SetBool; nil when there is none.
func (c *Context) GetBool(name string) *BoolRef { return typed[*BoolRef](c.Get(name)) }

// GetObject finds a variable of SetObject; nil when there is none.
func (c *Context) GetObject(name string) *ObjectRef { return typed[*ObjectRef](c.Get(name)) }

// typed is nil for a variable of another type.
func typed[R Ref](reference Ref) R {
	result, _ := reference.(R)
	return result
}

// Variables lists the variables by name.
func (c *Context) Variables() map[string]Ref {
	c.state.mu.RLock()
	defer c.state.mu.RUnlock()
	return maps.Clone(c.state.variables)
}

// ExportVariables lists the variables by name, for packages that do not know Ref.
func (c *Context) ExportVariables() map[string]interface{} {
	exported := map[string]interface{}{}
	for name, reference := range c.Variables() {
		exported[name] = reference
	}
	return exported
}
