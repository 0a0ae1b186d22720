//! Agents: applied, read back, run.

use stigmer_e2e::stack::prelude::*;

#[rstest]
#[tokio::test]
async fn an_applied_agent_lies_in_the_database(#[future(awt)] server_stack: Stack) -> TestResult {
    server_stack
        .cli(["apply", "--config", "testdata/basic_agent.go"])
        .await
        .succeeds()
        .prints("Deployment successful");
    assert!(server_stack.store().await?.contains("agent:test-agent"));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_agent_answers(#[future(awt)] stack: Stack) -> TestResult {
    stack.model().reply("Hello from the model.");
    stack
        .cli(["apply", "--config", "testdata/basic_agent.go"])
        .await
        .succeeds();
    stack
        .cli(["run", "test-agent", "--message", "hello"])
        .await
        .succeeds()
        .prints("🤖 Agent: Hello from the model.")
        .prints("✅ Execution completed");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn running_an_unknown_agent_says_what_to_do(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    server_stack
        .cli(["run", "nope", "--message", "hello"])
        .await
        .exits(1)
        .prints("Agent or Workflow not found: nope")
        .prints("stigmer apply");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_model_that_fails_fails_the_execution_with_its_words(
    #[future(awt)] stack: Stack,
) -> TestResult {
    stack.model().reply(Reply::failing(Fault::status(500)));
    stack
        .cli(["apply", "--config", "testdata/basic_agent.go"])
        .await
        .succeeds();
    stack
        .cli(["run", "test-agent", "--message", "hello"])
        .await
        .exits(3)
        .prints("❌ Execution failed")
        .prints("500");
    Ok(())
}

#[tokio::test]
async fn a_model_that_nobody_serves_fails_the_execution_with_its_address() -> TestResult {
    let spec = StackSpec::full().with_environment("OLLAMA_BASE_URL", "http://127.0.0.1:1");
    let stack = Stack::start(spec).await?;
    stack
        .cli(["apply", "--config", "testdata/basic_agent.go"])
        .await
        .succeeds();
    stack
        .cli(["run", "test-agent", "--message", "hello"])
        .await
        .exits(3)
        .prints("❌ Execution failed")
        .prints("127.0.0.1:1");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn running_an_agent_without_temporal_is_refused_and_leaves_nothing(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    server_stack
        .cli(["apply", "--config", "testdata/basic_agent.go"])
        .await
        .succeeds();
    server_stack
        .cli(["run", "test-agent", "--message", "hello"])
        .await
        .exits(1)
        .complains("Temporal workflow engine is unavailable");
    // Outcome invisible otherwise: nothing half-written may be left for a later list.
    let store = server_stack.store().await?;
    let executions: Vec<&str> = store
        .keys()
        .filter(|key| key.contains("execution"))
        .collect();
    assert!(executions.is_empty(), "{executions:?}");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_empty_message_is_refused_before_anything_is_asked(
    #[future(awt)] bare_stack: Stack,
) -> TestResult {
    bare_stack
        .cli(["run", "test-agent", "--message", ""])
        .await
        .exits(2)
        .complains("the message is empty");
    Ok(())
}

#[rstest]
#[case::compile_error("does_not_compile.go", "undefined: agent.Nothing")]
#[case::panic("panics.go", "the program panicked at")]
#[case::nothing_declared("no_resources.go", "no resources found")]
#[case::invalid_agent("invalid_agent.go", "instructions")]
#[case::missing_file("missing.go", "does not exist")]
#[tokio::test]
async fn a_bad_program_is_refused_with_its_reason(
    #[future(awt)] bare_stack: Stack,
    #[case] program: &str,
    #[case] reason: &str,
) -> TestResult {
    let config = format!("testdata/{program}");
    bare_stack
        .cli(["apply", "--dry-run", "--config", &config])
        .await
        .exits(1)
        .complains(reason);
    Ok(())
}
