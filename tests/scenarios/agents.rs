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
