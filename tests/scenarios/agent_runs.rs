//! An agent's execution as a whole: conversation, providers, environment, failures.

use serde_json::json;
use stigmer_e2e::model::{Provider, When};
use stigmer_e2e::stack::prelude::*;
use stigmer_e2e::wire::agent::mcp_server_definition::ServerType;
use stigmer_e2e::wire::agent::{Agent, McpServerDefinition, StdioServer};
use stigmer_e2e::wire::agent_execution::{AgentExecutionSpec, ExecutionConfig};
use stigmer_e2e::wire::agent_instance::agent_instance_command_controller_client::AgentInstanceCommandControllerClient;
use stigmer_e2e::wire::agent_instance::{AgentInstance, AgentInstanceSpec};
use stigmer_e2e::wire::environment::environment_command_controller_client::EnvironmentCommandControllerClient;
use stigmer_e2e::wire::resource::apiresourcekind::ApiResourceKind;
use stigmer_e2e::wire::session::session_command_controller_client::SessionCommandControllerClient;
use stigmer_e2e::wire::session::{Session, SessionSpec};

use crate::api::{Stored as _, agent_ended, apply_agent, create_agent_execution, start_agent};
use crate::drafts::{API_VERSION, agent, ask, environment, metadata, reference, values};
use crate::requirements::requirement;
use crate::tool_server::{ECHO, tool_server};

