"""Print names, numbers and types of a FileDescriptorSet as JSON: `python wire_lock.py FILE` (needs protobuf)."""

from __future__ import annotations

import json
import pathlib
import sys

from google.protobuf import descriptor_pb2

Field = descriptor_pb2.FieldDescriptorProto


def type_name(field: Field, entries: dict[str, descriptor_pb2.DescriptorProto]) -> str:
    """A field's type as a reader of a .proto file would write it."""
    if field.type in (Field.TYPE_MESSAGE, Field.TYPE_ENUM):
        name = field.type_name.lstrip(".")
        if name in entries:
            key, value = entries[name].field
            return f"map<{type_name(key, entries)},{type_name(value, entries)}>"
    else:
        name = Field.Type.Name(field.type).removeprefix("TYPE_").lower()
    return f"repeated {name}" if field.label == Field.LABEL_REPEATED else name


def lock(files: descriptor_pb2.FileDescriptorSet) -> dict[str, dict[str, object]]:
    """Messages, enums and services by full name."""
    out: dict[str, dict[str, object]] = {"messages": {}, "enums": {}, "services": {}}
    for file in files.file:
        if not file.package.startswith("ai.stigmer."):
            continue
        for message in file.message_type:
            full = f"{file.package}.{message.name}"
            entries = {f"{full}.{n.name}": n for n in message.nested_type if n.options.map_entry}
            out["messages"][full] = {
                f.name: {"number": f.number, "type": type_name(f, entries)}
                | ({"oneof": message.oneof_decl[f.oneof_index].name} if f.HasField("oneof_index") else {})
                for f in message.field
            }
        for enum in file.enum_type:
            out["enums"][f"{file.package}.{enum.name}"] = {v.name: v.number for v in enum.value}
        for service in file.service:
            out["services"][f"{file.package}.{service.name}"] = {
                m.name: {
                    "in": m.input_type.lstrip("."),
                    "out": ("stream " if m.server_streaming else "") + m.output_type.lstrip("."),
                }
                for m in service.method
            }
    return out


if __name__ == "__main__":
    print(json.dumps(lock(descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(sys.argv[1]).read_bytes()))))
