package value

import (
	"math/big"
	"strings"

	"google.golang.org/protobuf/types/known/structpb"
)

// ResultKey is where a result stands in a status when it is no object, since a status holds objects only.
const ResultKey = "result"

// Struct makes the form that a status holds. Anything but an object stands under ResultKey; nil gives nil.
func Struct(v any) *structpb.Struct {
	switch v := v.(type) {
	case nil:
		return nil
	case map[string]any:
		return message(v)
	default:
		return message(map[string]any{ResultKey: v})
	}
}

// FromStruct is the opposite of Struct.
func FromStruct(s *structpb.Struct) any {
	if s == nil {
		return nil
	}
	object := s.AsMap()
	if inner, ok := object[ResultKey]; ok && len(object) == 1 {
		return inner
	}
	return object
}

func message(object map[string]any) *structpb.Struct {
	fields := make(map[string]*structpb.Value, len(object))
	for key, element := range object {
		fields[strings.ToValidUTF8(key, "�")] = protoValue(element)
	}
	return &structpb.Struct{Fields: fields}
}

func protoValue(v any) *structpb.Value {
	switch v := v.(type) {
	case bool:
		return structpb.NewBoolValue(v)
	case int:
		return structpb.NewNumberValue(float64(v))
	case float64:
		return structpb.NewNumberValue(v)
	case *big.Int:
		float, _ := new(big.Float).SetInt(v).Float64()
		return structpb.NewNumberValue(float)
	case string:
		// Protobuf refuses text that is not UTF-8, and a status must not be lost for that.
		return structpb.NewStringValue(strings.ToValidUTF8(v, "�"))
	case []any:
		elements := make([]*structpb.Value, len(v))
		for i, element := range v {
			elements[i] = protoValue(element)
		}
		return structpb.NewListValue(&structpb.ListValue{Values: elements})
	case map[string]any:
		return structpb.NewStructValue(message(v))
	default:
		return structpb.NewNullValue()
	}
}
