//! One lease in the supervisor: from the request for a stack to its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use camino::Utf8PathBuf;
use tokio::sync::{mpsc, watch};
use tokio_stream::StreamExt;
use tonic::{Status, Streaming};

use super::disturb::Desks;
use super::protocol::{
    Begin, Ended, Event, Failure, Leak, LeaseEvent, LeaseRequest, Outcome, PROTOCOL, Request,
};
use super::spares::Spares;
use super::stack_error::{StackError, Unmade};
use super::stacks::MadeStack;
use crate::evidence::{EvidenceFolder, Manifest, ServiceEntry};
use crate::service::{RUN_ID, STACK_ID};
use crate::sys::{self, Belongings, Sighting};

/// What all leases of a run share.
#[derive(Debug)]
pub(super) struct LeaseContext {
    pub(super) run: String,
    pub(super) spares: Arc<Spares>,
    pub(super) desks: Desks,
    pub(super) evidence: EvidenceFolder,
    /// Turns true when the run ends.
    pub(super) stopping: watch::Receiver<bool>,
    /// Leases that have not ended.
    pub(super) active: AtomicUsize,
}

/// The other end of a lease.
pub(super) struct Holder {
    pub(super) pid: Option<u32>,
    pub(super) requests: Streaming<LeaseRequest>,
    pub(super) events: mpsc::UnboundedSender<Result<LeaseEvent, Status>>,
}

/// What is known of the test so far.
#[derive(Debug, Default)]
struct Verdict {
    passed: bool,
    failure: Option<String>,
}

impl Verdict {
    fn hear(&mut self, outcome: Outcome) {
        if outcome.passed {
            self.passed = true;
        } else {
            self.failure.get_or_insert(outcome.message);
        }
    }

    /// Why the evidence is kept, when it is.
    fn failure(&self) -> Option<String> {
        match &self.failure {
            None if self.passed => None,
            None => {
                Some("the test ended without an outcome: it was killed, or called exit".to_owned())
            }
            Some(failure) => Some(failure.clone()),
        }
    }
}

/// Serves one lease to its end.
pub(super) async fn serve(context: Arc<LeaseContext>, mut holder: Holder) {
    context.active.fetch_add(1, Ordering::Relaxed);
    if let Some(begin) = first_request(&mut holder).await {
        hold(&context, &mut holder, begin).await;
    }
    context.active.fetch_sub(1, Ordering::Relaxed);
}

async fn first_request(holder: &mut Holder) -> Option<Begin> {
    let status = match holder.requests.next().await {
        Some(Ok(LeaseRequest {
            request: Some(Request::Begin(begin)),
        })) if begin.protocol == PROTOCOL => return Some(begin),
        Some(Ok(LeaseRequest {
            request: Some(Request::Begin(begin)),
        })) => Status::failed_precondition(format!(
            "the test speaks version {} of the supervisor's protocol, the supervisor {PROTOCOL}: build both anew \
             (`cargo build --bins`)",
            begin.protocol
        )),
        _ => Status::invalid_argument("a lease begins with Begin"),
    };
    let _ = holder.events.send(Err(status));
    None
}

async fn hold(context: &LeaseContext, holder: &mut Holder, begin: Begin) {
    let needs = begin.needs.clone().unwrap_or_default();
    let before = holder.pid.map(sys::children_of).unwrap_or_default();
    let before: Vec<u32> = before.into_iter().map(|child| child.pid).collect();
    let mut stopping = context.stopping.clone();
    // A test that is gone, or a run that ends, does not wait for its stack. What is dropped kills its processes.
    let made = tokio::select! {
        made = context.spares.take(&needs) => made,
        () = gone(&mut holder.requests) => return,
        () = stopped(&mut stopping) => return,
    };
    match made {
        Ok(stack) => occupied(context, holder, &begin, stack, before).await,
        Err(unmade) => refused(context, holder, &begin, unmade),
    }
}

/// Resolves when the run ends.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|&stopping| stopping).await;
}

/// Resolves when the test has closed its side, whatever it said before.
async fn gone(requests: &mut Streaming<LeaseRequest>) {
    while let Some(Ok(_)) = requests.next().await {}
}

fn refused(context: &LeaseContext, holder: &Holder, begin: &Begin, unmade: Unmade) {
    let mut screen = unmade.error.screen();
    if let Some(plan) = unmade.plan {
        let manifest = Manifest {
            test: begin.test.clone(),
            run: context.run.clone(),
            stack: plan.identity.stack.clone().unwrap_or_default(),
            failure: screen.clone(),
            namespace: plan.namespace.clone(),
            ..Manifest::default()
        };
        if let Ok(folder) =
            context
                .evidence
                .keep(&plan.logs, &[context.spares.stacks.shared_log()], &manifest)
        {
            screen = screen.replace(plan.logs.as_str(), folder.as_str());
        }
        remove_in_background(plan.folder);
    }
    send(
        holder,
        Event::FailedToStart(Failure {
            screen,
            run_is_unusable: matches!(unmade.error, StackError::Toolset(_)),
        }),
    );
}

