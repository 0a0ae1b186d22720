// Package structure reads JSON-like structures of the platform into argument structs.
package structure

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"google.golang.org/protobuf/types/known/structpb"
)

// Decode fills the fields of a struct, a pointer to which is given. A field is found by its JSON name or by the name of the
// platform's messages (timeoutSeconds or timeout_seconds). Names that the struct does not have are passed over.
func Decode(from *structpb.Struct, target any) error {
	return decodeStruct(from.GetFields(), reflect.ValueOf(target).Elem())
}

func decodeStruct(fields map[string]*structpb.Value, target reflect.Value) error {
	for index := range target.NumField() {
		name, _, _ := strings.Cut(target.Type().Field(index).Tag.Get("json"), ",")
		value, found := fields[name]
		if !found {
			value, found = fields[snakeCase(name)]
		}
		if !found {
			continue
		}
		if err := decodeValue(value, target.Field(index)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func decodeValue(value *structpb.Value, target reflect.Value) error {
	switch target.Kind() {
	case reflect.String:
		target.SetString(value.GetStringValue())
	case reflect.Bool:
		target.SetBool(value.GetBoolValue())
	case reflect.Int32:
		target.SetInt(int64(value.GetNumberValue()))
	case reflect.Float32:
		target.SetFloat(value.GetNumberValue())
	case reflect.Interface:
		if plain := value.AsInterface(); plain != nil {
			target.Set(reflect.ValueOf(plain))
		}
	case reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		return decodeStruct(value.GetStructValue().GetFields(), target.Elem())
	case reflect.Slice:
		return decodeList(value.GetListValue().GetValues(), target)
	case reflect.Map:
		return decodeMap(value.GetStructValue().GetFields(), target)
	default:
		return fmt.Errorf("a field of type %s cannot be read", target.Type())
	}
	return nil
}

func decodeList(values []*structpb.Value, target reflect.Value) error {
	target.Set(reflect.MakeSlice(target.Type(), len(values), len(values)))
	for index, value := range values {
		if err := decodeValue(value, target.Index(index)); err != nil {
			return fmt.Errorf("[%d]: %w", index, err)
		}
	}
	return nil
}

func decodeMap(values map[string]*structpb.Value, target reflect.Value) error {
	target.Set(reflect.MakeMapWithSize(target.Type(), len(values)))
	for key, value := range values {
		element := reflect.New(target.Type().Elem()).Elem()
		if err := decodeValue(value, element); err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		target.SetMapIndex(reflect.ValueOf(key), element)
	}
	return nil
}

func snakeCase(name string) string {
	var result strings.Builder
	for _, character := range name {
		if unicode.IsUpper(character) {
			result.WriteByte('_')
		}
		result.WriteRune(unicode.ToLower(character))
	}
	return result.String()
}
