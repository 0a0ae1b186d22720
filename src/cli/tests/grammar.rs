//! Help texts and usage errors.

use clap::CommandFactory as _;

use crate::cli::arguments::Arguments;
use crate::cli::usage;
use crate::cli::{Cli, Exit};

async fn stigmer(line: &str) -> String {
    Cli::new()
        .args(line.split_whitespace())
        .run()
        .await
        .to_string()
}

#[test]
fn the_grammar_is_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn every_command_has_a_help_line_of_its_own() {
    fn words(command: &clap::Command, found: &mut Vec<String>) {
        for below in command.get_subcommands() {
            found.push(below.get_name().to_owned());
            words(below, found);
        }
    }
    let mut found = Vec::new();
    words(&Arguments::command(), &mut found);
    found.sort();
    found.dedup();
    assert_eq!(found, usage::KNOWN);
}

#[tokio::test]
async fn help_of_every_command() {
    for line in [
        "--help",
        "apply --help",
        "run --help",
        "get --help",
        "list --help",
        "delete --help",
        "skill --help",
        "skill push --help",
        "executions --help",
        "executions list --help",
        "executions get --help",
        "executions cancel --help",
        "executions logs --help",
        "version --help",
        "completions --help",
    ] {
        let name = format!("help {}", line.trim_end_matches("--help").trim_end());
        insta::assert_snapshot!(name.replace(' ', "_"), stigmer(line).await);
    }
}

#[tokio::test]
async fn usage_errors_name_the_mistake_and_where_help_is() {
    let mut transcript = String::new();
    for line in [
        "frobnicate",
        "aply",
        "apply --nope",
        "apply extra",
        "run -x",
        "run agent --message",
        "run agent --follow=perhaps",
        "run agent --timeout soon",
        "run agent --timeout 0s",
        "executions",
        "executions get",
        "executions frobnicate",
        "list agents",
        "list things",
        "list instances",
        "list executions --agent a",
        "get thing",
        "get thing other",
        "get session other",
        "executions get agt-1",
        "executions list --limit 0",
        "executions list --workflow w --session s",
        "--output xml version",
    ] {
        transcript += &format!("$ stigmer {line}\n{}\n\n", stigmer(line).await);
    }
    insta::assert_snapshot!(transcript);
}

#[tokio::test]
async fn values_for_a_run_are_checked_all_at_once_and_secrets_are_not_repeated() {
    let output = Cli::new()
        .args([
            "run",
            "agent",
            "--runtime-env",
            "plain",
            "--runtime-env",
            "secret:hunter2",
        ])
        .args([
            "--runtime-env",
            "EMPTY=",
            "--runtime-env",
            "A=1",
            "--runtime-env",
            "A=2",
        ])
        .run()
        .await;
    assert_eq!(output.code, Exit::Usage.code());
    insta::assert_snapshot!(output, @r"
    [stderr]
    Error: --runtime-env: 'plain' is not NAME=VALUE; a secret is not NAME=VALUE; the value of EMPTY is empty; A is given twice

    Write it like --runtime-env NAME=VALUE or --runtime-env secret:NAME=VALUE.
    [exit 2]
    ");
}

#[tokio::test]
async fn an_empty_message_is_refused() {
    let output = Cli::new()
        .args(["run", "agent", "--message", ""])
        .run()
        .await;
    insta::assert_snapshot!(output, @r#"
    [stderr]
    Error: the message is empty

    Say something with --message, or leave it out to say "execute".
    [exit 2]
    "#);
}

#[tokio::test]
async fn no_command_shows_the_help_and_fails() {
    let output = Cli::new().run().await;
    assert_eq!(output.code, Exit::Usage.code());
    assert!(output.stdout.is_empty());
    assert!(output.stderr.contains("Usage: stigmer"), "{output}");
}

#[tokio::test]
async fn completions_name_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = Cli::new().args(["completions", shell]).run().await;
        assert_eq!(output.code, 0, "{output}");
        assert!(output.stdout.contains("executions"), "{shell}: {output}");
    }
}

#[tokio::test]
async fn the_version_is_a_line_or_data() {
    let version = env!("CARGO_PKG_VERSION");
    let line = Cli::new().arg("version").run().await;
    assert_eq!(line.stdout, format!("stigmer {version}\n"));
    let json = Cli::new().args(["version", "--output", "json"]).run().await;
    assert_eq!(
        json.stdout,
        format!("{{\n  \"version\": \"{version}\"\n}}\n")
    );
    let yaml = Cli::new().args(["-o", "yaml", "version"]).run().await;
    assert_eq!(yaml.stdout, format!("version: \"{version}\"\n"));
}
