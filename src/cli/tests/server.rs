//! Addresses where no Stigmer server answers.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::cli::Cli;
use crate::cli::environment::Environment;
use crate::cli::server_error::ServerError;
use crate::cli::settings::ServerAddress;

#[tokio::test]
async fn where_nobody_listens_one_message_names_address_origin_and_cure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let output = Cli::new()
        .args(["run", "x"])
        .env("STIGMER_SERVER", address.to_string())
        .run()
        .await;
    assert_eq!(output.code, 1);
    let told = output
        .to_string()
        .replace(&address.to_string(), "[ADDRESS]");
    let told = told.replace("os error 61", "os error 111");
    insta::assert_snapshot!(told, @r"
    [stderr]
    Error: no server can be reached at [ADDRESS] (from STIGMER_SERVER): Connection refused (os error 111)

    Start a server there (`cargo e2e up` prints the address of its own), or correct STIGMER_SERVER.
    [exit 1]
    ");
}

#[tokio::test]
async fn a_listener_that_is_no_grpc_server_is_told_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _request = stream.read(&mut [0; 1024]).await;
            let answer = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
            let _gone = stream.write_all(answer).await;
        }
    });
    let output = Cli::new()
        .args(["get", "agent", "x", "--server", &address.to_string()])
        .run()
        .await;
    assert_eq!(output.code, 1);
    assert!(
        output
            .stderr
            .contains(&format!("at {address} (from --server): ")),
        "{output}"
    );
    assert!(
        output.stderr.contains("or give another --server"),
        "{output}"
    );
}

#[test]
fn every_status_is_a_sentence_with_the_cure() {
    use tonic::Code;
    let address = ServerAddress::find(Some("127.0.0.1:7"), &Environment::default()).unwrap();
    let violations = "validation errors:\n - spec.instructions: too short\n - metadata: required";
    let mut told = String::new();
    for (code, message) in [
        (Code::Unavailable, "no connection to Temporal"),
        (Code::InvalidArgument, violations),
        (Code::NotFound, "Agent not found: x"),
        (Code::AlreadyExists, "agent 'x'"),
        (Code::ResourceExhausted, "12 MB left"),
        (Code::FailedPrecondition, "it has ended"),
        (Code::Unimplemented, ""),
        (Code::Unknown, "boom"),
        (Code::Aborted, "too many changes at once: try again"),
    ] {
        let status = tonic::Status::new(code, message);
        let error = ServerError::from_status(&address, "deploy agent 'x'".to_owned(), status);
        told += &format!("{error}\n    {}\n", error.hint().as_deref().unwrap_or("-"));
    }
    insta::assert_snapshot!(told, @r"
    cannot deploy agent 'x': the server cannot do it now: no connection to Temporal
        Something that the server needs is away, Temporal for one. Look at the server's log and try again.
    cannot deploy agent 'x': the server does not accept it: validation errors:
      - spec.instructions: too short
      - metadata: required
        Correct what is named above and try again.
    cannot deploy agent 'x': Agent not found: x
        Look at the spelling and at --org; `stigmer apply` deploys what a project declares.
    cannot deploy agent 'x': it exists already: agent 'x'
        Choose another name, or change the existing one with `stigmer apply`.
    cannot deploy agent 'x': the server has no room for it: 12 MB left
        The server has no room left: free space on its disk, or send something smaller.
    cannot deploy agent 'x': it has ended
        Look at its state first: `stigmer executions get ID`.
    cannot deploy agent 'x': the server has no such method
        This server does not know the request; a newer one may.
    cannot deploy agent 'x': the server failed: boom
        -
    cannot deploy agent 'x': too many changes at once: try again
        -
    ");
}
