//! A small HTTP client that says how a response ended.

use std::error::Error;
use std::io;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::model::{Provider, RunningModel};

pub(super) const PROVIDERS: [Provider; 3] =
    [Provider::Ollama, Provider::OpenAi, Provider::Anthropic];

/// How a response ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Complete,
    Cut,
    Reset,
}

#[derive(Debug)]
pub(super) struct Answer {
    /// 0 where the connection ended before there was one.
    pub status: u16,
    pub headers: hyper::HeaderMap,
    pub body: String,
    pub ended: Ended,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// The JSON of each line or event of a stream.
    pub(super) fn events(&self) -> Vec<Value> {
        let lines = self
            .body
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with("event:"));
        lines
            .map(|line| line.strip_prefix("data: ").unwrap_or(line))
            .filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).unwrap_or_else(|_| panic!("no JSON: {data}")))
            .collect()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a text"))
    }

    /// All text of the answer, in whatever format, streamed or not.
    pub(super) fn text(&self, provider: Provider) -> String {
        let events = if self.header("content-type") == "application/json" {
            vec![self.json()]
        } else {
            self.events()
        };
        let paths: &[&str] = match provider {
            Provider::Ollama => &["/message/content"],
            Provider::OpenAi => &["/choices/0/message/content", "/choices/0/delta/content"],
            Provider::Anthropic => &["/content/0/text", "/delta/text"],
        };
        let texts = events
            .iter()
            .flat_map(|event| paths.iter().map(|path| event.pointer(path)));
        texts.flatten().filter_map(Value::as_str).collect()
    }
}

/// The path of a provider's chat.
pub(super) fn path(provider: Provider) -> &'static str {
    match provider {
        Provider::Ollama => "/api/chat",
        Provider::OpenAi => "/v1/chat/completions",
        Provider::Anthropic => "/v1/messages",
    }
}

/// A question in a body that all providers understand.
pub(super) fn question(text: &str, stream: bool) -> Value {
    json!({
        "model": "scripted",
        "max_tokens": 100,
        "stream": stream,
        "messages": [{ "role": "user", "content": text }],
    })
}

/// Sends a question and reads the whole answer.
pub(super) async fn ask(model: &RunningModel, provider: Provider, body: &Value) -> Answer {
    send(model, &Method::POST, path(provider), &[], &body.to_string()).await
}

/// Sends anything and reads the whole answer.
pub(super) async fn send(
    model: &RunningModel,
    method: &Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut answer = Answer {
        status: 0,
        headers: hyper::HeaderMap::new(),
        body: String::new(),
        ended: Ended::Complete,
    };
    match open(model, method, path, headers, body).await {
        Err(error) => answer.ended = ended(&error),
        Ok(response) => {
            answer.status = response.status().as_u16();
            answer.headers = response.headers().clone();
            let mut body = response.into_body();
            loop {
                match piece(&mut body).await {
                    Ok(Some(text)) => answer.body.push_str(&text),
                    Ok(None) => break,
                    Err(error) => {
                        answer.ended = ended(&error);
                        break;
                    }
                }
            }
        }
    }
    answer
}

/// Sends anything and returns when the head of the response is there.
pub(super) async fn open(
    model: &RunningModel,
    method: &Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> hyper::Result<Response<Incoming>> {
    let address = model.url().replace("http://", "");
    let stream = TcpStream::connect(&address)
        .await
        .expect("the model listens");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", &address);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = Full::new(Bytes::from(body.to_owned()));
    let request = request.body(body).expect("the test's own request is valid");
    sender.send_request(request).await
}

/// The next piece of a response.
pub(super) async fn piece(body: &mut Incoming) -> hyper::Result<Option<String>> {
    let Some(frame) = body.frame().await else {
        return Ok(None);
    };
    let data = frame?.into_data().expect("there are no trailers");
    Ok(Some(
        String::from_utf8(data.to_vec()).expect("the model sends UTF-8"),
    ))
}

fn ended(error: &hyper::Error) -> Ended {
    let reset = error
        .source()
        .and_then(|source| source.downcast_ref::<io::Error>())
        .is_some_and(|source| source.kind() == io::ErrorKind::ConnectionReset);
    if reset { Ended::Reset } else { Ended::Cut }
}
