//! Resources as a test writes them down.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use stigmer_e2e::wire::agent::{Agent, AgentSpec};
use stigmer_e2e::wire::agent_execution::AgentExecutionSpec;
use stigmer_e2e::wire::environment::{Environment, EnvironmentSpec, EnvironmentValue};
use stigmer_e2e::wire::execution_context::ExecutionValue;
use stigmer_e2e::wire::resource::apiresourcekind::ApiResourceKind;
use stigmer_e2e::wire::resource::{
    ApiResourceMetadata, ApiResourceOwnerScope, ApiResourceReference, WorkflowTaskKind,
};
use stigmer_e2e::wire::workflow::{Workflow, WorkflowDocument, WorkflowSpec, WorkflowTask};

pub(crate) const API_VERSION: &str = "agentic.stigmer.ai/v1";
pub(crate) const ORGANIZATION: &str = "local";

/// Metadata of a resource of the organization.
pub(crate) fn metadata(name: &str) -> ApiResourceMetadata {
    ApiResourceMetadata {
        name: name.to_owned(),
        org: ORGANIZATION.to_owned(),
        owner_scope: ApiResourceOwnerScope::Organization.into(),
        ..ApiResourceMetadata::default()
    }
}

/// Metadata of an execution; its name is unique. Agents' executions are owned by their session.
pub(crate) fn execution_metadata(owned: bool) -> ApiResourceMetadata {
    use std::hash::{BuildHasher as _, RandomState};
    let random = RandomState::new().hash_one(());
    let mut metadata = metadata(&format!("execution-{random:016x}"));
    if !owned {
        metadata.owner_scope = 0;
    }
    metadata
}

pub(crate) fn agent(name: &str) -> Agent {
    Agent {
        api_version: API_VERSION.to_owned(),
        kind: "Agent".to_owned(),
        metadata: Some(metadata(name)),
        spec: Some(AgentSpec {
            instructions: format!("You are {name}. Answer in one sentence."),
            ..AgentSpec::default()
        }),
        status: None,
    }
}

/// What an agent is asked.
pub(crate) fn ask(agent: &str, message: &str) -> AgentExecutionSpec {
    AgentExecutionSpec {
        agent_id: agent.to_owned(),
        message: message.to_owned(),
        ..AgentExecutionSpec::default()
    }
}

pub(crate) fn workflow(name: &str, tasks: Vec<WorkflowTask>) -> Workflow {
    Workflow {
        api_version: API_VERSION.to_owned(),
        kind: "Workflow".to_owned(),
        metadata: Some(metadata(name)),
        spec: Some(WorkflowSpec {
            document: Some(WorkflowDocument {
                dsl: "1.0.0".to_owned(),
                namespace: "tests".to_owned(),
                name: name.to_owned(),
                version: "1.0.0".to_owned(),
                description: String::new(),
            }),
            tasks,
            ..WorkflowSpec::default()
        }),
        status: None,
    }
}

/// A task by the name of its kind, such as `HTTP_CALL`.
pub(crate) fn task(name: &str, kind: &str, config: Value) -> WorkflowTask {
    let kind = WorkflowTaskKind::from_str_name(&format!("WORKFLOW_TASK_KIND_{kind}"))
        .unwrap_or_else(|| panic!("there is no kind of task {kind}"));
    WorkflowTask {
        name: name.to_owned(),
        kind: kind.into(),
        task_config: Some(structured(config)),
        ..WorkflowTask::default()
    }
}

pub(crate) fn set(name: &str, variables: Value) -> WorkflowTask {
    task(name, "SET", json!({ "variables": variables }))
}

/// A task inside of another one's settings.
pub(crate) fn inner(name: &str, kind: &str, config: Value) -> Value {
    json!({ "name": name, "kind": format!("WORKFLOW_TASK_KIND_{kind}"), "task_config": config })
}

pub(crate) fn environment(name: &str, values: &[(&str, &str, bool)]) -> Environment {
    let value = |value: &str, is_secret| EnvironmentValue {
        value: value.to_owned(),
        is_secret,
        description: String::new(),
    };
    Environment {
        api_version: API_VERSION.to_owned(),
        kind: "Environment".to_owned(),
        metadata: Some(metadata(name)),
        spec: Some(EnvironmentSpec {
            description: String::new(),
            data: values
                .iter()
                .map(|(name, text, is_secret)| ((*name).to_owned(), value(text, *is_secret)))
                .collect(),
        }),
        status: None,
    }
}

pub(crate) fn reference(kind: ApiResourceKind, slug: &str) -> ApiResourceReference {
    ApiResourceReference {
        scope: ApiResourceOwnerScope::Organization.into(),
        org: ORGANIZATION.to_owned(),
        kind: kind.into(),
        slug: slug.to_owned(),
        version: String::new(),
    }
}

/// Values of one run.
pub(crate) fn values(pairs: &[(&str, &str)]) -> HashMap<String, ExecutionValue> {
    let value = |(name, value): &(&str, &str)| {
        let value = ExecutionValue {
            value: (*value).to_owned(),
            is_secret: false,
        };
        ((*name).to_owned(), value)
    };
    pairs.iter().map(value).collect()
}

/// JSON as protobuf's structure.
pub(crate) fn structured(value: Value) -> prost_types::Struct {
    match protobuf(value).kind {
        Some(prost_types::value::Kind::StructValue(fields)) => fields,
        _ => panic!("settings are an object"),
    }
}

fn protobuf(value: Value) -> prost_types::Value {
    use prost_types::value::Kind;
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(truth) => Kind::BoolValue(truth),
        Value::Number(number) => Kind::NumberValue(number.as_f64().expect("a number of JSON")),
        Value::String(text) => Kind::StringValue(text),
        Value::Array(values) => Kind::ListValue(prost_types::ListValue {
            values: values.into_iter().map(protobuf).collect(),
        }),
        Value::Object(fields) => Kind::StructValue(prost_types::Struct {
            fields: fields
                .into_iter()
                .map(|(name, value)| (name, protobuf(value)))
                .collect(),
        }),
    };
    prost_types::Value { kind: Some(kind) }
}

/// Protobuf's structure as JSON; numbers are floating-point there.
pub(crate) fn plain(fields: prost_types::Struct) -> Value {
    let fields: BTreeMap<String, Value> = fields
        .fields
        .into_iter()
        .map(|(name, value)| (name, unpacked(value)))
        .collect();
    json!(fields)
}

fn unpacked(value: prost_types::Value) -> Value {
    use prost_types::value::Kind;
    match value.kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(truth)) => json!(truth),
        Some(Kind::NumberValue(number)) if number.fract() == 0.0 => json!(number as i64),
        Some(Kind::NumberValue(number)) => json!(number),
        Some(Kind::StringValue(text)) => json!(text),
        Some(Kind::ListValue(list)) => list.values.into_iter().map(unpacked).collect(),
        Some(Kind::StructValue(fields)) => plain(fields),
    }
}
