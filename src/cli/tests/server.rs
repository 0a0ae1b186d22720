//! Addresses where no Stigmer server answers.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::cli::Cli;

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
