//! One request and its answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;
use serde_json::Value;
use tokio::sync::mpsc;

use super::chat::{Answered, Delivery, Excerpt, RecordedRequest};
use super::ledger::{Book, Ledger};
use super::plan::Plan;
use super::play::{Ending, Receipt, Stage};
use super::route::Route;
use super::wire::{Completion, Provider, WireFormat};

/// Records a request and decides everything about its answer, in one step, so that requests that come at the same time
/// are answered as if they had come one after the other.
pub(super) fn exchange(
    parts: &Parts,
    body: &Bytes,
    ledger: &Arc<Ledger>,
    link: mpsc::UnboundedSender<Ending>,
) -> (Plan, Stage, Receipt) {
    let route = Route::new(&parts.method, parts.uri.path(), &parts.headers);
    let mut request = record(parts, body, &route);
    let releases = ledger.releases();
    let released_before = *releases.borrow();

    let mut book = ledger.book();
    request.number = book.requests.len() + 1;
    let number = request.number;
    let mut plan = answer(&route, &mut request, &mut book);
    book.requests.push(request);
    drop(book);
    ledger.changed();

    name_request(&mut plan, &route, number);
    let stage = Stage {
        link,
        releases,
        released_before,
    };
    (plan, stage, Receipt::new(Arc::clone(ledger), number))
}

fn record(parts: &Parts, body: &Bytes, route: &Route) -> RecordedRequest {
    let headers: BTreeMap<_, _> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    RecordedRequest {
        number: 0,
        provider: match route {
            Route::Chat(provider) | Route::ModelList(provider) => Some(*provider),
            Route::Unknown { .. } => None,
        },
        route: format!("{} {}", parts.method, parts.uri.path()),
        headers,
        body: match body.as_ref() {
            [] => Value::Null,
            bytes => serde_json::from_slice(bytes)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned())),
        },
        chat: None,
        answered: Answered::ModelList,
        delivery: Delivery::InFlight,
    }
}

fn answer(route: &Route, request: &mut RecordedRequest, book: &mut Book) -> Plan {
    match route {
        Route::ModelList(provider) => Plan::json(
            StatusCode::OK,
            &provider.format().model_list(&book.script.models),
        ),
        Route::Unknown {
            in_words_of,
            status,
            reason,
        } => refuse(request, *status, in_words_of.format(), reason.clone()),
        Route::Chat(provider) => answer_chat(*provider, request, book),
    }
}

fn answer_chat(provider: Provider, request: &mut RecordedRequest, book: &mut Book) -> Plan {
    let format = provider.format();
    let parsed = match &request.body {
        Value::Object(_) => format.parse(&request.body),
        Value::String(text) => Err(format!("the body is no JSON object: {}", Excerpt(text))),
        _ => Err("the body is no JSON object".to_owned()),
    };
    let chat = match parsed {
        Ok(chat) => chat,
        Err(reason) => return refuse(request, StatusCode::BAD_REQUEST, format, reason),
    };
    request.chat = Some(chat.clone());
    match book.choose(request) {
        Ok((answered, reply)) => {
            request.answered = answered;
            let completion = Completion::new(request.number, &chat, &reply, || book.next_call_id());
            Plan::reply(&reply, &completion, format, chat.stream)
        }
        Err(reason) => {
            let message = format!("the model script does not expect this request: {reason}");
            request.answered = Answered::Unexpected(reason);
            Plan::refusal(StatusCode::INTERNAL_SERVER_ERROR, format, &message)
        }
    }
}

fn refuse(
    request: &mut RecordedRequest,
    status: StatusCode,
    format: &dyn WireFormat,
    reason: String,
) -> Plan {
    let plan = Plan::refusal(status, format, &reason);
    request.answered = Answered::Unexpected(reason);
    plan
}

/// Providers that number requests do so in a header; clients show it in errors.
fn name_request(plan: &mut Plan, route: &Route, number: usize) {
    let (Route::Chat(provider) | Route::ModelList(provider)) = route else {
        return;
    };
    let Some(name) = provider.format().request_id_header() else {
        return;
    };
    let value = HeaderValue::try_from(format!("req_{number}")).expect("letters and digits");
    plan.headers.insert(HeaderName::from_static(name), value);
}
