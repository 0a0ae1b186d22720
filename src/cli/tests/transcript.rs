//! What is printed of an execution that goes on.

use std::io::Write;
use std::sync::{Arc, Mutex};

use crate::cli::console::{Console, Terminal};
use crate::cli::follow::{Execution, Transcript};
use crate::wire::agent_execution::{AgentExecution, AgentExecutionStatus, AgentMessage};
use crate::wire::workflow_execution::{WorkflowExecution, WorkflowExecutionStatus, WorkflowTask};

const PENDING: i32 = 1;
const IN_PROGRESS: i32 = 2;
const COMPLETED: i32 = 3;
const FAILED: i32 = 4;

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// An agent execution with these messages: `(1 human, 2 AI, 3 tool, 4 system; text)`.
fn agent(phase: i32, messages: &[(i32, &str)]) -> Execution {
    let messages = messages.iter().map(|(speaker, content)| AgentMessage {
        r#type: *speaker,
        content: (*content).to_owned(),
        ..AgentMessage::default()
    });
    Execution::Agent(Box::new(AgentExecution {
        status: Some(AgentExecutionStatus {
            phase,
            messages: messages.collect(),
            ..AgentExecutionStatus::default()
        }),
        ..AgentExecution::default()
    }))
}

fn workflow(phase: i32, tasks: &[(&str, i32, &str)]) -> Execution {
    let tasks = tasks.iter().map(|(name, status, error)| WorkflowTask {
        task_name: (*name).to_owned(),
        status: *status,
        error: (*error).to_owned(),
        ..WorkflowTask::default()
    });
    Execution::Workflow(Box::new(WorkflowExecution {
        status: Some(WorkflowExecutionStatus {
            phase,
            tasks: tasks.collect(),
            started_at: "2026-01-01T00:00:00Z".to_owned(),
            completed_at: "2026-01-01T00:01:05.6Z".to_owned(),
            error: if phase == FAILED {
                "task b failed".to_owned()
            } else {
                String::new()
            },
            ..WorkflowExecutionStatus::default()
        }),
        ..WorkflowExecution::default()
    }))
}

