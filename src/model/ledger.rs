//! What the model was told, what it was asked, and which reply each request gets.

use std::sync::{Mutex, MutexGuard};

use tokio::sync::watch;

use super::chat::{Answered, Delivery, RecordedRequest};
use super::script::{ModelScript, Reply};

/// What a lenient model says to a request that nothing expects.
const STAND_IN: &str = "The script has no reply for this request.";

/// Shared by the handles of a model and its connections.
pub(super) struct Ledger {
    book: Mutex<Book>,
    changes: watch::Sender<()>,
    releases: watch::Sender<u64>,
}

/// Everything that changes while a model runs.
pub(super) struct Book {
    pub script: ModelScript,
    /// How often each reply of the script was given.
    pub given: Vec<u32>,
    pub requests: Vec<RecordedRequest>,
    /// What a test added that cannot be followed.
    pub problems: Vec<String>,
    calls: u64,
}

impl Ledger {
    pub(super) fn new(script: ModelScript) -> Self {
        let mut book = Book {
            script: ModelScript::new(),
            given: Vec::new(),
            requests: Vec::new(),
            problems: Vec::new(),
            calls: 0,
        };
        book.follow(script);
        Self {
            book: Mutex::new(book),
            changes: watch::Sender::new(()),
            releases: watch::Sender::new(0),
        }
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book
            .lock()
            .expect("no code panics while it holds the book")
    }

    /// Told after each change of the requests.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    pub(super) fn changed(&self) {
        self.changes.send_replace(());
    }

    pub(super) fn releases(&self) -> watch::Receiver<u64> {
        self.releases.subscribe()
    }

    pub(super) fn release(&self) {
        self.releases.send_modify(|released| *released += 1);
    }

    /// Notes how far the answer to a request came.
    pub(super) fn deliver(&self, number: usize, delivery: Delivery) {
        if let Some(request) = self.book().requests.get_mut(number - 1) {
            request.delivery = delivery;
        }
        self.changed();
    }
}

impl Book {
    /// From now on this script; requests stay recorded.
    pub(super) fn follow(&mut self, script: ModelScript) {
        self.problems = script.problems();
        self.given = vec![0; script.replies.len()];
        self.script = script;
    }

    pub(super) fn add(&mut self, reply: Reply) {
        self.script.replies.push(reply);
        self.given.push(0);
        self.problems = self.script.problems();
    }

    pub(super) fn next_call_id(&mut self) -> String {
        self.calls += 1;
        format!("call_{}", self.calls)
    }

    /// Chooses the reply to a request: by `when`, in order, the default, the stand-in; or says why there is none.
    pub(super) fn choose(
        &mut self,
        request: &RecordedRequest,
    ) -> Result<(Answered, Reply), String> {
        let index = match self.by_condition(request) {
            Some(index) => Ok(index),
            None => self.in_order(request),
        };
        match (index, &self.script.default) {
            (Ok(index), _) => {
                self.given[index] += 1;
                Ok((
                    Answered::Reply(index + 1),
                    self.script.replies[index].clone(),
                ))
            }
            (Err(_), Some(default)) => Ok((Answered::Default, default.clone())),
            (Err(_), None) if self.script.lenient => Ok((Answered::Lenient, STAND_IN.into())),
            (Err(in_order), None) => Err(self.reason(in_order, request)),
        }
    }

    fn is_left(&self, index: usize) -> bool {
        self.script.replies[index]
            .times
            .allows_more_than(self.given[index])
    }

    fn by_condition(&self, request: &RecordedRequest) -> Option<usize> {
        self.script
            .replies
            .iter()
            .enumerate()
            .position(|(index, reply)| {
                let fits = reply
                    .when
                    .as_ref()
                    .is_some_and(|when| when.unmet_by(request).is_empty());
                fits && self.is_left(index)
            })
    }

    /// The next reply in order, or why it is not for this request.
    fn in_order(&self, request: &RecordedRequest) -> Result<usize, String> {
        let mut ordered =
            (0..self.given.len()).filter(|index| self.script.replies[*index].when.is_none());
        let Some(index) = ordered.clone().find(|index| self.is_left(*index)) else {
            return Err(match ordered.next() {
                Some(_) => "all replies in order were given".to_owned(),
                None if self.given.is_empty() => "the script has no replies".to_owned(),
                None => "no reply fits".to_owned(),
            });
        };
        let expect = self.script.replies[index].expect.as_ref();
        let unmet = expect
            .map(|expect| expect.unmet_by(request))
            .unwrap_or_default();
        if unmet.is_empty() {
            return Ok(index);
        }
        Err(format!(
            "reply {} is next and {}",
            index + 1,
            unmet.join(" and ")
        ))
    }

    /// Why no reply is for a request: what is next in order, and what each reply with `when` misses.
    fn reason(&self, in_order: String, request: &RecordedRequest) -> String {
        let mut reasons = vec![in_order];
        for (index, reply) in self.script.replies.iter().enumerate() {
            let Some(when) = &reply.when else { continue };
            let unmet = when.unmet_by(request);
            reasons.push(match unmet.as_slice() {
                [] => format!(
                    "reply {} was already given {} times",
                    index + 1,
                    self.given[index]
                ),
                unmet => format!("reply {} {}", index + 1, unmet.join(" and ")),
            });
        }
        reasons.join("; ")
    }
}