#[rstest]
#[case::openai("openai", Provider::OpenAi, "authorization", "Bearer stigmer-e2e")]
#[case::anthropic(
    "anthropic",
    Provider::Anthropic,
    "authorization",
    "Bearer stigmer-e2e"
)]
#[case::ollama("ollama", Provider::Ollama, "content-type", "application/json")]
#[tokio::test]
async fn an_agent_talks_to_the_provider_that_is_set(
    #[case] name: &str,
    #[case] provider: Provider,
    #[case] header: &str,
    #[case] value: &str,
) -> TestResult {
    requirement!("agent:model:providers");
    let spec = StackSpec::full().with_environment("STIGMER_LLM_PROVIDER", name);
    let stack = Stack::start(spec).await?;
    apply_agent(&stack, agent("helper")).await?;
    let of_provider = || When::provider(provider);
    let file = json!({ "file_path": "a.txt", "content": "x" });
    stack.model().reply(
        Reply::text("Let me see. ")
            .and_call("write_file", file)
            .expect(of_provider()),
    );
    stack.model().reply(
        Reply::text("Done.")
            .chunks_of(2)
            .expect(When::tool_result_contains("wrote a.txt")),
    );
    stack
        .cli(["run", "helper"])
        .await
        .succeeds()
        .prints("🤖 Agent: Let me see. ")
        .prints("🤖 Agent: Done.\n");
    let asked = stack.model().requests();
    assert_eq!(
        asked[0].header(header),
        Some(value),
        "{:?}",
        asked[0].headers
    );
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_execution_may_name_its_own_model(#[future(awt)] stack: Stack) -> TestResult {
    requirement!("agent:model:named");
    let helper = apply_agent(&stack, agent("helper")).await?.id();
    stack
        .model()
        .reply(Reply::text("Big.").expect(When::model("large")));
    let spec = AgentExecutionSpec {
        execution_config: Some(ExecutionConfig {
            model_name: "large".to_owned(),
        }),
        ..ask(&helper, "Hello.")
    };
    let execution = start_agent(&stack, spec).await?;
    let ended = agent_ended(&stack, &execution.id()).await?;
    assert_eq!(ended.messages[0].content, "Big.");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn executions_of_a_session_remember_what_was_said_and_share_files(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("agent:session:memory");
    let helper = apply_agent(&stack, agent("helper")).await?.id();
    let file = json!({ "file_path": "name.txt", "content": "Ada" });
    stack.model().reply(Reply::call("write_file", file));
    stack.model().reply("Nice to meet you.");
    let first = start_agent(&stack, ask(&helper, "My name is Ada.")).await?;
    agent_ended(&stack, &first.id()).await?;
    stack
        .model()
        .reply(Reply::call("read_file", json!({ "file_path": "name.txt" })));
    stack
        .model()
        .reply(Reply::text("Ada.").expect(When::tool_result_contains("Ada")));
    let spec = AgentExecutionSpec {
        session_id: first.spec.unwrap().session_id,
        ..ask("", "What is my name?")
    };
    let second = start_agent(&stack, spec).await?;
    agent_ended(&stack, &second.id()).await?;
    let requests = stack.model().requests();
    let conversation: Vec<&str> = requests[2]
        .chat
        .iter()
        .flat_map(|chat| &chat.messages)
        .map(|message| message.text.lines().next().unwrap_or_default())
        .collect();
    let remembered = [
        "My name is Ada.",
        "",
        "wrote name.txt (3 bytes)",
        "Nice to meet you.",
        "What is my name?",
    ];
    assert_eq!(conversation[1..], remembered);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn executions_without_a_session_know_nothing_of_each_other(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("agent:session:apart");
    let helper = apply_agent(&stack, agent("helper")).await?.id();
    for message in ["My name is Ada.", "What is my name?"] {
        stack.model().reply("I do not know.");
        let execution = start_agent(&stack, ask(&helper, message)).await?;
        agent_ended(&stack, &execution.id()).await?;
    }
    let requests = stack.model().requests();
    assert_eq!(requests[1].chat.as_ref().unwrap().messages.len(), 2);
    Ok(())
}

/// An agent with a tool server that tells what is in its environment.
fn with_tool_server(stack: &Stack, name: &str, variables: &[&str]) -> Result<Agent, TestFailure> {
    let (command, args) = tool_server(stack, ECHO)?;
    let placeholders = variables
        .iter()
        .map(|name| ((*name).to_owned(), format!("${{{name}}}")));
    let mut draft = agent(name);
    draft.spec.as_mut().unwrap().mcp_servers = vec![McpServerDefinition {
        name: "echo".to_owned(),
        enabled_tools: vec!["environment".to_owned()],
        server_type: Some(ServerType::Stdio(StdioServer {
            command,
            args,
            env_placeholders: placeholders.collect(),
            ..StdioServer::default()
        })),
    }];
    Ok(draft)
}

#[rstest]
#[tokio::test]
async fn a_tool_server_gets_the_environment_merged_in_its_order(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("agent:environment:merged", "agent:environment:instance");
    let mut draft = with_tool_server(&stack, "helper", &["A", "B", "C"])?;
    let defaults = environment(
        "defaults",
        &[("A", "a1", false), ("B", "b1", false), ("C", "c1", false)],
    );
    draft.spec.as_mut().unwrap().env_spec = defaults.spec;
    let helper = apply_agent(&stack, draft).await?.id();
    let shared = environment("shared", &[("B", "b2", false), ("C", "c2", false)]);
    EnvironmentCommandControllerClient::new(stack.server())
        .create(shared)
        .await?;
    let instance = AgentInstance {
        api_version: API_VERSION.to_owned(),
        kind: "AgentInstance".to_owned(),
        metadata: Some(metadata("own")),
        spec: Some(AgentInstanceSpec {
            agent_id: helper,
            environment_refs: vec![reference(ApiResourceKind::Environment, "shared")],
            ..AgentInstanceSpec::default()
        }),
        status: None,
    };
    let mut instances = AgentInstanceCommandControllerClient::new(stack.server());
    let instance = instances.create(instance).await?.into_inner();
    let session = Session {
        api_version: API_VERSION.to_owned(),
        kind: "Session".to_owned(),
        metadata: Some(metadata("conversation")),
        spec: Some(SessionSpec {
            agent_instance_id: instance.metadata.unwrap().id,
            ..SessionSpec::default()
        }),
        status: None,
    };
    let mut sessions = SessionCommandControllerClient::new(stack.server());
    let session = sessions.create(session).await?.into_inner();
    stack.model().reply(Reply::call(
        "environment",
        json!({ "names": ["A", "B", "C"] }),
    ));
    stack
        .model()
        .reply(Reply::text("Seen.").expect(When::tool_result_contains("A=a1 B=b2 C=c3")));
    let spec = AgentExecutionSpec {
        session_id: session.metadata.unwrap().id,
        runtime_env: values(&[("C", "c3")]),
        ..ask("", "Look.")
    };
    let execution = create_agent_execution(&stack, spec).await?;
    let ended = agent_ended(&stack, &execution.id()).await?;
    assert_eq!(
        ended.phase().as_str_name(),
        "EXECUTION_COMPLETED",
        "{}",
        ended.error
    );
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_tool_server_without_its_value_fails_the_run_with_the_name(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("agent:environment:missing");
    apply_agent(&stack, with_tool_server(&stack, "helper", &["API_KEY"])?).await?;
    stack
        .cli(["run", "helper"])
        .await
        .exits(3)
        .prints("the tool server echo needs API_KEY, which has no value");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_tool_server_that_does_not_start_fails_the_run_with_its_last_words(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("agent:tool-server:broken");
    let mut draft = with_tool_server(&stack, "helper", &[])?;
    let (command, args) = tool_server(&stack, "raise SystemExit('no such database')")?;
    let servers = &mut draft.spec.as_mut().unwrap().mcp_servers;
    servers[0].server_type = Some(ServerType::Stdio(StdioServer {
        command,
        args,
        ..StdioServer::default()
    }));
    apply_agent(&stack, draft).await?;
    stack
        .cli(["run", "helper"])
        .await
        .exits(3)
        .prints("echo")
        .prints("no such database");
    Ok(())
}

#[rstest]
#[case::error_of_the_model(
    Fault::error_event(1, "the model has run out of memory"),
    "out of memory"
)]
#[case::connection_lost(Fault::cut_after(1), "")]
#[case::no_json(Fault::malformed_after(1), "")]
#[tokio::test]
async fn what_an_agent_had_said_before_it_failed_stays(
    #[future(awt)] stack: Stack,
    #[case] fault: Fault,
    #[case] cause: &str,
) -> TestResult {
    requirement!("agent:failure:partial-text");
    apply_agent(&stack, agent("talker")).await?;
    stack
        .model()
        .reply(Reply::pieces(["Half a sen", "tence."]).fault(fault));
    stack
        .cli(["run", "talker"])
        .await
        .exits(3)
        .prints("🤖 Agent: Half a sen\n")
        .prints("❌ Execution failed")
        .prints(cause);
    Ok(())
}
