// Package value holds JSON values in the form that expressions work on: nil, bool, int, float64, *big.Int, string, []any
// and map[string]any.
package value

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/itchyny/gojq"
)

// Value is a JSON value in a Temporal payload. Whole numbers stay exact, unlike in a plain `any`.
type Value struct{ V any }

// MarshalJSON implements json.Marshaler.
func (v Value) MarshalJSON() ([]byte, error) { return Encode(v.V) }

// UnmarshalJSON implements json.Unmarshaler.
func (v *Value) UnmarshalJSON(data []byte) error {
	decoded, err := Decode(data)
	if err != nil {
		return err
	}
	v.V = decoded
	return nil
}

// Decode reads one JSON value; anything after it is an error.
func Decode(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the JSON value")
	}
	return Normalize(decoded)
}

// Encode writes a value as JSON, keys sorted.
func Encode(v any) ([]byte, error) {
	normal, err := Normalize(v)
	if err != nil {
		return nil, err
	}
	return gojq.Marshal(normal)
}

// Text is a value as part of a text: strings as they are, all else as JSON.
func Text(v any) (string, error) {
	if text, ok := v.(string); ok {
		return text, nil
	}
	encoded, err := Encode(v)
	return string(encoded), err
}

// Normalize brings what JSON decoders and expressions give into the form of this package.
func Normalize(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string, int, float64, *big.Int:
		return v, nil
	case int32:
		return int(v), nil
	case int64:
		return int(v), nil
	case json.Number:
		return number(v)
	case Value:
		return Normalize(v.V)
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			normal, err := Normalize(element)
			if err != nil {
				return nil, err
			}
			out[i] = normal
		}
		return out, nil
	case map[string]string:
		out := make(map[string]any, len(v))
		for key, text := range v {
			out[key] = text
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, element := range v {
			normal, err := Normalize(element)
			if err != nil {
				return nil, err
			}
			out[key] = normal
		}
		return out, nil
	default:
		return nil, fmt.Errorf("%T is no JSON value", v)
	}
}

func number(n json.Number) (any, error) {
	if whole, ok := new(big.Int).SetString(n.String(), 10); ok {
		if whole.IsInt64() {
			return int(whole.Int64()), nil
		}
		return whole, nil
	}
	return n.Float64()
}

// Map returns the value with every string in it, keys included, replaced by what f makes of it.
func Map(v any, f func(string) (any, error)) (any, error) {
	switch v := v.(type) {
	case string:
		return f(v)
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			mapped, err := Map(element, f)
			if err != nil {
				return nil, err
			}
			out[i] = mapped
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, element := range v {
			mapped, err := Map(element, f)
			if err != nil {
				return nil, err
			}
			mappedKey, err := f(key)
			if err != nil {
				return nil, err
			}
			text, err := Text(mappedKey)
			if err != nil {
				return nil, err
			}
			out[text] = mapped
		}
		return out, nil
	default:
		return v, nil
	}
}
