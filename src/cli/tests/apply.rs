//! `apply` of projects that do not need the SDK: their programs write what the SDK would.

use prost::Message as _;

use super::sandbox::{Sandbox, agent, assert_code, declaring, one_agent};
use crate::cli::{Cli, Terminal};

async fn apply(sandbox: &Sandbox) -> crate::cli::Output {
    sandbox.stigmer(["apply", "--dry-run"]).run().await
}

#[tokio::test]
async fn a_dry_run_shows_what_a_project_declares() {
    let sandbox = Sandbox::new();
    sandbox.project(&declaring(&[
        (
            "agent-10.pb",
            agent("tenth", "Answer in one sentence.").encode_to_vec(),
        ),
        (
            "agent-2.pb",
            agent("second", "Answer in one sentence.").encode_to_vec(),
        ),
    ]));
    let output = apply(&sandbox).await;
    assert_code(&output, 0);
    insta::assert_snapshot!(output, @r"
    ℹ Loading project configuration...
    ✓ ✓ Loaded Stigmer.yaml
    ℹ   Project:  tested
    ℹ   Runtime:  go
    ℹ   Main:     main.go

    ℹ Executing entry point to discover resources...
    ✓ ✓ Synthesis complete: 2 resource(s) discovered (0 skill(s), 2 agent(s), 0 workflow(s))

    ℹ Agents discovered: 2
    ℹ   1. second
    ℹ      Description: Description of second
    ℹ   2. tenth
    ℹ      Description: Description of tenth


    Dry run: The following resources would be applied:

    TYPE    NAME     ACTION
    ─────   ──────   ──────
    Agent   second   Create
    Agent   tenth    Create

    💡 Dry run successful - no resources were deployed

    [exit 0]
    ");
    sandbox.assert_clean();
}

#[tokio::test]
async fn a_dry_run_as_data_keeps_prose_away_from_standard_output() {
    let sandbox = Sandbox::new();
    sandbox.project(&one_agent("only"));
    let output = sandbox
        .stigmer(["apply", "--dry-run", "--output", "json"])
        .run()
        .await;
    assert_code(&output, 0);
    let data: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(data[0]["metadata"]["name"], "only");
    assert!(output.stderr.contains("Dry run successful"), "{output}");
}

#[tokio::test]
async fn what_the_program_prints_is_passed_on() {
    let sandbox = Sandbox::new();
    let main = one_agent("only").replace(
        "func main() {",
        "func main() {\n\tprintln(\"to errors\")\n\tos.Stdout.WriteString(\"to output\\n\")\n",
    );
    sandbox.project(&main);
    let output = apply(&sandbox).await;
    assert_code(&output, 0);
    assert!(
        output
            .stdout
            .contains("resources...\nto output\n\n✓ ✓ Synthesis"),
        "{output}"
    );
    assert_eq!(output.stderr, "to errors\n");
}

#[tokio::test]
async fn the_program_runs_in_the_project_with_the_given_environment() {
    let sandbox = Sandbox::new();
    sandbox.project(
        "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() {\n\tdirectory, _ := os.Getwd()\n\tfmt.Println(directory, os.Getenv(\"GIVEN\"), len(os.Getenv(\"CARGO\")))\n}\n",
    );
    let output = sandbox
        .stigmer(["apply", "--dry-run"])
        .env("GIVEN", "value")
        .run()
        .await;
    let expected = format!(
        "{} value 0\n",
        sandbox.path("project").canonicalize_utf8().unwrap()
    );
    assert!(output.stdout.contains(&expected), "{output}");
}

#[tokio::test]
async fn compile_errors_are_the_compilers_own_lines() {
    let sandbox = Sandbox::new();
    sandbox.project("package main\n\nfunc main() {\n\tundefinedThing()\n}\n");
    let output = apply(&sandbox).await;
    assert_code(&output, 1);
    insta::assert_snapshot!(output.stderr, @r"
    Error: main.go does not compile

    # example.test/tested
    ./main.go:4:2: undefined: undefinedThing
    ");
    sandbox.assert_clean();
}

#[tokio::test]
async fn a_panic_is_told_with_its_message() {
    let sandbox = Sandbox::new();
    sandbox.project("package main\n\nfunc main() {\n\tpanic(\"boom\")\n}\n");
    let output = apply(&sandbox).await;
    assert_code(&output, 1);
    let last = "Error: main.go ended with exit status 2: panic: boom\n";
    assert!(output.stderr.ends_with(last), "{output}");
    sandbox.assert_clean();
}

#[tokio::test]
async fn a_failing_program_is_told_with_its_last_words() {
    let sandbox = Sandbox::new();
    sandbox.project(
        "package main\n\nimport \"os\"\n\nfunc main() {\n\tprintln(\"begun\")\n\tprintln(\"no plan:\")\n\tprintln(\"  not here\")\n\tos.Exit(7)\n}\n",
    );
    let output = apply(&sandbox).await;
    assert_code(&output, 1);
    let last = "Error: main.go ended with exit status 7: no plan:\n";
    assert!(output.stderr.ends_with(last), "{output}");
}

#[tokio::test]
async fn no_resources_are_an_error() {
    let sandbox = Sandbox::new();
    sandbox.project("package main\n\nfunc main() {}\n");
    let output = apply(&sandbox).await;
    assert_code(&output, 1);
    insta::assert_snapshot!(output.stderr, @r"
    Error: no resources found in synthesis output

    The program has to declare resources in `stigmer.Run(func(ctx *stigmer.Context) error { … })`, with agent.New or workflow.New on that ctx.
    ");
    sandbox.assert_clean();
}

#[tokio::test]
async fn files_of_an_earlier_run_do_not_count() {
    let sandbox = Sandbox::new();
    sandbox.project(&one_agent("first"));
    assert_code(&apply(&sandbox).await, 0);
    sandbox.write("project/main.go", "package main\n\nfunc main() {}\n");
    let output = apply(&sandbox).await;
    assert_code(&output, 1);
    assert!(output.stderr.contains("no resources found"), "{output}");
}

#[tokio::test]
async fn all_mistakes_are_told_at_once_with_file_and_resource() {
    let sandbox = Sandbox::new();
    let good = agent("twice", "Answer in one sentence.").encode_to_vec();
    sandbox.project(&declaring(&[
        ("agent-0.pb", good.clone()),
        ("agent-1.pb", good),
        ("agent-2.pb", agent("", "short").encode_to_vec()),
        (
            "workflow-0.pb",
            crate::wire::workflow::Workflow::default().encode_to_vec(),
        ),
    ]));
    let output = apply(&sandbox).await;
    assert_code(&output, 1);
    insta::assert_snapshot!(output.stderr, @r"
    Error: the project declares what cannot be deployed:
      agent-1.pb: agent 'twice': metadata.name: another agent of this project is twice, too
      agent-2.pb: agent '': spec.instructions: must have at least 10 characters, has 5
      agent-2.pb: agent '': metadata.name: is required
      workflow-0.pb: workflow '': spec: is required
      workflow-0.pb: workflow '': metadata.name: is required

    Correct these in the project's program.
    ");
}

#[tokio::test]
async fn a_file_that_is_no_message_is_named() {
    let sandbox = Sandbox::new();
    sandbox.project(&declaring(&[("agent-0.pb", vec![0xff, 0xff])]));
    let output = apply(&sandbox).await;
    assert_code(&output, 1);
    assert!(
        output.stderr.contains("agent-0.pb is not the Agent"),
        "{output}"
    );
}

#[tokio::test]
async fn a_project_file_that_is_wrong_tells_all_that_is_wrong() {
    let sandbox = Sandbox::new();
    let mut transcript = String::new();
    for text in [
        "",
        "name: x\n",
        "runtime: python\nmain: x.py\n",
        "name: x\nruntime: go\nmain: away.go\n",
        "name: [x\n",
    ] {
        sandbox.write("project/Stigmer.yaml", text);
        let output = apply(&sandbox).await;
        assert_code(&output, 1);
        transcript += &format!("{text:?}\n{}\n", output.stderr);
    }
    let filters = [(sandbox.path("").into_string(), "[ROOT]/")];
    insta::with_settings!({ filters => filters.iter().map(|(path, name)| (path.as_str(), *name)) }, {
        insta::assert_snapshot!(transcript);
    });
}

#[tokio::test]
async fn a_version_may_look_like_a_number() {
    let sandbox = Sandbox::new();
    sandbox.project(&one_agent("only"));
    sandbox.write(
        "project/Stigmer.yaml",
        "name: x\nruntime: go\nversion: 1.0\n",
    );
    let output = apply(&sandbox).await;
    assert!(output.stdout.contains("ℹ   Version:  1.0\n"), "{output}");
}

#[tokio::test]
async fn without_a_project_apply_and_run_say_what_to_do() {
    let sandbox = Sandbox::new();
    let apply = sandbox.stigmer(["apply"]).run().await;
    let run = sandbox.stigmer(["run"]).run().await;
    insta::assert_snapshot!(format!("{apply}\n\n{run}"));
}

#[tokio::test]
async fn what_config_names_must_be_there() {
    let sandbox = Sandbox::new();
    sandbox.write("project/notes.txt", "no program");
    let mut transcript = String::new();
    for config in ["nowhere", "notes.txt", "."] {
        let output = sandbox.stigmer(["apply", "--config", config]).run().await;
        assert_code(&output, 1);
        transcript += &output.stderr;
    }
    let filters = [(sandbox.path("").into_string(), "[ROOT]/")];
    insta::with_settings!({ filters => filters.iter().map(|(path, name)| (path.as_str(), *name)) }, {
        insta::assert_snapshot!(transcript);
    });
}

#[tokio::test]
async fn without_go_or_sdk_or_cache_the_cure_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("project/x.go", "package main\n\nfunc main() {}\n");
    let arguments = ["apply", "--dry-run", "--config", "x.go"];
    let no_go = Cli::new()
        .args(arguments)
        .cwd(sandbox.path("project"))
        .env("HOME", sandbox.path("home").into_string());
    let no_cache = Cli::new().args(arguments).cwd(sandbox.path("project"));
    let wrong_go = sandbox.stigmer(arguments).env("STIGMER_GO", "/dev/null");
    let no_sdk = sandbox.stigmer(arguments);
    let wrong_sdk = sandbox.stigmer(arguments).env("STIGMER_SDK_DIR", "/");
    let mut transcript = String::new();
    for command in [no_go, no_cache, wrong_go, no_sdk, wrong_sdk] {
        let output = command.run().await;
        assert_code(&output, 1);
        transcript += &output.stderr;
    }
    insta::assert_snapshot!(transcript);
}

#[tokio::test]
async fn only_a_terminal_is_told_why_it_waits() {
    let terminal = Terminal {
        stderr: true,
        ..Terminal::default()
    };
    let sandbox = Sandbox::new();
    sandbox.project(&one_agent("only"));
    let looked_at = || sandbox.stigmer(["apply", "--dry-run"]).terminal(terminal);
    let first = looked_at().run().await;
    assert_eq!(first.stderr, "Compiling main.go...\n", "{first}");
    assert_eq!(looked_at().run().await.stderr, "", "it is in the cache");
    sandbox.project(&one_agent("other"));
    assert_eq!(apply(&sandbox).await.stderr, "");
}

#[tokio::test]
async fn colours_are_for_terminals_that_want_them() {
    let terminal = Terminal {
        stdout: true,
        stderr: true,
        ..Terminal::default()
    };
    let sandbox = Sandbox::new();
    let command = || sandbox.stigmer(["run"]).terminal(terminal);
    assert!(command().run().await.stdout.contains('\x1b'));
    assert!(
        !command()
            .env("NO_COLOR", "1")
            .run()
            .await
            .stdout
            .contains('\x1b')
    );
    assert!(
        !command()
            .env("TERM", "dumb")
            .run()
            .await
            .stdout
            .contains('\x1b')
    );
    assert!(!sandbox.stigmer(["run"]).run().await.stdout.contains('\x1b'));
}
