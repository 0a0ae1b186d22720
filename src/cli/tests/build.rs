//! How programs are built: once, in which module, and what killed builds leave.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use futures_util::future::join_all;

use super::sandbox::{Sandbox, assert_code, go, one_agent};
use crate::cli::Output;

/// Puts a Go in front of the real one that notes each command in `log`.
fn noting_go(sandbox: &Sandbox) -> String {
    let log = sandbox.path("log");
    let script = format!(
        "#!/bin/sh\necho \"$1\" >> '{log}'\nexec '{}' \"$@\"\n",
        go()
    );
    sandbox.write("noting/go", &script);
    let path = sandbox.path("noting/go");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.into_string()
}

fn builds(sandbox: &Sandbox) -> usize {
    let log = std::fs::read_to_string(sandbox.path("log")).unwrap_or_default();
    log.lines().filter(|line| *line == "build").count()
}

/// An SDK as small as can be: one package, and the stubs beside it.
fn small_sdk(sandbox: &Sandbox) {
    sandbox.write(
        "sdk/go.mod",
        "module github.com/stigmer/stigmer/sdk/go\n\ngo 1.26.0\n\nrequire github.com/stigmer/stigmer/apis/stubs/go v0.0.0\n\nreplace github.com/stigmer/stigmer/apis/stubs/go => ../stubs-go\n",
    );
    let agent = super::sandbox::agent("from-the-sdk", "Answer in one sentence.");
    let bytes = prost::Message::encode_to_vec(&agent);
    let bytes = bytes
        .iter()
        .map(u8::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    sandbox.write(
        "sdk/stigmer/run.go",
        &format!(
            "package stigmer\n\nimport (\n\t\"os\"\n\n\t\"github.com/stigmer/stigmer/apis/stubs/go/names\"\n)\n\nfunc Run() error {{\n\treturn os.WriteFile(os.Getenv(\"STIGMER_OUT_DIR\")+\"/\"+names.Agent, []byte{{{bytes}}}, 0o600)\n}}\n"
        ),
    );
    let stubs = [
        (
            "go.mod",
            "module github.com/stigmer/stigmer/apis/stubs/go\n\ngo 1.26.0\n",
        ),
        (
            "names/names.go",
            "package names\n\nconst Agent = \"agent-0.pb\"\n",
        ),
    ];
    for (name, text) in stubs {
        sandbox.write(&format!("stubs-go/{name}"), text);
    }
}

/// Gives the SDK a vendor folder, as `go mod vendor` does, and takes the stubs away.
fn vendor_sdk(sandbox: &Sandbox) {
    let stubs = "github.com/stigmer/stigmer/apis/stubs/go";
    sandbox.write(
        "sdk/vendor/modules.txt",
        &format!("# {stubs} v0.0.0 => ../stubs-go\n## explicit; go 1.26.0\n{stubs}/names\n# {stubs} => ../stubs-go\n"),
    );
    sandbox.write(
        &format!("sdk/vendor/{stubs}/names/names.go"),
        "package names\n\nconst Agent = \"agent-0.pb\"\n",
    );
    std::fs::remove_dir_all(sandbox.path("stubs-go")).unwrap();
}

const USES_THE_SDK: &str = "package main\n\nimport \"github.com/stigmer/stigmer/sdk/go/stigmer\"\n\nfunc main() {\n\tif err := stigmer.Run(); err != nil {\n\t\tpanic(err)\n\t}\n}\n";

async fn dry_run<const N: usize>(sandbox: &Sandbox, more: [&str; N]) -> Output {
    sandbox
        .stigmer(["apply", "--dry-run"])
        .args(more)
        .env("STIGMER_SDK_DIR", sandbox.path("sdk").into_string())
        .run()
        .await
}

fn assert_declares(output: &Output, name: &str) {
    assert_code(output, 0);
    assert!(
        output.stdout.contains(&format!("ℹ   1. {name}\n")),
        "{output}"
    );
}

#[tokio::test]
async fn the_same_content_is_built_once() {
    let sandbox = Sandbox::new();
    let noting = noting_go(&sandbox);
    let apply = || {
        sandbox
            .stigmer(["apply", "--dry-run"])
            .env("STIGMER_GO", &noting)
            .run()
    };
    sandbox.project(&one_agent("first"));
    assert_declares(&apply().await, "first");
    assert_declares(&apply().await, "first");
    assert_eq!(builds(&sandbox), 1);

    sandbox.project(&one_agent("second"));
    assert_declares(&apply().await, "second");
    assert_eq!(builds(&sandbox), 2);

    sandbox.project(&one_agent("first"));
    assert_declares(&apply().await, "first");
    assert_eq!(builds(&sandbox), 2, "the first program is still there");
}

#[tokio::test]
async fn every_input_counts() {
    let sandbox = Sandbox::new();
    let noting = noting_go(&sandbox);
    let apply = || {
        sandbox
            .stigmer(["apply", "--dry-run"])
            .env("STIGMER_GO", &noting)
    };
    sandbox.project(&one_agent("first"));
    assert_code(&apply().run().await, 0);
    for (file, text) in [
        ("project/prompts/embedded.txt", "text"),
        ("project/helper/helper.go", "package helper\n"),
        ("project/go.mod", "module example.test/other\n\ngo 1.26.0\n"),
    ] {
        let before = builds(&sandbox);
        sandbox.write(file, text);
        assert_code(&apply().run().await, 0);
        assert_eq!(builds(&sandbox), before + 1, "{file}");
    }
    let before = builds(&sandbox);
    assert_code(&apply().env("GOEXPERIMENT", "nodwarf5").run().await, 0);
    assert_eq!(builds(&sandbox), before + 1, "a variable of the compiler");
}

#[tokio::test]
async fn many_at_once_share_one_build() {
    let sandbox = Sandbox::new();
    let noting = noting_go(&sandbox);
    sandbox.project(&one_agent("shared"));
    let commands = (0..8).map(|_| {
        sandbox
            .stigmer(["apply", "--dry-run"])
            .env("STIGMER_GO", &noting)
            .run()
    });
    for output in join_all(commands).await {
        assert_declares(&output, "shared");
    }
    assert_eq!(builds(&sandbox), 1);
    sandbox.assert_clean();
}

#[tokio::test]
async fn a_build_that_was_killed_neither_blocks_nor_spoils_the_next() {
    let sandbox = Sandbox::new();
    sandbox.project(&one_agent("survivor"));
    // A Go that never goes on, as one on a machine that sleeps.
    sandbox.write(
        "slow/go",
        "#!/bin/sh\n[ \"$1\" = version ] && echo 'go version go1.26.0 test/test' || kill -STOP $$\n",
    );
    let slow = sandbox.path("slow/go");
    std::fs::set_permissions(&slow, std::fs::Permissions::from_mode(0o755)).unwrap();
    let hanging = sandbox
        .stigmer(["apply", "--dry-run"])
        .env("STIGMER_GO", slow.into_string())
        .run();
    let mut hanging = Box::pin(hanging);
    let work = sandbox.path("cache/work");
    let building = async {
        while !work
            .read_dir_utf8()
            .is_ok_and(|mut entries| entries.next().is_some())
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        output = &mut hanging => panic!("ended: {output}"),
        () = building => {}
    }
    drop(hanging);
    sandbox.assert_clean();
    // What a SIGKILL leaves: a folder nobody holds the lock of.
    sandbox.write("cache/work/0123.abc/program", "half");
    let output = sandbox.stigmer(["apply", "--dry-run"]).run().await;
    assert_declares(&output, "survivor");
    sandbox.assert_clean();
}

#[tokio::test]
async fn a_single_file_is_built_in_a_module_around_it() {
    let sandbox = Sandbox::new();
    small_sdk(&sandbox);
    sandbox.write("project/x.go", USES_THE_SDK);
    sandbox.write("project/other.go", "not Go at all");
    let output = dry_run(&sandbox, ["--config", "x.go"]).await;
    assert_declares(&output, "from-the-sdk");
    assert!(output.stdout.contains("✓ ✓ Loaded x.go\n"), "{output}");
    assert!(!sandbox.path("project/go.mod").exists());
}

#[tokio::test]
async fn a_directory_without_a_module_may_have_several_files_and_embed_others() {
    let sandbox = Sandbox::new();
    small_sdk(&sandbox);
    sandbox.write(
        "project/Stigmer.yaml",
        "name: x\nruntime: go\nmain: deploy/main.go\n",
    );
    sandbox.write(
        "project/deploy/main.go",
        "package main\n\nfunc main() { run() }\n",
    );
    sandbox.write(
        "project/deploy/run.go",
        "package main\n\nimport (\n\t_ \"embed\"\n\n\t\"github.com/stigmer/stigmer/sdk/go/stigmer\"\n)\n\n//go:embed prompt.txt\nvar prompt string\n\nfunc run() {\n\tprintln(prompt)\n\tif err := stigmer.Run(); err != nil {\n\t\tpanic(err)\n\t}\n}\n",
    );
    sandbox.write("project/deploy/prompt.txt", "embedded");
    let output = dry_run(&sandbox, []).await;
    assert_declares(&output, "from-the-sdk");
    assert_eq!(output.stderr, "embedded\n");
}

#[tokio::test]
async fn of_several_programs_in_a_directory_the_named_one_is_built() {
    let sandbox = Sandbox::new();
    small_sdk(&sandbox);
    sandbox.write(
        "project/Stigmer.yaml",
        "name: x\nruntime: go\nmain: second.go\n",
    );
    sandbox.write(
        "project/first.go",
        "package main\n\nfunc main() { panic(\"the wrong one\") }\n",
    );
    sandbox.write("project/second.go", USES_THE_SDK);
    assert_declares(&dry_run(&sandbox, []).await, "from-the-sdk");
}

#[tokio::test]
async fn a_vendored_sdk_needs_nothing_else() {
    let sandbox = Sandbox::new();
    small_sdk(&sandbox);
    vendor_sdk(&sandbox);
    sandbox.write("project/x.go", USES_THE_SDK);
    assert_declares(
        &dry_run(&sandbox, ["--config", "x.go"]).await,
        "from-the-sdk",
    );

    sandbox.write(
        "project/y.go",
        "package main\n\nimport _ \"example.test/missing\"\n\nfunc main() {}\n",
    );
    let output = dry_run(&sandbox, ["--config", "y.go"]).await;
    assert_code(&output, 1);
    assert!(
        output.stderr.contains("y.go:3:8: cannot find module"),
        "{output}"
    );
    assert!(output.stderr.contains("there are no others"), "{output}");
}

#[tokio::test]
async fn a_module_of_the_projects_own_is_told_where_the_sdk_is_and_not_changed() {
    let sandbox = Sandbox::new();
    small_sdk(&sandbox);
    sandbox.project(USES_THE_SDK);
    let before = std::fs::read_to_string(sandbox.path("project/go.mod")).unwrap();
    assert_declares(&dry_run(&sandbox, []).await, "from-the-sdk");
    let after = std::fs::read_to_string(sandbox.path("project/go.mod")).unwrap();
    assert_eq!(before, after);
    assert!(!sandbox.path("project/go.sum").exists());
}

#[tokio::test]
async fn the_sdk_of_a_checkout_is_found_from_below() {
    let sandbox = Sandbox::new();
    small_sdk(&sandbox);
    std::fs::create_dir(sandbox.path("services")).unwrap();
    std::fs::rename(sandbox.path("sdk"), sandbox.path("services/sdk-go")).unwrap();
    std::fs::rename(sandbox.path("stubs-go"), sandbox.path("services/stubs-go")).unwrap();
    sandbox.write("project/x.go", USES_THE_SDK);
    let arguments = ["apply", "--dry-run", "--config", "x.go"];
    assert_declares(&sandbox.stigmer(arguments).run().await, "from-the-sdk");
    let from_elsewhere = sandbox
        .stigmer(["apply", "--dry-run", "--config"])
        .arg(sandbox.path("project/x.go").into_string())
        .cwd("/");
    assert_declares(&from_elsewhere.run().await, "from-the-sdk");
}

#[tokio::test]
async fn nothing_is_written_to_home() {
    let sandbox = Sandbox::new();
    small_sdk(&sandbox);
    sandbox.write("project/x.go", USES_THE_SDK);
    assert_code(&dry_run(&sandbox, ["--config", "x.go"]).await, 0);
    let mut left = sandbox.path("home").read_dir_utf8().unwrap();
    assert!(left.next().is_none());
}
