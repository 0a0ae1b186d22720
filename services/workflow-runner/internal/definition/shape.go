package definition

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
)

const (
	structName   = "google.protobuf.Struct"
	taskKindName = "ai.stigmer.commons.apiresource.WorkflowTaskKind"
)

// checkMessage compares the JSON form of a message with its declaration and reports every unknown field and every value
// of a wrong type, which protojson would only do for the first. It takes those out, so that the rest can be typed, and
// writes the full names of task kinds over the short ones (`SET`), which some clients send.
func checkMessage(path string, message protoreflect.MessageDescriptor, object map[string]any) []string {
	var problems []string
	for _, key := range sorted(object) {
		field := message.Fields().ByName(protoreflect.Name(key))
		if field == nil {
			field = message.Fields().ByJSONName(key)
		}
		if field == nil {
			problems = append(problems, fmt.Sprintf("%s.%s: unknown field; use one of %s", path, key, fieldNames(message)))
			delete(object, key)
			continue
		}
		if object[key] == nil {
			// A null is the same as no value.
			continue
		}
		replacement, found := checkField(path+"."+string(field.Name()), field, object[key])
		problems = append(problems, found...)
		if object[key] = replacement; replacement == nil {
			delete(object, key)
		}
	}
	return problems
}

// checkField returns the value in the form that protojson takes, nil when there is none.
func checkField(path string, field protoreflect.FieldDescriptor, v any) (any, []string) {
	switch {
	case field.IsMap():
		return checkMap(path, field.MapValue(), v)
	case field.IsList():
		return checkList(path, field, v)
	default:
		return checkSingle(path, field, v)
	}
}

func checkMap(path string, field protoreflect.FieldDescriptor, v any) (any, []string) {
	object, ok := v.(map[string]any)
	if !ok {
		return nil, wrong(path, "an object", v)
	}
	var problems []string
	for _, key := range sorted(object) {
		replacement, found := checkSingle(path+"."+key, field, object[key])
		problems = append(problems, found...)
		if object[key] = replacement; replacement == nil {
			delete(object, key)
		}
	}
	return object, problems
}

func checkList(path string, field protoreflect.FieldDescriptor, v any) (any, []string) {
	list, ok := v.([]any)
	if !ok {
		return nil, wrong(path, "a list", v)
	}
	var problems []string
	complete := true
	for i := range list {
		replacement, found := checkSingle(fmt.Sprintf("%s[%d]", path, i), field, list[i])
		problems = append(problems, found...)
		list[i] = replacement
		complete = complete && replacement != nil
	}
	if !complete {
		// Without one of its elements the others would stand at wrong places.
		return nil, problems
	}
	return list, problems
}

func checkSingle(path string, field protoreflect.FieldDescriptor, v any) (any, []string) {
	switch field.Kind() {
	case protoreflect.MessageKind:
		object, ok := v.(map[string]any)
		if !ok {
			return nil, wrong(path, "an object", v)
		}
		if field.Message().FullName() == structName {
			return v, nil
		}
		return v, checkMessage(path, field.Message(), object)
	case protoreflect.EnumKind:
		return checkEnum(path, field.Enum(), v)
	case protoreflect.StringKind:
		if _, ok := v.(string); !ok {
			return nil, wrong(path, "a text", v)
		}
	case protoreflect.BoolKind:
		if _, ok := v.(bool); !ok {
			return nil, wrong(path, "true or false", v)
		}
	case protoreflect.Int32Kind:
		if number, ok := numeric(v); !ok || number != math.Trunc(number) || math.Abs(number) > math.MaxInt32 {
			return nil, wrong(path, "a whole number", v)
		}
	case protoreflect.FloatKind:
		if _, ok := numeric(v); !ok {
			return nil, wrong(path, "a number", v)
		}
	}
	return v, nil
}

// checkEnum accepts names, short names of task kinds and numbers.
func checkEnum(path string, enum protoreflect.EnumDescriptor, v any) (any, []string) {
	name, ok := v.(string)
	if !ok {
		if number, isNumber := v.(float64); isNumber && enum.Values().ByNumber(protoreflect.EnumNumber(number)) != nil {
			return v, nil
		}
		return nil, wrong(path, "a name", v)
	}
	if enum.Values().ByName(protoreflect.Name(name)) != nil {
		return name, nil
	}
	if enum.FullName() == taskKindName {
		if full := kindPrefix + name; enum.Values().ByName(protoreflect.Name(full)) != nil {
			return full, nil
		}
		return nil, []string{fmt.Sprintf("%s: unknown kind %q; use one of %s", path, name, strings.Join(kindNames(), ", "))}
	}
	var valid []string
	for i := range enum.Values().Len() {
		valid = append(valid, string(enum.Values().Get(i).Name()))
	}
	return nil, []string{fmt.Sprintf("%s: unknown value %q; use one of %s", path, name, strings.Join(valid, ", "))}
}

// numeric reads a number, also from a text, as the JSON form of protobuf allows.
func numeric(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case string:
		number, err := strconv.ParseFloat(v, 64)
		return number, err == nil
	}
	return 0, false
}

func wrong(path, want string, got any) []string {
	return []string{fmt.Sprintf("%s: must be %s, not %s", path, want, describe(got))}
}

func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return "a text"
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	default:
		return fmt.Sprintf("%T", v)
	}
}

func fieldNames(message protoreflect.MessageDescriptor) string {
	names := make([]string, 0, message.Fields().Len())
	for i := range message.Fields().Len() {
		names = append(names, string(message.Fields().Get(i).Name()))
	}
	return strings.Join(names, ", ")
}

// kindNames are the short names of all kinds, in the order of their numbers.
func kindNames() []string {
	names := make([]string, 0, len(apiresource.WorkflowTaskKind_name))
	for number := range apiresource.WorkflowTaskKind_name {
		if number != 0 {
			names = append(names, "")
		}
	}
	for i := range names {
		names[i] = KindName(apiresource.WorkflowTaskKind(i + 1))
	}
	return names
}

func sorted(object map[string]any) []string {
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
