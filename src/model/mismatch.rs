//! What a script expected and what came, where the two differ.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::chat::{Answered, Excerpt, RecordedRequest};
use super::ledger::Book;
use super::script::{Fault, Reply, Times};

/// A reply of the script, and how often it was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplyUse {
    /// 1 for the first reply of the script.
    pub number: usize,
    /// The reply.
    pub reply: Reply,
    /// How often it was asked for.
    pub given: u32,
}

/// The requests are not what the script expects. Prints both in full, made to be read as a test failure.
#[derive(Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub struct Mismatch {
    /// Every reply of the script.
    replies: Vec<ReplyUse>,
    /// Every request.
    requests: Vec<RecordedRequest>,
    /// What a test added to the script that cannot be followed.
    problems: Vec<String>,
}

impl Mismatch {
    pub(super) fn between(book: &Book) -> Option<Self> {
        let replies = book.script.replies.iter().zip(&book.given).enumerate();
        let mismatch = Self {
            replies: replies
                .map(|(index, (reply, given))| ReplyUse {
                    number: index + 1,
                    reply: reply.clone(),
                    given: *given,
                })
                .collect(),
            requests: book.requests.clone(),
            problems: book.problems.clone(),
        };
        let differs = !mismatch.missing().is_empty()
            || !mismatch.unexpected().is_empty()
            || !mismatch.problems.is_empty();
        differs.then_some(mismatch)
    }

    /// Requests that nothing in the script expects.
    #[must_use]
    pub fn unexpected(&self) -> Vec<&RecordedRequest> {
        self.requests
            .iter()
            .filter(|request| request.is_unexpected())
            .collect()
    }

    /// Replies that were asked for less often than the script expects.
    #[must_use]
    pub fn missing(&self) -> Vec<&ReplyUse> {
        self.replies
            .iter()
            .filter(|it| it.reply.times.misses_some_at(it.given))
            .collect()
    }

    /// What in the script cannot be followed.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        if !self.problems.is_empty() {
            "correct the script first; docs/model.md shows every field"
        } else if self.unexpected().is_empty() {
            "the client stopped asking too early: see its log; or take the reply out, or give it `times: any`"
        } else {
            "add a reply for each unexpected request, or see why the client asked; `lenient` accepts every request"
        }
    }
}

/// The same as [`Display`](fmt::Display): this is what a test prints that ends with the error.
impl fmt::Debug for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unexpected = self.unexpected().len();
        let missing = self.missing().len();
        write!(
            formatter,
            "the model script and the requests differ: {unexpected} unexpected, {missing} never asked for"
        )?;
        for problem in &self.problems {
            write!(formatter, "\n  cannot be followed: {problem}")?;
        }
        write!(formatter, "\nthe script, in order")?;
        if self.replies.is_empty() {
            write!(formatter, "\n    no replies")?;
        }
        for reply in &self.replies {
            write!(formatter, "\n{reply}")?;
        }
        write!(formatter, "\nthe requests, in order")?;
        if self.requests.is_empty() {
            write!(formatter, "\n    none came")?;
        }
        for request in &self.requests {
            write_request(formatter, request)?;
        }
        Ok(())
    }
}

fn write_request(formatter: &mut fmt::Formatter<'_>, request: &RecordedRequest) -> fmt::Result {
    let number = request.number;
    match &request.answered {
        Answered::Unexpected(reason) => {
            write!(
                formatter,
                "\n  + {number}. {request}\n       unexpected: {reason}"
            )
        }
        Answered::Reply(reply) => write!(formatter, "\n    {number}. {request} -> reply {reply}"),
        Answered::Default => write!(formatter, "\n    {number}. {request} -> the default"),
        Answered::Lenient => write!(formatter, "\n    {number}. {request} -> the stand-in"),
        Answered::ModelList => write!(formatter, "\n    {number}. {request} -> the models"),
    }
}

/// One line: what the reply is, for which requests, and how often it was asked for.
impl fmt::Display for ReplyUse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missing = self.reply.times.misses_some_at(self.given);
        let mark = if missing { '-' } else { ' ' };
        write!(formatter, "  {mark} {}. ", self.number)?;
        if let Some(when) = &self.reply.when {
            write!(formatter, "when {when}: ")?;
        }
        if let Some(expect) = &self.reply.expect {
            write!(formatter, "expecting {expect}: ")?;
        }
        write_content(formatter, &self.reply)?;
        if self.reply.times != Times::default() {
            write!(formatter, ", {} times", self.reply.times)?;
        }
        match self.given {
            0 if missing => write!(formatter, "\n       never asked for"),
            given if missing => write!(formatter, "\n       asked for {given} times only"),
            _ => Ok(()),
        }
    }
}

fn write_content(formatter: &mut fmt::Formatter<'_>, reply: &Reply) -> fmt::Result {
    let mut parts = Vec::new();
    let text = reply.whole_text();
    if !text.is_empty() {
        parts.push(Excerpt(&text).to_string());
    }
    if !reply.tool_calls.is_empty() {
        let names: Vec<_> = reply
            .tool_calls
            .iter()
            .map(|call| call.name.as_str())
            .collect();
        parts.push(format!("calls {}", names.join(" ")));
    }
    parts.extend(
        reply
            .fault
            .as_ref()
            .map(|fault| format!("fault {}", name(fault))),
    );
    if parts.is_empty() {
        parts.push("an empty text".to_owned());
    }
    formatter.write_str(&parts.join(", "))
}

fn name(fault: &Fault) -> &'static str {
    match fault {
        Fault::Status { .. } => "status",
        Fault::Hang { .. } => "hang",
        Fault::Cut { .. } => "cut",
        Fault::Reset { .. } => "reset",
        Fault::Malformed { .. } => "malformed",
        Fault::ErrorEvent { .. } => "error_event",
        Fault::Drip { .. } => "drip",
    }
}
