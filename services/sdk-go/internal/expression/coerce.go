// Package expression turns what a program writes (literals, context variables, fields of tasks) into the text of a workflow
// definition, in which "${ ... }" is evaluated while the workflow runs.
package expression

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// Expression is a value that is known only while the workflow runs.
type Expression interface {
	Expression() string
}

// variable is a typed variable of a stigmer.Context.
type variable interface {
	Expression
	Name() string
	ToValue() interface{}
}

// known gives the value of a variable that is not computed: it has a name, or is a literal without an expression.
func known(value any) (any, bool) {
	reference, ok := value.(variable)
	if !ok || (reference.Name() == "" && reference.Expression() != "") {
		return nil, false
	}
	return reference.ToValue(), true
}

// Text is the text of a single value: a string as it is, a known variable by its value, another reference by its
// expression, a list or a map as an expression with its JSON form.
func Text(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	if value == nil {
		return ""
	}
	if literal, ok := known(value); ok {
		return Text(literal)
	}
	if reference, ok := value.(Expression); ok {
		return reference.Expression()
	}
	switch reflect.ValueOf(value).Kind() {
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Struct:
		return "${ " + Literal(Value(value)) + " }"
	}
	return fmt.Sprint(value)
}

// Join is the text of several values, one after the other.
func Join(parts ...any) string {
	joined := ""
	for _, part := range parts {
		if _, isExpression := part.(Expression); isExpression || part == nil {
			joined += Text(part)
		} else {
			joined += fmt.Sprint(part)
		}
	}
	return joined
}

// Value prepares a value for a JSON-like structure: references are replaced by what Text gives (known variables keep their
// type), typed lists, maps and structs become plain ones. What JSON cannot hold stays as it is, for the encoder to refuse.
func Value(value any) any {
	if value == nil {
		return nil
	}
	if literal, ok := known(value); ok {
		return Value(literal)
	}
	if reference, ok := value.(Expression); ok {
		return reference.Expression()
	}
	if bytes, ok := value.([]byte); ok {
		return bytes // encoded as base64, as JSON does
	}
	reflected := reflect.ValueOf(value)
	switch reflected.Kind() {
	case reflect.Pointer:
		if reflected.IsNil() {
			return nil
		}
		return Value(reflected.Elem().Interface())
	case reflect.Slice, reflect.Array:
		list := make([]any, reflected.Len())
		for index := range list {
			list[index] = Value(reflected.Index(index).Interface())
		}
		return list
	case reflect.Map:
		return plainMap(reflected)
	case reflect.Struct:
		return plainStruct(value)
	default:
		return plainScalar(reflected)
	}
}

// Values prepares the values of a map.
func Values(values map[string]any) map[string]any {
	prepared := make(map[string]any, len(values))
	for key, value := range values {
		prepared[key] = Value(value)
	}
	return prepared
}

func plainMap(reflected reflect.Value) any {
	if reflected.Type().Key().Kind() != reflect.String {
		return reflected.Interface()
	}
	plain := make(map[string]any, reflected.Len())
	for _, key := range reflected.MapKeys() {
		plain[key.String()] = Value(reflected.MapIndex(key).Interface())
	}
	return plain
}

func plainStruct(value any) any {
	encoded, err := json.Marshal(value)
	if err != nil {
		return value
	}
	var plain any
	if err := json.Unmarshal(encoded, &plain); err != nil {
		return value
	}
	return plain
}

// plainScalar strips the names of types such as time.Duration, which the encoder does not know.
func plainScalar(reflected reflect.Value) any {
	switch {
	case reflected.Kind() == reflect.Bool:
		return reflected.Bool()
	case reflected.Kind() == reflect.String:
		return reflected.String()
	case reflected.CanInt():
		return reflected.Int()
	case reflected.CanUint():
		return reflected.Uint()
	case reflected.CanFloat():
		return reflected.Float()
	default:
		return reflected.Interface()
	}
}
