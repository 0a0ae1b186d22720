//! How a lease ends, and what the supervisor makes of it.

use crate::support::{Ground, eventually, kill, only_server};

#[tokio::test]
async fn a_lease_that_is_dropped_without_a_word_counts_as_failed() {
    let ground = Ground::new();
    drop(ground.lease(only_server()).await.unwrap());
    eventually("the evidence is kept", || {
        let files = ground.evidence_files();
        let manifest = files
            .iter()
            .find(|path| path.ends_with("the_test/manifest.json"));
        match manifest.and_then(|path| std::fs::read_to_string(path).ok()) {
            Some(text) if text.contains("ended without an outcome") => Ok(()),
            other => Err(format!("{other:?} among {files:?}")),
        }
    });
    assert!(
        ground
            .evidence("stigmer-server.log")
            .contains("stigmer-server")
    );
    ground.end();
}

#[tokio::test]
async fn a_lease_that_passed_leaves_no_evidence_and_no_stack() {
    let ground = Ground::new();
    let lease = ground.lease(only_server()).await.unwrap();
    let folder = lease.ready().folder.clone();
    let address: std::net::SocketAddr = lease.ready().server.parse().unwrap();
    let ended = lease.end(true).unwrap();
    assert_eq!((ended.evidence.as_str(), ended.leaks.len()), ("", 0));
    assert!(
        std::net::TcpStream::connect(address).is_err(),
        "somebody still listens"
    );
    eventually("the folder is gone", || match std::fs::exists(&folder) {
        Ok(false) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    assert_eq!(ground.evidence_files(), Vec::<camino::Utf8PathBuf>::new());
    ground.end();
}

#[tokio::test]
async fn stacks_of_one_run_share_nothing_but_temporal() {
    let ground = Ground::new();
    let needs = crate::support::server_and_workflow_runner;
    let (one, other) = tokio::join!(ground.lease(needs()), ground.lease(needs()));
    let (one, other) = (one.unwrap(), other.unwrap());
    let (a, b) = (one.ready().clone(), other.ready().clone());
    assert_eq!(a.temporal, b.temporal);
    for (mine, yours) in [
        (&a.namespace, &b.namespace),
        (&a.server, &b.server),
        (&a.folder, &b.folder),
        (&a.database, &b.database),
        (&a.stack, &b.stack),
    ] {
        assert_ne!(mine, yours);
    }
    one.end(true).unwrap();
    other.end(true).unwrap();
    ground.end();
}

#[tokio::test]
async fn a_supervisor_that_is_killed_takes_its_services_along_and_is_replaced() {
    let ground = Ground::new();
    let lease = ground.lease(only_server()).await.unwrap();
    let mut died = lease.died();
    let supervisor = ground.pid_of("stigmer-e2e supervisor");
    kill(supervisor);
    died.changed().await.unwrap();
    assert!(
        died.borrow()
            .clone()
            .unwrap()
            .contains("the supervisor is gone")
    );
    assert!(
        lease.end(true).is_err(),
        "a stack whose owner is dead did not end well"
    );
    let next = ground.lease(only_server()).await.unwrap();
    next.end(true).unwrap();
    ground.end();
}
