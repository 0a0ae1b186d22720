//! Those who follow executions: they miss nothing, hold up nobody, and hear of the end.

use futures_util::future::try_join_all;
use stigmer_e2e::stack::prelude::*;
use stigmer_e2e::wire::agent_execution::agent_execution_query_controller_client::AgentExecutionQueryControllerClient;
use stigmer_e2e::wire::agent_execution::{
    AgentExecutionId, AgentExecutionStatus, AgentMessage, ExecutionPhase, MessageType,
};
use tonic::Code;
use tonic::transport::Endpoint;

use crate::api::{
    Stored as _, agent_ended, apply_agent, follow_agent, report, start_agent, until_end,
};
use crate::drafts::{agent, ask};
use crate::requirements::requirement;
use crate::support::{PATIENCE, within_patience};

const COMPLETED: i32 = ExecutionPhase::ExecutionCompleted as i32;

/// A report of a runner: one message of an agent.
fn said(phase: ExecutionPhase, text: String) -> AgentExecutionStatus {
    let message = AgentMessage {
        r#type: MessageType::MessageAi.into(),
        content: text,
        ..AgentMessage::default()
    };
    AgentExecutionStatus {
        phase: phase.into(),
        messages: vec![message],
        ..AgentExecutionStatus::default()
    }
}

#[tokio::test]
async fn whoever_subscribes_at_whatever_moment_sees_the_last_state() -> TestResult {
    requirement!("execution:subscribe:any-moment");
    // The test itself is the runner, so that the last report and the subscriptions meet.
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let helper = apply_agent(&stack, agent("talker")).await?.id();
    for _ in 0..40 {
        let id = start_agent(&stack, ask(&helper, "Count.")).await?.id();
        report(
            &stack,
            &id,
            said(ExecutionPhase::ExecutionInProgress, "One".to_owned()),
        )
        .await?;
        let last = said(ExecutionPhase::ExecutionCompleted, "One two.".to_owned());
        let followers = try_join_all((0..20).map(|_| async {
            let stream = follow_agent(&stack, &id).await?;
            until_end(stream).await
        }));
        let (followers, reported) = tokio::join!(followers, report(&stack, &id, last));
        reported?;
        for updates in followers? {
            let last = updates.last().and_then(|last| last.status.clone());
            let last = last.unwrap_or_default();
            assert_eq!(last.phase().as_str_name(), "EXECUTION_COMPLETED");
            assert_eq!(last.messages[0].content, "One two.");
        }
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_subscription_to_what_has_ended_sends_its_state_and_ends(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("execution:subscribe:ended");
    let helper = apply_agent(&stack, agent("helper")).await?.id();
    stack.model().reply("Done.");
    let id = start_agent(&stack, ask(&helper, "Go.")).await?.id();
    agent_ended(&stack, &id).await?;
    let again = until_end(follow_agent(&stack, &id).await?).await?;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].status.as_ref().unwrap().phase, COMPLETED);
    Ok(())
}

#[tokio::test]
async fn a_follower_that_does_not_read_holds_up_nobody_and_gets_the_last_state() -> TestResult {
    requirement!("execution:subscribe:slow");
    // The test itself is the runner.
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let helper = apply_agent(&stack, agent("talker")).await?.id();
    let id = start_agent(&stack, ask(&helper, "Tell.")).await?.id();
    // It keeps 64 KiB for somebody who does not read: a fraction of what follows.
    let narrow = Endpoint::from_shared(format!("http://{}", stack.server_address()))?
        .initial_stream_window_size(1 << 16)
        .initial_connection_window_size(1 << 16)
        .connect_lazy();
    let mut idle = AgentExecutionQueryControllerClient::new(narrow);
    let idle = idle
        .subscribe(AgentExecutionId { value: id.clone() })
        .await?
        .into_inner();
    let text = |number: usize| format!("{number} {}", "so on ".repeat(4000));
    for number in 0..100 {
        let status = said(ExecutionPhase::ExecutionInProgress, text(number));
        report(&stack, &id, status).await?;
    }
    let status = said(ExecutionPhase::ExecutionCompleted, text(100));
    report(&stack, &id, status).await?;
    let late = until_end(idle).await?;
    let last = late.last().and_then(|last| last.status.clone());
    let last = last.unwrap_or_default();
    assert_eq!(last.phase, COMPLETED);
    assert!(last.messages[0].content.starts_with("100 so on "));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_removed_execution_ends_those_who_follow_it(#[future(awt)] stack: Stack) -> TestResult {
    requirement!("execution:delete:followed");
    let helper = apply_agent(&stack, agent("helper")).await?.id();
    stack
        .model()
        .reply(Reply::text("Never.").fault(Fault::hang_forever()));
    let id = start_agent(&stack, ask(&helper, "Go.")).await?.id();
    stack.model().wait_for_requests(1, PATIENCE).await?;
    let mut stream = follow_agent(&stack, &id).await?;
    stack.cli(["delete", &id]).await.succeeds();
    let end = async {
        loop {
            match stream.message().await {
                Ok(Some(_)) => {}
                Ok(None) => return Err("the stream ended as if the execution had".to_owned()),
                Err(status) => return Ok(status),
            }
        }
    };
    let told = within_patience("the end of the stream", end).await?;
    assert_eq!(told.unwrap().code(), Code::NotFound);
    let left = stack.cli(["executions", "list"]).await;
    left.succeeds().prints("No executions found");
    Ok(())
}
