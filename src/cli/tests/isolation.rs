//! Any number of command lines in one process.

use futures_util::future::join_all;

use crate::cli::Cli;

/// Ports that nobody listens on: bound by the test and not listening, so that a connection is refused.
fn deaf_ports(count: usize) -> Vec<(std::net::SocketAddr, rustix::fd::OwnedFd)> {
    use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};
    (0..count)
        .map(|_| {
            let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
            bind(&socket, &std::net::SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
            let address = getsockname(&socket).unwrap().try_into().unwrap();
            (address, socket)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_at_once_do_not_mix() {
    let ports = deaf_ports(200);
    let commands = ports.iter().enumerate().map(|(index, (address, _held))| {
        let command = Cli::new().args(["run", &format!("agent-{index}")]);
        // Half of them by the variable, half by the flag.
        let command = if index % 2 == 0 {
            command.env("STIGMER_SERVER_ADDR", address.to_string())
        } else {
            command.args(["--server", &address.to_string()])
        };
        tokio::spawn(command.run())
    });
    for (index, output) in join_all(commands).await.into_iter().enumerate() {
        let output = output.unwrap();
        let address = ports[index].0;
        let origin = if index % 2 == 0 {
            "STIGMER_SERVER_ADDR"
        } else {
            "--server"
        };
        assert_eq!(output.code, 1);
        assert_eq!(output.stdout, "");
        let expected = format!("no server can be reached at {address} (from {origin}): ");
        assert!(output.stderr.contains(&expected), "{output}");
    }
}
