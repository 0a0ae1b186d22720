//! Messages as data: protobuf's JSON mapping with sorted keys and without the values of secrets.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, ReflectMessage as _, SerializeOptions, Value};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::{Number, Value as Json};

use crate::wire;

/// Stands for the value of a secret.
const MASK: &str = "***";

/// Read once, never changed.
static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(wire::DESCRIPTORS).expect("build.rs wrote these descriptors")
});

/// A message that can be printed as JSON or YAML.
#[derive(Debug, Clone)]
pub(crate) struct Document(DynamicMessage);

impl Document {
    /// `name` is the message's full name without the leading `ai.stigmer.agentic.`.
    pub(crate) fn new(name: &str, message: &impl Message) -> Self {
        let descriptor = POOL
            .get_message_by_name(&format!("ai.stigmer.agentic.{name}"))
            .expect("the name of a message of the contract");
        let mut message = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice())
            .expect("what was encoded by the same contract");
        mask(&mut message);
        Self(message)
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = self
            .0
            .serialize_with_options(serde_json::value::Serializer, &SerializeOptions::new())
            .map_err(S::Error::custom)?;
        sorted(json).serialize(serializer)
    }
}

/// Protobuf's maps have no order; the same message must print the same text.
fn sorted(value: Json) -> Json {
    match value {
        Json::Object(entries) => {
            let entries: BTreeMap<String, Json> = entries.into_iter().collect();
            entries
                .into_iter()
                .map(|(key, value)| (key, sorted(value)))
                .collect()
        }
        Json::Array(values) => values.into_iter().map(sorted).collect(),
        Json::Number(number) => Json::Number(whole(number)),
        other => other,
    }
}

/// Numbers of a `google.protobuf.Struct` are floating-point; whole ones are written without `.0`.
fn whole(number: Number) -> Number {
    /// Up to here a double tells neighbouring whole numbers apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(value) if number.is_f64() && value.fract() == 0.0 && value.abs() <= EXACT => {
            Number::from(value as i64)
        }
        _ => number,
    }
}

/// Blots out `value` wherever `is_secret` stands beside it.
fn mask(message: &mut DynamicMessage) {
    let is_secret = message
        .get_field_by_name("is_secret")
        .is_some_and(|value| value.as_bool() == Some(true));
    if is_secret
        && let Some(value) = message.descriptor().get_field_by_name("value")
        && message.has_field(&value)
    {
        message.set_field(&value, Value::String(MASK.to_owned()));
    }
    for (_, value) in message.fields_mut() {
        mask_value(value);
    }
}

fn mask_value(value: &mut Value) {
    match value {
        Value::Message(message) => mask(message),
        Value::List(values) => values.iter_mut().for_each(mask_value),
        Value::Map(values) => values.values_mut().for_each(mask_value),
        _ => {}
    }
}
