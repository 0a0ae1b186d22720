//! Messages as JSON and YAML.

use std::collections::HashMap;

use crate::cli::document::Document;
use crate::wire::agent_execution::{
    AgentExecution, AgentExecutionSpec, AgentExecutionStatus, AgentMessage,
};
use crate::wire::environment::{Environment, EnvironmentSpec, EnvironmentValue};
use crate::wire::execution_context::ExecutionValue;

fn environment() -> Environment {
    let value = |value: &str, is_secret| EnvironmentValue {
        value: value.to_owned(),
        is_secret,
        description: String::new(),
    };
    let data = ('a'..='f').map(|name| (name.to_string(), value("shown", false)));
    let secret = [
        ("token".to_owned(), value("hunter2", true)),
        ("unset".to_owned(), value("", true)),
    ];
    Environment {
        kind: "Environment".to_owned(),
        spec: Some(EnvironmentSpec {
            description: String::new(),
            data: data.chain(secret).collect(),
        }),
        ..Environment::default()
    }
}

#[test]
fn the_same_message_prints_the_same_text_with_sorted_keys() {
    let print = || {
        let document = Document::new("environment.v1.Environment", &environment());
        serde_json::to_string(&document).unwrap()
    };
    let first = print();
    assert!((0..20).all(|_| print() == first));
    assert!(
        first.starts_with(r#"{"kind":"Environment","spec":{"data":{"a":{"value":"shown"},"b":"#),
        "{first}"
    );
}

#[test]
fn values_of_secrets_are_never_printed() {
    let document = Document::new("environment.v1.Environment", &environment());
    let json = serde_json::to_value(&document).unwrap();
    assert_eq!(json["spec"]["data"]["token"]["value"], "***");
    assert_eq!(json["spec"]["data"]["token"]["isSecret"], true);
    assert!(!json.to_string().contains("hunter2"));

    let secret = ExecutionValue {
        value: "hunter2".to_owned(),
        is_secret: true,
    };
    let execution = AgentExecution {
        spec: Some(AgentExecutionSpec {
            runtime_env: HashMap::from([("TOKEN".to_owned(), secret)]),
            ..AgentExecutionSpec::default()
        }),
        ..AgentExecution::default()
    };
    let document = Document::new("agentexecution.v1.AgentExecution", &execution);
    assert_eq!(
        serde_json::to_value(&document).unwrap()["spec"]["runtimeEnv"]["TOKEN"]["value"],
        "***"
    );
}

#[test]
fn enums_are_names_and_structures_plain_json() {
    let metadata = prost_types::Struct {
        fields: [("tokens".to_owned(), prost_types::Value::from(7.0))]
            .into_iter()
            .collect(),
    };
    let execution = AgentExecution {
        status: Some(AgentExecutionStatus {
            phase: 3,
            messages: vec![AgentMessage {
                r#type: 2,
                content: "two\nlines: yes".to_owned(),
                metadata: Some(metadata),
                ..AgentMessage::default()
            }],
            ..AgentExecutionStatus::default()
        }),
        ..AgentExecution::default()
    };
    let document = Document::new("agentexecution.v1.AgentExecution", &execution);
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap(), @r#"
    {
      "status": {
        "messages": [
          {
            "content": "two\nlines: yes",
            "metadata": {
              "tokens": 7
            },
            "type": "MESSAGE_AI"
          }
        ],
        "phase": "EXECUTION_COMPLETED"
      }
    }
    "#);
    insta::assert_snapshot!(serde_saphyr::to_string(&document).unwrap(), @r"
    status:
      messages:
      - content: |-
          two
          lines: yes
        metadata:
          tokens: 7
        type: MESSAGE_AI
      phase: EXECUTION_COMPLETED
    ");
}
