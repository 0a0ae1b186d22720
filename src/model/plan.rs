//! Turns a reply with its pauses and faults into the steps of an answer.

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::play::{Ending, Step, Wait};
use super::script::{Fault, Reply, Until};
use super::wire::{Completion, Frame, WireFormat};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// OpenAI's and Anthropic's clients obey it; without it they would ask two more times after an error.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// An answer, with nothing left to decide.
#[derive(Debug)]
pub(super) struct Plan {
    /// Before anything is sent.
    pub before: Vec<Wait>,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<Step>,
    /// Length that the response claims; `None` for a stream.
    pub length: Option<u64>,
}

impl Plan {
    /// An answer of JSON at once.
    pub(super) fn json(status: StatusCode, value: &Value) -> Self {
        Self::whole(status, JSON, Bytes::from(value.to_string()))
    }

    /// An error that is no part of the script; asking again cannot help.
    pub(super) fn refusal(status: StatusCode, format: &dyn WireFormat, reason: &str) -> Self {
        let mut plan = Self::json(status, &format.error(status.as_u16(), reason));
        plan.headers
            .insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        plan
    }

    /// The answer that a reply describes.
    pub(super) fn reply(
        reply: &Reply,
        completion: &Completion,
        format: &dyn WireFormat,
        streamed: bool,
    ) -> Self {
        let mut plan = match &reply.fault {
            Some(Fault::Status {
                code,
                message,
                body,
                headers,
            }) => {
                let mut plan = Self::status(*code, message.as_deref(), body.as_ref(), format);
                plan.add_headers(headers);
                plan
            }
            fault if streamed => Self::stream(reply, fault.as_ref(), completion, format),
            fault => Self::unstreamed(fault.as_ref(), completion, format),
        };
        if let Some(Fault::Drip { bytes, every }) = &reply.fault {
            plan.body = drip(&plan.body, bytes.get(), Wait::Pause(*every));
        }
        if !reply.delay.first.is_zero() {
            plan.before.insert(0, Wait::Pause(reply.delay.first));
        }
        plan
    }

    fn whole(status: StatusCode, content_type: HeaderValue, bytes: Bytes) -> Self {
        Self {
            before: Vec::new(),
            status,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, content_type)]),
            length: Some(bytes.len() as u64),
            body: vec![Step::Send(bytes)],
        }
    }

    fn status(
        code: u16,
        message: Option<&str>,
        body: Option<&Value>,
        format: &dyn WireFormat,
    ) -> Self {
        // A script with another code is refused where it is read, and counts as a mistake where a test makes it.
        let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match body {
            Some(Value::String(text)) => {
                let plain = HeaderValue::from_static("text/plain; charset=utf-8");
                Self::whole(status, plain, Bytes::from(text.clone()))
            }
            Some(value) => Self::json(status, value),
            None => {
                let standard = status
                    .canonical_reason()
                    .unwrap_or("an error of the model script");
                Self::json(status, &format.error(code, message.unwrap_or(standard)))
            }
        }
    }

    fn add_headers(&mut self, headers: &std::collections::BTreeMap<String, String>) {
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                self.headers.insert(name, value);
            }
        }
    }

    fn stream(
        reply: &Reply,
        fault: Option<&Fault>,
        completion: &Completion,
        format: &dyn WireFormat,
    ) -> Self {
        let content_type = HeaderValue::from_static(format.stream_type());
        let mut plan = Self::whole(StatusCode::OK, content_type, Bytes::new());
        plan.length = None;
        let between = reply.delay.between;
        let pause = (!between.is_zero()).then_some(Wait::Pause(between));
        plan.set_body(&format.stream(completion), pause, fault, format);
        plan
    }

    fn unstreamed(fault: Option<&Fault>, completion: &Completion, format: &dyn WireFormat) -> Self {
        match fault {
            Some(Fault::ErrorEvent { message, .. }) => {
                return Self::json(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    &format.error(500, message),
                );
            }
            Some(Fault::Malformed { data, .. }) => {
                return Self::whole(StatusCode::OK, JSON, Bytes::from(data.clone()));
            }
            _ => {}
        }
        let bytes = Bytes::from(format.whole(completion).to_string());
        let mut plan = Self::whole(StatusCode::OK, JSON, bytes.clone());
        let middle = bytes.len() / 2;
        let halves = [
            Frame {
                bytes: bytes.slice(..middle),
                chunk: true,
            },
            Frame {
                bytes: bytes.slice(middle..),
                chunk: false,
            },
        ];
        plan.set_body(&halves, None, fault, format);
        plan
    }

    /// Sends the frames, with a pause between chunks and the fault in its place.
    fn set_body(
        &mut self,
        frames: &[Frame],
        pause: Option<Wait>,
        fault: Option<&Fault>,
        format: &dyn WireFormat,
    ) {
        let place = place(frames, fault);
        let first_chunk = frames.iter().position(|frame| frame.chunk);
        let steps = |range: std::ops::Range<usize>| {
            range.flat_map(move |index| {
                let paused = frames[index].chunk && first_chunk != Some(index);
                let pause = pause.filter(|_| paused).map(Step::Wait);
                pause
                    .into_iter()
                    .chain([Step::Send(frames[index].bytes.clone())])
            })
        };
        let (wait, sent, goes_on) = effect(fault, format);
        let in_body = wait.filter(|_| place > 0).map(Step::Wait);
        if place == 0 {
            self.before.extend(wait);
        }
        let rest = if goes_on { place..frames.len() } else { 0..0 };
        self.body = steps(0..place)
            .chain(in_body)
            .chain(sent.map(|frame| Step::Send(frame.bytes)))
            .chain(steps(rest))
            .collect();
    }
}

