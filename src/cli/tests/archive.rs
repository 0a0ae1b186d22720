//! Archives of skills.

use std::io::Read as _;

use super::sandbox::{Sandbox, assert_code};
use crate::cli::archive;

#[test]
fn the_same_files_make_the_same_bytes_without_what_tools_leave() {
    let sandbox = Sandbox::new();
    sandbox.write("one/SKILL.md", "# Skill\n");
    sandbox.write("one/scripts/run.sh", "echo\n");
    let (first, files) = archive::pack(&sandbox.path("one")).unwrap();
    assert_eq!(files, 2);
    sandbox.write("two/scripts/run.sh", "echo\n");
    for foreign in [
        ".git/config",
        ".env",
        "node_modules/x.js",
        "scripts/__pycache__/x",
        "x.pyc",
        "run.log",
    ] {
        sandbox.write(&format!("two/{foreign}"), "foreign");
    }
    sandbox.write("two/SKILL.md", "# Skill\n");
    let (second, _) = archive::pack(&sandbox.path("two")).unwrap();
    assert_eq!(first, second);

    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(first)).unwrap();
    let names: Vec<String> = archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    assert_eq!(names, ["SKILL.md", "scripts/run.sh"]);
    let mut text = String::new();
    archive
        .by_name("SKILL.md")
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, "# Skill\n");
}

#[tokio::test]
async fn a_dry_run_shows_what_would_be_pushed() {
    let sandbox = Sandbox::new();
    sandbox.write("project/SKILL.md", "# Skill\n");
    let output = sandbox
        .stigmer(["skill", "push", "--dry-run", "--tag", "v1"])
        .run()
        .await;
    assert_code(&output, 0);
    let told = output
        .to_string()
        .replace(sandbox.path("").as_str(), "[ROOT]/");
    insta::assert_snapshot!(told, @r"
    ℹ Pushing skill from: [ROOT]/project

    ℹ Dry run mode - would push skill with:
    ℹ   Name:      project
    ℹ   Directory: [ROOT]/project
    ℹ   Tag:       v1
    ℹ   Size:      122 B (1 file(s))
    [exit 0]
    ");
}

#[tokio::test]
async fn a_directory_that_is_no_skill_is_refused_with_the_cure() {
    let sandbox = Sandbox::new();
    sandbox.write("empty/SKILL.md", "");
    sandbox.write("large/SKILL.md", "# Skill\n");
    sandbox.write("large/data", &"x".repeat(11 * 1024 * 1024));
    let mut transcript = String::new();
    for directory in [".", "../nowhere", "../empty", "../large"] {
        let output = sandbox.stigmer(["skill", "push", directory]).run().await;
        assert_code(&output, 1);
        transcript += &output.stderr;
    }
    insta::assert_snapshot!(transcript.replace(sandbox.path("").as_str(), "[ROOT]/"), @r"
    Error: SKILL.md not found in [ROOT]/project/.

    A skill is a directory with a SKILL.md that says what it is for and how to use it.
    Error: [ROOT]/project/../nowhere does not exist or is no directory

    Give the directory of a skill.
    Error: [ROOT]/project/../empty/SKILL.md is empty

    A skill is a directory with a SKILL.md that says what it is for and how to use it.
    Error: the archive has more than 10 MB

    The server takes no more in one message: leave out what the skill does not need.
    ");
}
