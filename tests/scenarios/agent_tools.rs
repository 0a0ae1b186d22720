//! What an agent does besides talking: files in its sandbox, todos, sub-agents, skills.

use serde_json::json;
use stigmer_e2e::model::When;
use stigmer_e2e::stack::prelude::*;
use stigmer_e2e::wire::agent::SubAgent;
use stigmer_e2e::wire::agent_execution::AgentExecutionStatus;
use stigmer_e2e::wire::resource::apiresourcekind::ApiResourceKind;

use crate::api::{Stored as _, agent_ended, apply_agent, start_agent};
use crate::drafts::{agent, ask, reference};
use crate::requirements::requirement;
use crate::support::Folder;

/// Runs an agent to its end.
async fn run(stack: &Stack, name: &str) -> Result<AgentExecutionStatus, TestFailure> {
    let helper = apply_agent(stack, agent(name)).await?.id();
    let execution = start_agent(stack, ask(&helper, "Do it.")).await?;
    agent_ended(stack, &execution.id()).await
}

/// Name and status of each call that the model asked for.
fn calls_of(status: &AgentExecutionStatus) -> Vec<(&str, &str)> {
    let calls = status.tool_calls.iter();
    calls
        .map(|call| (call.name.as_str(), call.status().as_str_name()))
        .collect()
}

#[rstest]
#[tokio::test]
async fn what_an_agent_wrote_into_a_file_it_can_read_again(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("agent:tools:files");
    let file = json!({ "file_path": "notes/today.txt", "content": "The door is open." });
    stack
        .model()
        .reply(Reply::text("Let me note it.").and_call("write_file", file));
    let same = json!({ "file_path": "notes/today.txt" });
    stack
        .model()
        .reply(Reply::call("read_file", same).expect(When::tool_result_contains("17 bytes")));
    stack
        .model()
        .reply(Reply::text("Noted.").expect(When::tool_result_contains("The door is open.")));
    let ended = run(&stack, "writer").await?;
    assert_eq!(
        ended.phase().as_str_name(),
        "EXECUTION_COMPLETED",
        "{}",
        ended.error
    );
    let completed = "TOOL_CALL_COMPLETED";
    assert_eq!(
        calls_of(&ended),
        [("write_file", completed), ("read_file", completed)]
    );
    let said: Vec<&str> = ended
        .messages
        .iter()
        .map(|message| message.content.as_str())
        .collect();
    assert_eq!(
        (said[0], said[said.len() - 1]),
        ("Let me note it.", "Noted.")
    );
    Ok(())
}

