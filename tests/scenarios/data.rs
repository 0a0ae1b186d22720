//! `--output json` and `--output yaml`: standard output is data and nothing else.

use serde_json::Value;
use stigmer_e2e::stack::prelude::*;

use crate::requirements::requirement;
use crate::support::{Folder, id_in};

/// Reads standard output as data.
fn data(outcome: &CommandOutcome, format: &str) -> Result<Value, TestFailure> {
    let text = &outcome.output().stdout;
    let read: Result<Value, String> = match format {
        "json" => serde_json::from_str(text).map_err(|error| error.to_string()),
        _ => serde_saphyr::from_str(text).map_err(|error| error.to_string()),
    };
    read.map_err(|error| TestFailure::new(format!("no {format}: {error}\n{}", outcome.output())))
}

#[rstest]
#[case::json("json")]
#[case::yaml("yaml")]
#[tokio::test]
async fn every_command_prints_data_and_no_prose(
    #[future(awt)] stack: Stack,
    #[case] format: &str,
) -> TestResult {
    requirement!("cli:data:every-command");
    stack.model().reply("Hello.");
    let folder = Folder::new()?;
    folder.write("style/SKILL.md", "---\nname: style\n---\nShort.\n")?;
    let skill = folder.path().join("style");
    let ask = async |arguments: &[&str]| -> Result<Value, TestFailure> {
        let arguments = [arguments, &["--output", format]].concat();
        let outcome = stack.cli(arguments).await;
        data(outcome.succeeds(), format)
    };
    let applied = ask(&["apply", "--config", "testdata/basic_agent.go"]).await?;
    assert_eq!(applied[0]["kind"], "Agent");
    let declared = ask(&["apply", "--dry-run", "--config", "testdata/basic_agent.go"]).await?;
    assert_eq!(declared[0]["metadata"]["name"], "test-agent");
    let ran = ask(&["run", "test-agent"]).await?;
    assert_eq!(ran["status"]["phase"], "EXECUTION_COMPLETED");
    assert_eq!(ran["status"]["messages"][0]["content"], "Hello.");
    let id = ran["metadata"]["id"].as_str().unwrap();
    for command in ["get", "logs"] {
        let shown = ask(&["executions", command, id]).await?;
        assert_eq!(shown["metadata"]["id"], id);
    }
    assert_eq!(ask(&["executions", "list"]).await?[0]["metadata"]["id"], id);
    assert_eq!(ask(&["list", "sessions"]).await?[0]["kind"], "Session");
    let pushed = ask(&["skill", "push", skill.as_str()]).await?;
    assert_eq!(pushed["kind"], "Skill");
    assert_eq!(
        ask(&["get", "skill", "style"]).await?["metadata"]["slug"],
        "style"
    );
    assert_eq!(
        ask(&["delete", "agent", "test-agent"]).await?["kind"],
        "Agent"
    );
    assert_eq!(
        ask(&["list", "executions", "--phase", "failed"]).await?,
        Value::Array(vec![])
    );
    assert!(ask(&["version"]).await?["version"].is_string());
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_command_that_fails_prints_no_data(#[future(awt)] server_stack: Stack) -> TestResult {
    requirement!("cli:data:failure");
    for arguments in [
        ["get", "agent", "nobody"],
        ["delete", "agent", "nobody"],
        ["executions", "get", "aex-00000000000000000000000000"],
    ] {
        let arguments = [&arguments[..], &["-o", "json"]].concat();
        let outcome = server_stack.cli(arguments).await;
        outcome.exits(1).complains("not found");
        assert_eq!(outcome.output().stdout, "");
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_failed_execution_is_printed_as_data_with_its_exit_code(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:data:failed-execution");
    stack.model().reply(Reply::failing(Fault::status(500)));
    stack
        .cli(["apply", "--config", "testdata/basic_agent.go"])
        .await
        .succeeds();
    let ran = stack.cli(["run", "test-agent", "-o", "json"]).await;
    let execution = data(ran.exits(3), "json")?;
    assert_eq!(execution["status"]["phase"], "EXECUTION_FAILED");
    assert!(
        execution["status"]["error"]
            .as_str()
            .unwrap()
            .contains("500")
    );
    ran.complains("❌ Execution failed");
    id_in(&ran.output().stderr, "aex")?;
    Ok(())
}