async fn occupied(
    context: &LeaseContext,
    holder: &mut Holder,
    begin: &Begin,
    mut stack: MadeStack,
    before: Vec<u32>,
) {
    send(holder, Event::Ready(stack.ready.clone()));
    let mut verdict = Verdict::default();
    let mut stopping = context.stopping.clone();
    let mut orders = context.desks.open(&stack.ready.stack);
    loop {
        let died = tokio::select! {
            request = holder.requests.next() => match request {
                Some(Ok(LeaseRequest { request: Some(Request::Outcome(outcome)) })) => {
                    verdict.hear(outcome);
                    continue;
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => break,
            },
            Some(order) = orders.recv() => {
                order.carry_out(&mut stack).await;
                continue;
            }
            failure = stack.running.a_service_died(), if verdict.failure.is_none() => failure,
            failure = stack.temporal.died(), if verdict.failure.is_none() => failure,
            () = stopped(&mut stopping) => break,
        };
        let screen = died.to_string();
        verdict.failure.get_or_insert(screen.clone());
        send(
            holder,
            Event::ServiceDied(Failure {
                screen,
                run_is_unusable: false,
            }),
        );
    }
    context.desks.close(&stack.ready.stack);
    let belongings = Belongings {
        marks: marks(&stack.ready.stack, &begin.attempt),
        services: stack
            .running
            .pids()
            .into_iter()
            .chain(stack.temporal.own_pid())
            .collect(),
        test: holder.pid.filter(|_| is_alone(begin)),
        before,
    };
    let ended = end(context, begin, stack, belongings, &mut verdict).await;
    send(holder, Event::Ended(ended));
}

/// Looks for leaks, keeps the evidence of a failure, stops everything.
async fn end(
    context: &LeaseContext,
    begin: &Begin,
    mut stack: MadeStack,
    belongings: Belongings,
    verdict: &mut Verdict,
) -> Ended {
    let id = stack.ready.stack.clone();
    context.spares.stacks.forget(&id);
    let mut leaks = looked_for(&belongings).await;
    if let Some(learning) = stack
        .learning
        .take()
        .filter(|_| verdict.failure().is_none())
    {
        stack.running.learn(&learning).await;
    }
    let reports = stack.running.reports();
    stack.running.stop().await;
    let rest = Belongings {
        services: Vec::new(),
        ..belongings
    };
    let left = looked_for(&rest).await;
    // What carries the test's own mark was not started by a service: the first look missed it while it forked.
    let own = Belongings {
        marks: rest.marks.iter().skip(1).cloned().collect(),
        ..rest.clone()
    };
    if !left.is_empty() {
        leaks.extend(looked_for(&own).await);
        leaks.sort_by_key(|leak| leak.pid);
        leaks.dedup_by_key(|leak| leak.pid);
        let _ = tokio::task::spawn_blocking(move || rest.end()).await;
    }
    if !leaks.is_empty() {
        verdict
            .failure
            .get_or_insert_with(|| "processes were left behind".to_owned());
    }
    let complaint = stack
        .temporal
        .complaint()
        .filter(|_| verdict.failure().is_none());
    if let Some(complaint) = &complaint {
        verdict.failure.get_or_insert(complaint.clone());
    }
    stack.temporal.stop().await;
    let kept = verdict.failure().and_then(|failure| {
        let manifest = Manifest {
            test: begin.test.clone(),
            run: context.run.clone(),
            stack: id,
            failure,
            namespace: stack.plan.namespace.clone(),
            services: reports.into_iter().map(ServiceEntry::new).collect(),
            timings_ms: stack.ready.timings.clone().into_iter().collect(),
            leaks: leaks
                .iter()
                .map(|leak| format!("{} {}", leak.pid, leak.command))
                .collect(),
        };
        let shared = context.spares.stacks.shared_log();
        context
            .evidence
            .keep(&stack.plan.logs, &[shared], &manifest)
            .ok()
    });
    remove_in_background(stack.plan.folder);
    Ended {
        leaks: leaks
            .into_iter()
            .map(|leak| Leak {
                pid: leak.pid,
                command: leak.command,
            })
            .collect(),
        evidence: kept.map(Utf8PathBuf::into_string).unwrap_or_default(),
        complaint: complaint.unwrap_or_default(),
    }
}

/// What marks everything that belongs to a lease: the stack's mark first, then the test's own.
fn marks(stack: &str, attempt: &str) -> Vec<String> {
    let stack = format!("{STACK_ID}={stack}");
    let attempt = (!attempt.is_empty()).then(|| format!("NEXTEST_ATTEMPT_ID={attempt}"));
    std::iter::once(stack).chain(attempt).collect()
}

/// Whether all that the test's process started is this test's. Where tests share a process, nobody can tell: another one
/// without a stack may just run a program.
fn is_alone(begin: &Begin) -> bool {
    !begin.attempt.is_empty()
}

async fn looked_for(belongings: &Belongings) -> Vec<Sighting> {
    let belongings = belongings.clone();
    // Reading all of /proc takes milliseconds, which other leases need not wait for.
    tokio::task::spawn_blocking(move || belongings.left_behind())
        .await
        .unwrap_or_default()
}

fn send(holder: &Holder, event: Event) {
    // A test that is gone hears nothing.
    let _ = holder.events.send(Ok(LeaseEvent { event: Some(event) }));
}

/// Nobody waits for the removal of a folder whose id is never used again.
fn remove_in_background(folder: Utf8PathBuf) {
    tokio::task::spawn_blocking(move || std::fs::remove_dir_all(folder));
}

/// What marks everything that belongs to a run.
pub(super) fn run_marks(run: &str, mark: Option<&str>) -> Vec<String> {
    std::iter::once(format!("{RUN_ID}={run}"))
        .chain(mark.map(str::to_owned))
        .collect()
}