#[rstest]
#[case::upwards("../outside.txt")]
#[case::from_the_root("/etc/hostname")]
#[tokio::test]
async fn an_agent_cannot_reach_files_outside_of_its_sandbox(
    #[future(awt)] stack: Stack,
    #[case] path: &str,
) -> TestResult {
    requirement!("agent:tools:sandbox");
    stack
        .model()
        .reply(Reply::call("read_file", json!({ "file_path": path })));
    stack
        .model()
        .reply(Reply::text("I may not.").expect(When::tool_result_contains("outside")));
    let ended = run(&stack, "curious").await?;
    assert_eq!(calls_of(&ended), [("read_file", "TOOL_CALL_FAILED")]);
    assert_eq!(ended.phase().as_str_name(), "EXECUTION_COMPLETED");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_tool_that_fails_is_told_to_the_model_which_goes_on(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("agent:tools:failure");
    stack.model().reply(
        Reply::call("read_file", json!({ "file_path": "missing.txt" }))
            .and_call("no_such_tool", json!({})),
    );
    stack
        .model()
        .reply(Reply::text("Neither is there.").expect(When::tool_result_contains("no_such_tool")));
    let ended = run(&stack, "unlucky").await?;
    let failed = "TOOL_CALL_FAILED";
    assert_eq!(
        calls_of(&ended),
        [("read_file", failed), ("no_such_tool", failed)]
    );
    assert!(
        ended.tool_calls[0].error.contains("missing.txt"),
        "{:?}",
        ended.tool_calls[0]
    );
    assert_eq!(ended.phase().as_str_name(), "EXECUTION_COMPLETED");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_todos_of_an_agent_are_in_its_status(#[future(awt)] stack: Stack) -> TestResult {
    requirement!("agent:tools:todos");
    let todos = |first: &str| {
        json!({ "todos": [
            { "id": "look", "content": "Look around", "status": first },
            { "id": "tell", "content": "Tell about it", "status": "pending" },
        ] })
    };
    stack
        .model()
        .reply(Reply::call("write_todos", todos("in_progress")));
    stack
        .model()
        .reply(Reply::call("write_todos", todos("completed")));
    stack.model().reply("Half done.");
    let ended = run(&stack, "planner").await?;
    let noted = |id: &str| {
        (
            ended.todos[id].content.as_str(),
            ended.todos[id].status().as_str_name(),
        )
    };
    assert_eq!(noted("look"), ("Look around", "TODO_COMPLETED"));
    assert_eq!(noted("tell"), ("Tell about it", "TODO_PENDING"));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_sub_agent_works_by_its_own_instructions_and_is_recorded(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("agent:sub-agents:recorded");
    let mut boss = agent("boss");
    boss.spec.as_mut().unwrap().sub_agents = vec![SubAgent {
        name: "counter".to_owned(),
        description: "Counts".to_owned(),
        instructions: "Count what you are given.".to_owned(),
        ..SubAgent::default()
    }];
    let boss = apply_agent(&stack, boss).await?.id();
    let work = json!({ "subagent_type": "counter", "description": "one, two, three" });
    let own = || When::system_contains("You are boss");
    stack
        .model()
        .reply(Reply::call("task", work).when(own().and(When::user_contains("Count these"))));
    stack.model().reply(
        Reply::text("3").when(
            When::system_contains("Count what you are given.")
                .and(When::user_contains("one, two, three")),
        ),
    );
    stack
        .model()
        .reply(Reply::text("There are three.").when(own()));
    let execution = start_agent(&stack, ask(&boss, "Count these.")).await?;
    let ended = agent_ended(&stack, &execution.id()).await?;
    let [done] = ended.sub_agent_executions.as_slice() else {
        return Err(TestFailure::new(format!("not one sub-agent: {ended:?}")));
    };
    assert_eq!((done.name.as_str(), done.output.as_str()), ("counter", "3"));
    assert_eq!(done.input, "one, two, three");
    assert_eq!(done.status().as_str_name(), "SUB_AGENT_COMPLETED");
    assert_eq!(ended.messages.last().unwrap().content, "There are three.");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_skill_is_in_the_prompt_and_its_files_are_in_the_sandbox(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("agent:skills:prompt-and-files");
    let folder = Folder::new()?;
    folder.write(
        "measures/SKILL.md",
        "---\nname: measures\ndescription: Units\n---\nUse metres.\n",
    )?;
    folder.write("measures/table.txt", "1 foot is 0.3048 m\n")?;
    let skill = folder.path().join("measures");
    stack
        .cli(["skill", "push", skill.as_str()])
        .await
        .succeeds();
    let mut draft = agent("surveyor");
    draft.spec.as_mut().unwrap().skill_refs = vec![reference(ApiResourceKind::Skill, "measures")];
    let surveyor = apply_agent(&stack, draft).await?.id();
    stack.model().reply(
        Reply::call(
            "read_file",
            json!({ "file_path": "skills/measures/table.txt" }),
        )
        .expect(When::system_contains("Use metres.")),
    );
    stack
        .model()
        .reply(Reply::text("0.3048.").expect(When::tool_result_contains("1 foot is 0.3048 m")));
    let execution = start_agent(&stack, ask(&surveyor, "How long is a foot?")).await?;
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
async fn an_agent_whose_skill_is_missing_fails_with_its_name(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("agent:skills:missing");
    let mut draft = agent("surveyor");
    draft.spec.as_mut().unwrap().skill_refs = vec![reference(ApiResourceKind::Skill, "nowhere")];
    apply_agent(&stack, draft).await?;
    stack
        .cli(["run", "surveyor"])
        .await
        .exits(3)
        .prints("nowhere");
    Ok(())
}