/// What a fault does in its place: wait, send something, and let the rest follow or not.
fn effect(fault: Option<&Fault>, format: &dyn WireFormat) -> (Option<Wait>, Option<Frame>, bool) {
    match fault {
        Some(Fault::Hang {
            until: Until::Released,
            ..
        }) => (Some(Wait::Release), None, true),
        Some(Fault::Hang {
            until: Until::Forever,
            ..
        }) => (Some(Wait::Forever), None, false),
        Some(Fault::Cut { .. }) => (Some(Wait::End(Ending::Cut)), None, false),
        Some(Fault::Reset { .. }) => (Some(Wait::End(Ending::Reset)), None, false),
        Some(Fault::Malformed { data, .. }) => (None, Some(format.raw_frame(data)), true),
        Some(Fault::ErrorEvent { message, .. }) => (None, Some(format.error_frame(message)), false),
        None | Some(Fault::Status { .. } | Fault::Drip { .. }) => (None, None, true),
    }
}

/// Index of the frame before which a fault takes place.
fn place(frames: &[Frame], fault: Option<&Fault>) -> usize {
    let after = match fault {
        Some(
            Fault::Hang { after_chunks, .. }
            | Fault::Cut { after_chunks }
            | Fault::Reset { after_chunks }
            | Fault::Malformed { after_chunks, .. }
            | Fault::ErrorEvent { after_chunks, .. },
        ) => *after_chunks,
        None | Some(Fault::Status { .. } | Fault::Drip { .. }) => 0,
    };
    let chunks = frames.iter().enumerate().filter(|(_, frame)| frame.chunk);
    chunks.take(after).last().map_or(0, |(index, _)| index + 1)
}

/// The same bytes, few at a time, with a wait between.
fn drip(steps: &[Step], bytes: usize, wait: Wait) -> Vec<Step> {
    let mut dripped = Vec::new();
    for step in steps {
        let Step::Send(all) = step else {
            dripped.push(step.clone());
            continue;
        };
        for part in all.chunks(bytes) {
            if !dripped.is_empty() {
                dripped.push(Step::Wait(wait));
            }
            dripped.push(Step::Send(all.slice_ref(part)));
        }
    }
    dripped
}
