//! What is known of the tests of this process: which failed, and why. A test function only returns a value, so everything
//! that sees a failure earlier writes it down here.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};

use crate::supervisor::LeaseVoice;

/// The test that holds a stack.
#[derive(Debug)]
pub(super) struct TestContext {
    voice: LeaseVoice,
    failure: Mutex<Option<NotedFailure>>,
}

/// The first failure of a test.
#[derive(Debug, Clone)]
pub(super) struct NotedFailure {
    pub(super) message: String,
    /// Whether the test function itself is on its way out with it. Else somebody has to fail the test.
    pub(super) on_its_way: bool,
}

thread_local! {
    /// Tests whose stacks were taken on this thread.
    static HERE: RefCell<Vec<Weak<TestContext>>> = const { RefCell::new(Vec::new()) };
}

/// All tests of this process that hold a stack.
static ALL: Mutex<Vec<Weak<TestContext>>> = Mutex::new(Vec::new());

impl TestContext {
    /// For the test that runs on this thread.
    pub(super) fn begin(voice: LeaseVoice) -> Arc<Self> {
        watch_panics();
        let context = Arc::new(Self {
            voice,
            failure: Mutex::new(None),
        });
        HERE.with_borrow_mut(|here| add(here, &context));
        add(&mut all(), &context);
        context
    }

    /// Notes a failure that the test function may not know of, and tells the supervisor at once: the process may not
    /// live to say it later.
    pub(super) fn fail(&self, message: &str) {
        self.note(message, false);
    }

    fn note(&self, message: &str, on_its_way: bool) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.is_none() {
            *failure = Some(NotedFailure {
                message: message.to_owned(),
                on_its_way,
            });
            self.voice.failed(message);
        }
    }

    /// Why the test has failed, when it has.
    pub(super) fn failure(&self) -> Option<NotedFailure> {
        self.failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Notes a failure that the test on this thread returns.
pub(super) fn fail_here(message: &str) {
    HERE.with_borrow(|here| {
        for context in here.iter().filter_map(Weak::upgrade) {
            context.note(message, true);
        }
    });
}

fn add(contexts: &mut Vec<Weak<TestContext>>, context: &Arc<TestContext>) {
    contexts.retain(|context| context.strong_count() > 0);
    contexts.push(Arc::downgrade(context));
}

fn all() -> std::sync::MutexGuard<'static, Vec<Weak<TestContext>>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A panic in a spawned task or thread may never reach the test function: it is a failure all the same.
fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            note_panic(&info.to_string());
            before(info);
        }));
    });
}

fn note_panic(message: &str) {
    let here: Vec<_> = HERE
        .try_with(|here| here.borrow().iter().filter_map(Weak::upgrade).collect())
        .unwrap_or_default();
    // Another thread of the process: where it is the only test's, there is no doubt whose panic it is.
    let contexts = if here.is_empty() {
        let all: Vec<_> = all().iter().filter_map(Weak::upgrade).collect();
        if all.len() == 1 { all } else { Vec::new() }
    } else {
        here
    };
    for context in contexts {
        context.fail(message);
    }
}
