//! The HTTP server of a scripted model: one task that owns a task per connection.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use super::body::{PlayedBody, Step};
use super::chat::RecordedRequest;
use super::error::ModelError;
use super::ledger::Ledger;
use super::wire::{Completion, Provider};

/// More connections may wait than any test opens at once, so that none waits a second for its SYN to be sent again.
const BACKLOG: u32 = 1024;

/// When the process has no file descriptor left, a closing connection gives one back; 10 ms bounds the busy loop.
const PAUSE_AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(10);

/// A listening server. It ends when this is dropped, with all its connections.
pub(super) struct Server {
    pub address: SocketAddr,
    task: AbortHandle,
}

impl Server {
    /// Listens on a free port of 127.0.0.1, as a task of the runtime that calls.
    pub(super) fn start(ledger: Arc<Ledger>) -> Result<Self, ModelError> {
        let listener = listen().map_err(ModelError::Listen)?;
        let address = listener.local_addr().map_err(ModelError::Listen)?;
        let task = tokio::spawn(accept(listener, ledger)).abort_handle();
        Ok(Self { address, task })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn listen() -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    socket.listen(BACKLOG)
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
    let service = service_fn(move |request| answer(request, Arc::clone(&ledger)));
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection of the scripted model broke");
    }
}

async fn answer(
    request: Request<Incoming>,
    ledger: Arc<Ledger>,
) -> Result<Response<PlayedBody>, Infallible> {
    let (parts, body) = request.into_parts();
    let bytes = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) => {
            return Ok(json_response(
                StatusCode::BAD_REQUEST,
                &Provider::Ollama
                    .format()
                    .error(400, &format!("the body did not arrive: {error}")),
            ));
        }
    };
    Ok(respond(&parts, &bytes, &ledger))
}

fn respond(parts: &Parts, bytes: &Bytes, ledger: &Ledger) -> Response<PlayedBody> {
    let route = format!("{} {}", parts.method, parts.uri.path());
    let known = parts.method == Method::POST && parts.uri.path() == "/api/chat";
    let format = Provider::Ollama.format();
    let body = serde_json::from_slice(bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()));
    let chat = if known {
        format.parse(&body)
    } else {
        Err(format!("{route} is not served"))
    };
    let mut book = ledger.book();
    let number = book.requests.len() + 1;
    let reply = match &chat {
        Ok(_) => book.take(),
        Err(reason) => Err(reason.clone()),
    };
    book.requests.push(RecordedRequest {
        number,
        provider: known.then_some(Provider::Ollama),
        route,
        headers: headers(parts),
        body,
        chat: chat.as_ref().ok().cloned(),
    });
    drop(book);
    match (chat, reply) {
        (Ok(chat), Ok(reply)) => {
            let completion = Completion {
                model: chat.model,
                pieces: vec![reply.text],
            };
            if chat.stream {
                let steps = format.stream(&completion).into_iter().map(Step::Send);
                Response::builder()
                    .header(CONTENT_TYPE, format.stream_type())
                    .body(PlayedBody::new(steps))
                    .expect("the parts of this response are constants")
            } else {
                json_response(StatusCode::OK, &format.whole(&completion))
            }
        }
        (_, Err(reason)) => {
            let status = if known {
                StatusCode::INTERNAL_SERVER_ERROR
            } else {
                StatusCode::NOT_FOUND
            };
            json_response(status, &format.error(status.as_u16(), &reason))
        }
        (Err(_), Ok(_)) => unreachable!("a request that was not understood takes no reply"),
    }
}

fn headers(parts: &Parts) -> BTreeMap<String, String> {
    let pairs = parts.headers.iter().map(|(name, value)| {
        (
            name.to_string(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    });
    pairs.collect()
}

fn json_response(status: StatusCode, value: &Value) -> Response<PlayedBody> {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json")
        .body(PlayedBody::new([Step::Send(Bytes::from(
            value.to_string(),
        ))]))
        .expect("the parts of this response are constants")
}
