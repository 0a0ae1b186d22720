//! A way to a server that a test can cut: connections break, and new ones find nobody.

use std::net::SocketAddr;

use stigmer_e2e::stack::TestFailure;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Where the proxy leads to; nowhere while it is cut or was not told yet.
type Way = Option<SocketAddr>;

/// A proxy on 127.0.0.1.
#[must_use = "dropping it cuts all connections"]
pub(crate) struct Proxy {
    address: SocketAddr,
    way: watch::Sender<Way>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Listens, and leads nowhere yet.
    pub(crate) async fn start() -> Result<Self, TestFailure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (way, known) = watch::channel(None);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, known.clone()));
            }
        });
        Ok(Self { address, way, task })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on connections reach this address.
    pub(crate) fn leads_to(&self, server: SocketAddr) {
        self.way.send_replace(Some(server));
    }

    /// Breaks all connections. New ones are closed as soon as they are made.
    pub(crate) fn cut(&self) {
        self.way.send_replace(None);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(mut client: TcpStream, mut way: watch::Receiver<Way>) {
    let Some(server) = *way.borrow_and_update() else {
        return;
    };
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    tokio::select! {
        _ended = copy_bidirectional(&mut client, &mut server) => {}
        _changed = way.wait_for(Option::is_none) => {}
    }
}