/// What each update adds, one `|` between two.
fn told(updates: &[Execution]) -> String {
    let kept = Kept::default();
    let console = Console::new(
        Box::new(kept.clone()),
        Box::new(std::io::sink()),
        Terminal::default(),
        false,
    );
    let mut transcript = Transcript::new(&console);
    for update in updates {
        transcript.update(update);
        kept.clone().write_all(b"|").unwrap();
    }
    let bytes = kept.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_message_is_printed_as_it_grows() {
    let told = told(&[
        agent(PENDING, &[]),
        agent(IN_PROGRESS, &[]),
        agent(IN_PROGRESS, &[(2, "Hel")]),
        agent(IN_PROGRESS, &[(2, "Hello ")]),
        agent(IN_PROGRESS, &[(2, "Hello ")]),
        agent(COMPLETED, &[(2, "Hello you.")]),
    ]);
    let expected = [
        "ℹ ⏳ Execution pending...\n\n",
        "✓ ▶️  Execution started\n\n",
        "🤖 Agent: Hel",
        "lo ",
        "",
        "you.\n\n✓ ✅ Execution completed\n\n",
        "",
    ];
    assert_eq!(told, expected.join("|"));
}

#[test]
fn a_run_that_has_ended_is_told_at_once() {
    let told = told(&[agent(COMPLETED, &[(2, "Hello."), (2, "And bye.")])]);
    assert_eq!(
        told,
        "🤖 Agent: Hello.\n\n🤖 Agent: And bye.\n\n✓ ✅ Execution completed\n\n|"
    );
}

#[test]
fn every_speaker_has_a_mark() {
    let told = told(&[agent(
        IN_PROGRESS,
        &[(1, "a"), (2, "b"), (3, "c"), (4, "d"), (9, "e")],
    )]);
    assert!(
        told.ends_with("💬 You: a\n\n🤖 Agent: b\n\n🔧 Tool: c\n\nℹ️ System: d\n\n❔ Unknown: e|"),
        "{told}"
    );
}

#[test]
fn a_message_that_only_asks_for_a_tool_is_printed_when_it_says_something() {
    let told = told(&[
        agent(IN_PROGRESS, &[(2, "")]),
        agent(IN_PROGRESS, &[(2, ""), (3, "result")]),
        agent(IN_PROGRESS, &[(2, "late"), (3, "result")]),
        agent(IN_PROGRESS, &[(2, "late"), (3, "result, more")]),
    ]);
    let expected = [
        "✓ ▶️  Execution started\n\n",
        "🔧 Tool: result",
        "\n\n🤖 Agent: late",
        "\n\n🔧 Tool: , more",
        "",
    ];
    assert_eq!(told, expected.join("|"));
}

#[test]
fn a_message_that_is_replaced_is_printed_anew() {
    let told = told(&[
        agent(IN_PROGRESS, &[(2, "first try")]),
        agent(IN_PROGRESS, &[(2, "second")]),
        agent(FAILED, &[(2, "second"), (4, "gone wrong")]),
    ]);
    let expected = [
        "✓ ▶️  Execution started\n\n🤖 Agent: first try",
        "\n\n🤖 Agent: second",
        "\n\nℹ️ System: gone wrong\n\n✗ ❌ Execution failed\n\n",
        "",
    ];
    assert_eq!(told, expected.join("|"));
}

#[test]
fn a_stream_that_begins_again_repeats_nothing() {
    let updates = [agent(IN_PROGRESS, &[(2, "Hello "), (2, "again")])];
    let twice = [
        updates[0].clone(),
        updates[0].clone(),
        agent(IN_PROGRESS, &[(2, "Hello ")]),
        updates[0].clone(),
    ];
    assert_eq!(told(&twice), format!("{}|||", told(&updates)));
}

#[test]
fn a_task_is_printed_at_each_new_status() {
    let told = told(&[
        workflow(IN_PROGRESS, &[("a", 2, "")]),
        workflow(IN_PROGRESS, &[("a", 3, ""), ("b", 1, "")]),
        workflow(
            FAILED,
            &[("a", 3, ""), ("b", 4, "no such host"), ("c", 5, "")],
        ),
    ]);
    let expected = [
        "✓ ▶️  Execution started\n\n⚙️ Task: a [Running]\n\n",
        "✓ Task: a [Completed]\n\n⏳ Task: b [Pending]\n\n",
        "✗ Task: b [Failed]\n   ✗ Error: no such host\n\n⊘ Task: c [Skipped]\n\n✗ ❌ Execution failed\n\n",
        "",
    ];
    assert_eq!(told, expected.join("|"));
}

#[test]
fn the_block_at_the_end_counts() {
    let kept = Kept::default();
    let console = Console::new(
        Box::new(kept.clone()),
        Box::new(std::io::sink()),
        Terminal::default(),
        false,
    );
    let mut transcript = Transcript::new(&console);
    transcript.summarize(&workflow(
        FAILED,
        &[("a", 3, ""), ("b", 4, "x"), ("c", 5, "")],
    ));
    transcript.summarize(&agent(COMPLETED, &[(2, "Hello.")]));
    let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    insta::assert_snapshot!(text, @r"

    ────────────────────────────────────────────────────────────────────────────────
    ✗ Workflow execution failed
    ✗ Error: task b failed
    ✓ Duration: 1m6s
    ✓ Total tasks: 3
    ✓ Completed: 1
    ✗ Failed: 1
    ℹ Skipped: 1
    ────────────────────────────────────────────────────────────────────────────────


    ────────────────────────────────────────────────────────────────────────────────
    ✓ Done!
    ✓ Total messages: 1
    ✓ Tool calls: 0
    ────────────────────────────────────────────────────────────────────────────────
    ");
}
