package storecli

import (
	"bytes"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// masked stands in place of a secret.
const masked = "***"

// decode makes a value readable: a resource as its JSON form, anything else as text.
func decode(key string, value []byte, showSecrets bool) (json.RawMessage, error) {
	space := store.Name(key)
	if space == "" {
		return json.Marshal(string(value))
	}
	kind, known := resource.KindNamed(space)
	if !known {
		return nil, fmt.Errorf("%s: kind %q is not known to this version", key, space)
	}
	message := kind.New()
	if err := proto.Unmarshal(value, message); err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	if !showSecrets {
		maskSecrets(message.ProtoReflect())
	}
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	// protojson puts spaces at random on purpose; equal values shall look equal.
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return compact.Bytes(), nil
}

// maskSecrets replaces the value of every message that says it is secret, at any depth.
func maskSecrets(message protoreflect.Message) {
	fields := message.Descriptor().Fields()
	secret, value := fields.ByName("is_secret"), fields.ByName("value")
	if secret != nil && value != nil && message.Get(secret).Bool() {
		message.Set(value, protoreflect.ValueOfString(masked))
	}
	message.Range(func(field protoreflect.FieldDescriptor, content protoreflect.Value) bool {
		switch {
		case field.IsMap():
			if field.MapValue().Message() != nil {
				content.Map().Range(func(_ protoreflect.MapKey, element protoreflect.Value) bool {
					maskSecrets(element.Message())
					return true
				})
			}
		case field.Message() == nil:
		case field.IsList():
			for index := range content.List().Len() {
				maskSecrets(content.List().Get(index).Message())
			}
		default:
			maskSecrets(content.Message())
		}
		return true
	})
}
