//! The HTTP server of a scripted model: one task that owns a task per connection.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, thread};

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};

use super::error::ModelError;
use super::exchange::exchange;
use super::ledger::Ledger;
use super::play::{Ending, PlayedBody};

/// More connections may wait than any test opens at once, so that none waits a second for its SYN to be sent again.
const BACKLOG: u32 = 1024;

/// When the process has no file descriptor left, a closing connection gives one back; 10 ms bounds the busy loop.
const PAUSE_AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(10);

/// Longer than the conversation of any test with the files it read, shorter than what a mistake could fill memory with.
const LONGEST_BODY: usize = 64 * 1024 * 1024;

/// A listening server. It ends when this is dropped, with all its connections.
pub(super) struct Server {
    pub address: SocketAddr,
    host: Host,
}

enum Host {
    /// A task of the runtime of the caller.
    Task(AbortHandle),
    /// A thread of its own, which ends when the sender is gone.
    Thread {
        stop: Option<oneshot::Sender<()>>,
        thread: Option<JoinHandle<()>>,
    },
}

impl Server {
    /// Listens on a free port of 127.0.0.1, as a task of the runtime that calls.
    pub(super) fn start(ledger: Arc<Ledger>) -> Result<Self, ModelError> {
        let (listener, address) = listen().map_err(ModelError::Listen)?;
        let task = tokio::spawn(accept(listener, ledger)).abort_handle();
        Ok(Self {
            address,
            host: Host::Task(task),
        })
    }

    /// Listens on a free port of 127.0.0.1, on a thread of its own.
    pub(super) fn start_on_thread(ledger: Arc<Ledger>) -> Result<Self, ModelError> {
        Self::on_thread(ledger, listen)
    }

    /// Serves a socket that listens already, on a thread of its own.
    pub(super) fn serve_on_thread(
        ledger: Arc<Ledger>,
        listener: std::net::TcpListener,
    ) -> Result<Self, ModelError> {
        Self::on_thread(ledger, || {
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok((TcpListener::from_std(listener)?, address))
        })
    }

    fn on_thread(
        ledger: Arc<Ledger>,
        listen: impl FnOnce() -> io::Result<(TcpListener, SocketAddr)>,
    ) -> Result<Self, ModelError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(ModelError::Thread)?;
        let (listener, address) = {
            let _entered = runtime.enter();
            listen().map_err(ModelError::Listen)?
        };
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("scripted-model".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = accept(listener, ledger) => {}
                        _ = stopped => {}
                    }
                });
            })
            .map_err(ModelError::Thread)?;
        Ok(Self {
            address,
            host: Host::Thread {
                stop: Some(stop),
                thread: Some(thread),
            },
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        match &mut self.host {
            Host::Task(task) => task.abort(),
            Host::Thread { stop, thread } => {
                drop(stop.take());
                // It has nothing to finish, so this takes microseconds; a panic in it was already printed.
                let _ = thread.take().map(JoinHandle::join);
            }
        }
    }
}

fn listen() -> io::Result<(TcpListener, SocketAddr)> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

async fn accept(listener: TcpListener, ledger: Arc<Ledger>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&ledger)));
                }
                Err(error) => {
                    tracing::warn!(%error, "the scripted model could not accept a connection");
                    tokio::time::sleep(PAUSE_AFTER_FAILED_ACCEPT).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, ledger: Arc<Ledger>) {
    // Each piece of a stream is to arrive when it is sent.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection of the scripted model ended at once");
        return;
    }
    let (link, mut endings) = mpsc::unbounded_channel();
    let service = service_fn(|request| answer(request, Arc::clone(&ledger), link.clone()));
    let mut connection = http1::Builder::new()
        // An idle connection is the client's business.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    let ending = tokio::select! {
        // First, so that what was sent before a fault has left.
        biased;
        ended = &mut connection => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection of the scripted model broke");
            }
            return;
        }
        ending = endings.recv() => ending,
    };
    let stream = connection.into_parts().io.into_inner();
    if ending == Some(Ending::Reset)
        && let Err(error) = stream.set_zero_linger()
    {
        tracing::warn!(%error, "the scripted model could not reset a connection and closes it");
    }
}

async fn answer(
    request: Request<Incoming>,
    ledger: Arc<Ledger>,
    link: mpsc::UnboundedSender<Ending>,
) -> Result<Response<PlayedBody>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, LONGEST_BODY).collect().await {
        Ok(collected) => collected.to_bytes(),
        // Half a request is refused like one that makes no sense: the record says what came of it.
        Err(error) => Bytes::from(format!(
            "the body of the request could not be read: {error}"
        )),
    };
    let (plan, stage, mut receipt) = exchange(&parts, &body, &ledger, link);
    for wait in plan.before {
        receipt.waits(wait);
        stage.clone().wait(wait).await;
    }
    let mut response = Response::new(PlayedBody::new(plan.body, plan.length, stage, receipt));
    *response.status_mut() = plan.status;
    *response.headers_mut() = plan.headers;
    Ok(response)
}
