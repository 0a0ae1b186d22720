//! The wire contract: names and numbers never change unseen, and generated code is never out of date.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use prost_reflect::{DescriptorPool, FieldDescriptor, Kind};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

#[test]
fn names_and_numbers_are_those_of_the_lock() {
    let locked: Value = serde_json::from_str(include_str!("../../proto/wire.lock.json")).unwrap();
    let declared = declared();
    for part in ["messages", "enums", "services"] {
        let (locked, declared) = (
            locked[part].as_object().unwrap(),
            declared[part].as_object().unwrap(),
        );
        for (name, lock) in locked {
            assert_eq!(declared.get(name), Some(lock), "{name}");
        }
        let new: Vec<_> = declared
            .keys()
            .filter(|name| !locked.contains_key(*name))
            .collect();
        assert!(
            new.is_empty(),
            "not in the lock: {new:?}; run `python3 proto/generate.py`"
        );
    }
}

#[test]
fn generated_code_is_that_of_the_declaration() {
    let workspace = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    let lock: BTreeMap<String, String> =
        serde_json::from_str(include_str!("../../proto/generated.lock")).unwrap();
    for (name, folder) in [
        ("proto", "proto/ai"),
        ("go", "services/stubs-go/ai"),
        ("python", "services/agent-runner/src/ai"),
    ] {
        assert_eq!(
            digest(&workspace.join(folder)),
            lock[name],
            "{folder} is not what proto/generated.lock says: run `python3 proto/generate.py`"
        );
    }
}

fn declared() -> Value {
    let pool = DescriptorPool::decode(stigmer_e2e::wire::DESCRIPTORS).unwrap();
    let ours = |name: &str| name.starts_with("ai.stigmer.");
    let messages: serde_json::Map<_, _> = pool
        .all_messages()
        .filter(|message| ours(message.full_name()) && !message.is_map_entry())
        .map(|message| {
            let fields: serde_json::Map<_, _> = message
                .fields()
                .map(|field| (field.name().to_owned(), described(&field)))
                .collect();
            (message.full_name().to_owned(), fields.into())
        })
        .collect();
    let enums: serde_json::Map<_, _> = pool
        .all_enums()
        .filter(|declared| ours(declared.full_name()))
        .map(|declared| {
            let values: serde_json::Map<_, _> = declared
                .values()
                .map(|value| (value.name().to_owned(), value.number().into()))
                .collect();
            (declared.full_name().to_owned(), values.into())
        })
        .collect();
    let services: serde_json::Map<_, _> = pool
        .services()
        .filter(|service| ours(service.full_name()))
        .map(|service| {
            let methods: serde_json::Map<_, _> = service
                .methods()
                .map(|method| {
                    let stream = if method.is_server_streaming() {
                        "stream "
                    } else {
                        ""
                    };
                    let out = format!("{stream}{}", method.output().full_name());
                    let value = json!({"in": method.input().full_name(), "out": out});
                    (method.name().to_owned(), value)
                })
                .collect();
            (service.full_name().to_owned(), methods.into())
        })
        .collect();
    json!({"messages": messages, "enums": enums, "services": services})
}

fn described(field: &FieldDescriptor) -> Value {
    let mut value = json!({"number": field.number(), "type": type_name(field)});
    if let Some(oneof) = field.containing_oneof() {
        value["oneof"] = oneof.name().into();
    }
    value
}

fn type_name(field: &FieldDescriptor) -> String {
    if let (true, Kind::Message(entry)) = (field.is_map(), field.kind()) {
        let part = |name| type_name(&entry.get_field_by_name(name).unwrap());
        return format!("map<{},{}>", part("key"), part("value"));
    }
    let name = match field.kind() {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(declared) => declared.full_name().to_owned(),
        scalar => format!("{scalar:?}").to_lowercase(),
    };
    if field.is_list() {
        format!("repeated {name}")
    } else {
        name
    }
}

/// As `proto/generate.py` computes it: SHA-256 over one line `<SHA-256>  <path>` a file, sorted by path.
fn digest(folder: &Utf8Path) -> String {
    let mut lines = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir_utf8().unwrap().flatten() {
            let path: Utf8PathBuf = entry.path().to_owned();
            if entry.file_type().unwrap().is_dir() {
                if path.file_name() != Some("__pycache__") {
                    folders.push(path);
                }
            } else {
                let relative = path.strip_prefix(folder).unwrap().to_string();
                lines.insert(
                    relative,
                    hex(&Sha256::digest(std::fs::read(&path).unwrap())),
                );
            }
        }
    }
    let text: String = lines
        .iter()
        .map(|(path, digest)| format!("{digest}  {path}\n"))
        .collect();
    hex(&Sha256::digest(text))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
