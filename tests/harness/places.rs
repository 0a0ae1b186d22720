//! Folders that cannot be used: full disks, read-only ones, paths that are too long.

use std::process::{Command, Output};

use crate::support::Ground;

/// Runs an inner test in a mount namespace of its own, after `mounts`.
fn with_mounts(ground: &Ground, mounts: &str) -> Output {
    let test = std::env::current_exe().unwrap();
    let script = format!("{mounts} && exec \"$0\" --ignored --exact inner::passes --nocapture");
    Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", &script])
        .arg(test)
        .env_clear()
        .envs(ground.variables())
        .output()
        .unwrap()
}

fn refused(ground: &Ground, mounts: &str) -> String {
    let output = with_mounts(ground, mounts);
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        !text.contains("unshare:") && !text.contains("mount:"),
        "this test needs user namespaces that may mount (where AppArmor forbids it: \
         `sysctl kernel.apparmor_restrict_unprivileged_userns=0`)\n{text}"
    );
    assert!(text.contains("0 passed; 1 failed"), "{text}");
    ground.nothing_is_left();
    text
}

#[test]
fn a_full_disk_under_the_run_is_named_with_its_cure() {
    let ground = Ground::new();
    let state = ground.folder().join("state");
    // Room for the folders, none for a file's content.
    let text = refused(
        &ground,
        &format!(
            "mount -t tmpfs -o size=4k,nr_inodes=64 none {state} && head -c 4096 /dev/zero >{state}/full"
        ),
    );
    assert!(text.contains("make room on the disk"), "{text}");
}

#[test]
fn a_read_only_folder_under_the_run_is_named_with_its_cure() {
    let ground = Ground::new();
    let state = ground.folder().join("state");
    let text = refused(
        &ground,
        &format!("mount -t tmpfs none {state} && mount -o remount,ro {state}"),
    );
    assert!(text.contains("Read-only file system"), "{text}");
    assert!(
        text.contains("set XDG_RUNTIME_DIR or TMPDIR to a folder that can be written"),
        "{text}"
    );
}

#[tokio::test]
async fn a_temporary_folder_with_a_very_long_path_does() {
    let ground = Ground::new();
    let long = ground.folder().join("x".repeat(120));
    std::fs::create_dir(&long).unwrap();
    let ground = ground
        .set("XDG_RUNTIME_DIR", "")
        .set("TMPDIR", long.as_str());
    let lease = ground.lease(crate::support::only_server()).await.unwrap();
    assert!(
        lease.ready().folder.starts_with("/tmp/"),
        "{}",
        lease.ready().folder
    );
    lease.end(true).unwrap();
    ground.end();
}

#[tokio::test]
async fn evidence_goes_to_the_temporary_folder_where_its_own_cannot_be_written() {
    let ground = Ground::new();
    let file = ground.folder().join("a-file");
    std::fs::write(&file, "").unwrap();
    let ground = ground.set("STIGMER_E2E_DIR", file.join("below").as_str());
    let lease = ground.lease(crate::support::only_server()).await.unwrap();
    let ended = lease.end(false).unwrap();
    let temporary = ground.folder().join("tmp/stigmer-e2e-evidence");
    assert!(
        ended.evidence.starts_with(temporary.as_str()),
        "{}",
        ended.evidence
    );
    ground.end();
}
