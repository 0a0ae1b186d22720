//! What a test does to the services of its stack on purpose.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::Signal;
use tokio::sync::{mpsc, oneshot};
use tonic::Status;

use super::protocol::{Action, DisturbRequest, DisturbResponse, Service};
use super::stack_temporal::StackTemporal;
use super::stacks::MadeStack;
use crate::distribution::ServiceKind;

/// Where the leases of a run take orders, by stack.
#[derive(Debug, Default)]
pub(super) struct Desks(Mutex<HashMap<String, mpsc::UnboundedSender<Order>>>);

/// Something to do, and where the answer goes.
#[derive(Debug)]
pub(super) struct Order {
    service: Service,
    action: Action,
    answer: oneshot::Sender<Result<String, String>>,
}

impl Desks {
    /// Opens the desk of a stack.
    pub(super) fn open(&self, stack: &str) -> mpsc::UnboundedReceiver<Order> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.lock().insert(stack.to_owned(), sender);
        receiver
    }

    /// Closes it: orders that come later are refused.
    pub(super) fn close(&self, stack: &str) {
        self.lock().remove(stack);
    }

    /// Takes an order and waits until it is carried out.
    pub(super) async fn disturb(&self, request: DisturbRequest) -> Result<DisturbResponse, Status> {
        let gone = || Status::not_found(format!("there is no stack {}", request.stack));
        let desk = self.lock().get(&request.stack).cloned().ok_or_else(gone)?;
        let (answer, answered) = oneshot::channel();
        let order = Order {
            service: request.service(),
            action: request.action(),
            answer,
        };
        desk.send(order).map_err(|_| gone())?;
        match answered.await {
            Ok(Ok(ended)) => Ok(DisturbResponse { ended }),
            Ok(Err(reason)) => Err(Status::failed_precondition(reason)),
            Err(_) => Err(gone()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, mpsc::UnboundedSender<Order>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Order {
    /// Carries it out.
    pub(super) async fn carry_out(self, stack: &mut MadeStack) {
        let result = match kind(self.service) {
            Some(kind) => on_service(stack, kind, self.action).await,
            None if self.service == Service::Temporal => {
                on_temporal(&mut stack.temporal, self.action).await
            }
            None => Err("no service was named".to_owned()),
        };
        // A test that is gone hears nothing.
        let _ = self.answer.send(result);
    }
}

fn kind(service: Service) -> Option<ServiceKind> {
    match service {
        Service::StigmerServer => Some(ServiceKind::StigmerServer),
        Service::WorkflowRunner => Some(ServiceKind::WorkflowRunner),
        Service::AgentRunner => Some(ServiceKind::AgentRunner),
        Service::Temporal | Service::Unspecified => None,
    }
}

async fn on_service(
    stack: &mut MadeStack,
    kind: ServiceKind,
    action: Action,
) -> Result<String, String> {
    let running = &mut stack.running;
    let nothing = |()| String::new();
    match action {
        Action::Kill => running.end(kind, Signal::KILL).await,
        Action::Terminate => running.end(kind, Signal::TERM).await,
        Action::Pause => running.signal(kind, Signal::STOP).map(nothing),
        Action::Resume => running.signal(kind, Signal::CONT).map(nothing),
        Action::Start => running.start_again(kind).await.map(nothing),
        Action::Unspecified => Err("no action was named".to_owned()),
    }
}

async fn on_temporal(temporal: &mut StackTemporal, action: Action) -> Result<String, String> {
    let StackTemporal::Own(own) = temporal else {
        return Err(
            "the stack shares its Temporal server with others: ask for one of its own".to_owned(),
        );
    };
    let nothing = |()| String::new();
    match action {
        Action::Kill => own.end(Signal::KILL).await,
        Action::Terminate => own.end(Signal::TERM).await,
        Action::Pause => own.signal(Signal::STOP).map(nothing),
        Action::Resume => own.signal(Signal::CONT).map(nothing),
        Action::Start => own.start_again().await.map(nothing),
        Action::Unspecified => Err("no action was named".to_owned()),
    }
}
