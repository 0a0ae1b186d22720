//! Tests that other tests run, by the real runner, to see what becomes of them.

use std::process::{Command, Stdio};

use stigmer_e2e::stack::prelude::*;

#[rstest]
#[ignore = "run by other tests"]
#[tokio::test]
async fn passes(#[future(awt)] server_stack: Stack) -> TestResult {
    assert!(server_stack.store().await?.keys().next().is_none());
    Ok(())
}

#[rstest]
#[ignore = "run by other tests"]
#[tokio::test]
async fn returns_an_error(#[future(awt)] server_stack: Stack) -> TestResult {
    let _keep = &server_stack;
    Err(std::io::Error::other("the disk is on fire"))?;
    Ok(())
}

#[rstest]
#[ignore = "run by other tests"]
#[tokio::test]
async fn panics(#[future(awt)] server_stack: Stack) -> TestResult {
    assert_eq!(server_stack.namespace(), "something else");
    Ok(())
}

#[rstest]
#[ignore = "run by other tests"]
#[tokio::test(flavor = "multi_thread")]
async fn panics_in_a_task(#[future(awt)] server_stack: Stack) -> TestResult {
    let _keep = &server_stack;
    // Nobody looks at how it ends.
    let _ = tokio::spawn(async { panic!("nobody hears this") }).await;
    Ok(())
}

#[rstest]
#[ignore = "run by other tests"]
#[tokio::test]
async fn calls_exit(#[future(awt)] server_stack: Stack) -> TestResult {
    let _keep = &server_stack;
    std::process::exit(0)
}

#[rstest]
#[ignore = "run by other tests"]
#[tokio::test]
async fn leaves_a_child_behind(#[future(awt)] server_stack: Stack) -> TestResult {
    let _keep = &server_stack;
    leave(Command::new("sleep").arg("611"));
    Ok(())
}

#[rstest]
#[ignore = "run by other tests"]
#[tokio::test]
async fn leaves_a_grandchild_in_another_session_behind(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    let _keep = &server_stack;
    leave(Command::new("sh").args(["-c", "setsid sleep 612 & exit"]));
    // The shell is gone before the test ends, and its child is an orphan.
    Ok(())
}

#[rstest]
#[ignore = "run by other tests"]
#[tokio::test]
async fn leaves_a_zombie_behind(#[future(awt)] server_stack: Stack) -> TestResult {
    let _keep = &server_stack;
    let child = leave(&mut Command::new("true"));
    while stigmer_e2e::sys::StartTime::of(child).is_some() {
        tokio::task::yield_now().await;
    }
    Ok(())
}

#[rstest]
#[ignore = "run by other tests"]
#[tokio::test]
async fn hangs(#[future(awt)] server_stack: Stack) -> TestResult {
    let _keep = &server_stack;
    let mark = std::env::var("STIGMER_E2E_TEST_HANGING").unwrap();
    std::fs::write(mark, std::process::id().to_string())?;
    std::future::pending().await
}

#[rstest]
#[ignore = "run by other tests"]
#[tokio::test]
async fn hangs_past_its_time(#[future(awt)] server_stack: Stack) -> TestResult {
    let _keep = &server_stack;
    std::future::pending().await
}

fn leave(command: &mut Command) -> u32 {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
        .id()
}
