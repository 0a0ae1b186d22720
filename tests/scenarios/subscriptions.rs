//! Those who follow executions: they miss nothing, hold up nobody, and hear of the end.

use std::time::Duration;

use stigmer_e2e::stack::prelude::*;
use stigmer_e2e::wire::agent_execution::{
    AgentExecutionStatus, AgentMessage, ExecutionPhase, MessageType,
};
use tonic::Code;

use crate::api::{
    Stored as _, agent_ended, apply_agent, follow_agent, report, start_agent, until_end,
};
use crate::drafts::{agent, ask};
use crate::requirements::requirement;
use crate::support::{PATIENCE, within_patience};

const COMPLETED: i32 = ExecutionPhase::ExecutionCompleted as i32;

#[rstest]
#[tokio::test]
async fn whoever_subscribes_at_whatever_moment_sees_the_last_state(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("execution:subscribe:any-moment");
    let helper = apply_agent(&stack, agent("talker")).await?.id();
    let text = "One two three four five six seven eight nine ten.";
    let reply = Reply::text(text)
        .chunks_of(1)
        .delay_between(Duration::from_millis(2));
    stack.model().reply(reply.fault(Fault::hang().after(5)));
    let id = start_agent(&stack, ask(&helper, "Count.")).await?.id();
    stack.model().wait_for_requests(1, PATIENCE).await?;
    let mut followers = Vec::new();
    // The first come before the end, for certain; the others race with it. Bounded, and the last comes after it.
    for number in 0..200 {
        if number == 3 {
            stack.model().release();
        }
        let mut stream = follow_agent(&stack, &id).await?;
        let first = stream.message().await?.and_then(|first| first.status);
        let first = first.unwrap_or_default();
        let has_ended = first.phase == COMPLETED;
        followers.push((first, tokio::spawn(until_end(stream))));
        if has_ended {
            break;
        }
    }
    for (first, follower) in followers {
        let last = follower.await??.into_iter().next_back();
        let last = last.and_then(|last| last.status).unwrap_or(first);
        assert_eq!(last.phase().as_str_name(), "EXECUTION_COMPLETED");
        assert_eq!(last.messages[0].content, text);
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
    let idle = follow_agent(&stack, &id).await?;
    // In all far more than a connection keeps for somebody who does not read.
    let report = async |phase: ExecutionPhase, number: usize| -> TestResult {
        let told = AgentMessage {
            r#type: MessageType::MessageAi.into(),
            content: format!("{number} {}", "so on ".repeat(4000)),
            ..AgentMessage::default()
        };
        let status = AgentExecutionStatus {
            phase: phase.into(),
            messages: vec![told],
            ..AgentExecutionStatus::default()
        };
        report(&stack, &id, status).await
    };
    for number in 0..100 {
        report(ExecutionPhase::ExecutionInProgress, number).await?;
    }
    report(ExecutionPhase::ExecutionCompleted, 100).await?;
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
