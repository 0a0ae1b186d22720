//! Those who follow executions: they miss nothing, hold up nobody, and hear of the end.

use std::time::Duration;

use stigmer_e2e::stack::prelude::*;
use stigmer_e2e::wire::agent_execution::ExecutionPhase;
use tonic::Code;

use crate::api::{Stored as _, agent_ended, apply_agent, follow_agent, start_agent, until_end};
use crate::drafts::{agent, ask};
use crate::requirements::requirement;
use crate::support::{PATIENCE, eventually, within_patience};

const COMPLETED: i32 = ExecutionPhase::ExecutionCompleted as i32;

#[rstest]
#[tokio::test]
async fn whoever_subscribes_at_whatever_moment_sees_the_last_state(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("execution:subscribe:any-moment");
    let helper = apply_agent(&stack, agent("talker")).await?.id();
    let text = "One two three four five six seven eight nine ten.";
    let reply = Reply::text(text).chunks_of(1);
    stack
        .model()
        .reply(reply.delay_between(Duration::from_millis(5)));
    let id = start_agent(&stack, ask(&helper, "Count.")).await?.id();
    let mut followers = Vec::new();
    // Some come before the end, some at it, some after it: bounded, and enough of each.
    for _ in 0..100 {
        let mut stream = follow_agent(&stack, &id).await?;
        let first = stream
            .message()
            .await?
            .and_then(|first| first.status)
            .unwrap_or_default();
        let has_ended = first.phase == COMPLETED;
        followers.push((first, tokio::spawn(until_end(stream))));
        if has_ended {
            break;
        }
    }
    let before_the_end = followers.len() - 1;
    assert!(
        before_the_end > 2,
        "only {before_the_end} came before the end"
    );
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

#[rstest]
#[tokio::test]
async fn a_follower_that_does_not_read_holds_up_nobody_and_gets_the_last_state(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("execution:subscribe:slow");
    let helper = apply_agent(&stack, agent("talker")).await?.id();
    // More text than a connection holds back for somebody who does not read.
    let word = "All work and no play makes a long story. ".repeat(200);
    let reply = Reply::text(&word).chunks_of(40);
    stack
        .model()
        .reply(reply.delay_between(Duration::from_millis(1)));
    let id = start_agent(&stack, ask(&helper, "Tell.")).await?.id();
    let idle = follow_agent(&stack, &id).await?;
    let ended = agent_ended(&stack, &id).await?;
    assert_eq!(ended.messages[0].content, word);
    let late = until_end(idle).await?.into_iter().next_back().unwrap();
    let late = late.status.unwrap();
    assert_eq!(
        (late.phase, late.messages[0].content.len()),
        (COMPLETED, word.len())
    );
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
    eventually("the run is gone from the lists", async || {
        let shown = stack.cli(["executions", "list"]).await;
        let text = shown.output().stdout.clone();
        text.contains("No executions found")
            .then_some(())
            .ok_or(text)
    })
    .await
}
