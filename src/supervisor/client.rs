//! What a test process holds: one connection a lease, driven by a thread that does nothing else, so that the end of a
//! stack can be waited for in a destructor.

use std::sync::{Arc, OnceLock, mpsc as blocking};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::transport::{Channel, Endpoint};

use super::folder::{FolderError, RunFolder, StateFolder};
use super::handover;
use super::launch::{self, LaunchError};
use super::protocol::{
    Action, Begin, DisturbRequest, Ended, Event, Hello, LeaseRequest, Needs, Outcome, PROTOCOL,
    Ready, Request, Service, supervisor_client::SupervisorClient as Wire,
};
use super::scope::Scope;
use crate::toolset::{Surroundings, ToolsetError};

/// The end of a stack takes milliseconds; a supervisor that says nothing for so long is stuck, and the test fails.
const END_LIMIT: Duration = Duration::from_secs(30);

/// Why there is no stack.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LeaseError {
    #[error("{0}")]
    Launch(Arc<LaunchError>),
    /// A service did not start, or the programs are missing: the screen that says all of it.
    #[error("{0}")]
    Refused(String),
    /// The connection broke.
    #[error("the supervisor is gone: {0}")]
    Gone(String),
    /// What was asked for cannot be done to a service.
    #[error("the service cannot be disturbed: {0}")]
    Disturb(String),
}

impl LeaseError {
    /// What cures it, where the message does not say so itself.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Launch(error) => error.hint(),
            Self::Refused(_) | Self::Disturb(_) => None,
            Self::Gone(_) => {
                Some("run the test again; if it happens twice, see supervisor.log".to_owned())
            }
        }
    }
}

impl From<LaunchError> for LeaseError {
    fn from(error: LaunchError) -> Self {
        Self::Launch(Arc::new(error))
    }
}

impl From<FolderError> for LeaseError {
    fn from(error: FolderError) -> Self {
        LaunchError::from(error).into()
    }
}

impl From<ToolsetError> for LeaseError {
    fn from(error: ToolsetError) -> Self {
        LaunchError::from(error).into()
    }
}

/// Takes leases of one run.
#[derive(Debug, Clone)]
pub struct SupervisorClient {
    surroundings: Surroundings,
    state: StateFolder,
    scope: Scope,
    driver: Handle,
}

/// A stack that this process holds. Dropping it without [`Lease::end`] ends it as failed.
#[derive(Debug)]
pub struct Lease {
    ready: Ready,
    requests: mpsc::UnboundedSender<LeaseRequest>,
    died: watch::Receiver<Option<String>>,
    ended: blocking::Receiver<Result<Ended, LeaseError>>,
    model: Option<std::net::TcpListener>,
    disturber: Disturber,
}

/// Does things to services of leased stacks.
#[derive(Debug, Clone)]
pub struct Disturber {
    driver: Handle,
    wire: Wire<Channel>,
}

impl SupervisorClient {
    /// For the run that this process belongs to.
    pub fn of_this_process() -> Result<Self, LeaseError> {
        let surroundings = Surroundings::of_this_process()?;
        let variables = std::env::vars().collect();
        Self::new(surroundings, Scope::of_this_process(&variables))
    }

    /// For a given run.
    pub fn new(surroundings: Surroundings, scope: Scope) -> Result<Self, LeaseError> {
        let state = StateFolder::open(
            surroundings.variable("XDG_RUNTIME_DIR"),
            surroundings.variable("TMPDIR"),
        )?;
        Ok(Self {
            surroundings,
            state,
            scope,
            driver: driver(),
        })
    }

    /// Where this process stands.
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// The run.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Runs something beside the test, as long as the process lives.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.driver.spawn(work);
    }

    /// Takes a stack that has what is needed. Starts the supervisor when there is none.
    pub async fn lease(
        &self,
        test: &str,
        attempt: &str,
        needs: Needs,
    ) -> Result<Lease, LeaseError> {
        let begin = Begin {
            protocol: PROTOCOL,
            test: test.to_owned(),
            attempt: attempt.to_owned(),
            needs: Some(needs),
        };
        let (answer, answered) = oneshot::channel();
        self.driver.spawn(drive(self.clone(), begin, answer));
        answered
            .await
            .unwrap_or_else(|_| Err(LeaseError::Gone("its driver ended".to_owned())))
    }
}

/// The thread that drives this process's connections; it lasts as long as the process.
fn driver() -> Handle {
    static DRIVER: OnceLock<Handle> = OnceLock::new();
    DRIVER
        .get_or_init(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime can be made");
            let handle = runtime.handle().clone();
            std::thread::Builder::new()
                .name("stigmer-e2e".to_owned())
                .spawn(move || runtime.block_on(std::future::pending::<()>()))
                .expect("a thread can be made");
            handle
        })
        .clone()
}

async fn drive(
    client: SupervisorClient,
    begin: Begin,
    answer: oneshot::Sender<Result<Lease, LeaseError>>,
) {
    let (requests, receiver) = mpsc::unbounded_channel();
    let (died, watch_died) = watch::channel(None);
    let (end, ended) = blocking::channel();
    let begin = LeaseRequest {
        request: Some(Request::Begin(begin)),
    };
    let _ = requests.send(begin);
    let driver = client.driver.clone();
    // The lease has the only sender then: its end is the end of the requests.
    let mut waiting = Some((answer, ended, requests));
    let result = talk(client, receiver, |event| match event {
        Heard::Ready(ready, model, wire) => {
            if let Some((answer, ended, requests)) = waiting.take() {
                // A caller that went away ends the lease by what it drops.
                let _ = answer.send(Ok(Lease {
                    ready: *ready,
                    requests,
                    died: watch_died.clone(),
                    ended,
                    model,
                    disturber: Disturber {
                        driver: driver.clone(),
                        wire: *wire,
                    },
                }));
            }
        }
        Heard::Died(screen) => {
            died.send_replace(Some(screen));
        }
    });
    let result = result.await;
    match waiting {
        Some((answer, ..)) => {
            let error = result
                .err()
                .unwrap_or_else(|| LeaseError::Gone("it ended the lease at once".to_owned()));
            let _ = answer.send(Err(error));
        }
        None => {
            if let Err(error) = &result {
                died.send_replace(Some(error.to_string()));
            }
            let _ = end.send(result);
        }
    }
}

enum Heard {
    Ready(
        Box<Ready>,
        Option<std::net::TcpListener>,
        Box<Wire<Channel>>,
    ),
    Died(String),
}

async fn talk(
    client: SupervisorClient,
    receiver: mpsc::UnboundedReceiver<LeaseRequest>,
    mut hear: impl FnMut(Heard),
) -> Result<Ended, LeaseError> {
    let (folder, channel) = reach(&client).await?;
    let wire = Wire::new(channel);
    let mut events = wire
        .clone()
        .lease(UnboundedReceiverStream::new(receiver))
        .await
        .map_err(gone)?
        .into_inner();
    while let Some(event) = events.next().await {
        match event.map_err(gone)?.event {
            Some(Event::Ready(ready)) => {
                let model = (!ready.model.is_empty())
                    .then(|| handover::take(&folder.handover(), &ready.stack))
                    .transpose()
                    .map_err(|error| LeaseError::Gone(format!("the model's socket: {error}")))?;
                hear(Heard::Ready(Box::new(ready), model, Box::new(wire.clone())));
            }
            Some(Event::FailedToStart(failure)) => return Err(LeaseError::Refused(failure.screen)),
            Some(Event::ServiceDied(failure)) => hear(Heard::Died(failure.screen)),
            Some(Event::Ended(ended)) => return Ok(ended),
            None => {}
        }
    }
    Err(LeaseError::Gone("it closed the connection".to_owned()))
}

fn gone(status: tonic::Status) -> LeaseError {
    LeaseError::Gone(status.message().to_owned())
}

/// A supervisor that was killed a moment ago may still seem to answer: then there is another one to start.
const ATTEMPTS: usize = 3;

/// Connects to the run's supervisor, starting it when there is none.
async fn reach(client: &SupervisorClient) -> Result<(RunFolder, Channel), LeaseError> {
    let mut last = LeaseError::Gone("it was never there".to_owned());
    for _ in 0..ATTEMPTS {
        let starter = client.clone();
        let folder = tokio::task::spawn_blocking(move || {
            launch::ensure(&starter.surroundings, &starter.state, &starter.scope)
        })
        .await
        .map_err(|error| LeaseError::Gone(error.to_string()))??;
        let endpoint = Endpoint::from_shared(format!("unix:{}", folder.socket()))
            .expect("the path of a socket makes a URI");
        match greet(&endpoint).await {
            Ok(channel) => return Ok((folder, channel)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Connects, and makes sure that somebody speaks at the other end.
async fn greet(endpoint: &Endpoint) -> Result<Channel, LeaseError> {
    let channel = endpoint
        .connect()
        .await
        .map_err(|error| LeaseError::Gone(error.to_string()))?;
    Wire::new(channel.clone())
        .say_hello(Hello {})
        .await
        .map_err(gone)?;
    Ok(channel)
}

impl Lease {
    /// The stack.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// The model's socket, once.
    pub fn take_model(&mut self) -> Option<std::net::TcpListener> {
        self.model.take()
    }

    /// Turns to a screen when a service dies by itself, or the supervisor does.
    pub fn died(&self) -> watch::Receiver<Option<String>> {
        self.died.clone()
    }

    /// A way to do things to the stack's services.
    pub fn disturber(&self) -> Disturber {
        self.disturber.clone()
    }

    /// A way to say that the test has failed, from anywhere in the process, which does not keep the lease.
    pub fn voice(&self) -> LeaseVoice {
        LeaseVoice(self.requests.downgrade())
    }

    /// Ends the lease and waits until the stack is gone.
    pub fn end(self, passed: bool) -> Result<Ended, LeaseError> {
        if passed {
            // A connection that is gone has failed the lease already.
            let _ = self.requests.send(outcome(true, ""));
        }
        let Self {
            requests, ended, ..
        } = self;
        drop(requests);
        ended.recv_timeout(END_LIMIT).unwrap_or_else(|_| {
            Err(LeaseError::Gone(format!(
                "it did not end the stack within {} s",
                END_LIMIT.as_secs()
            )))
        })
    }
}

impl Disturber {
    /// Does something to a service and waits until it is done. Answers how the service ended, when it did.
    pub async fn disturb(
        &self,
        stack: &str,
        service: Service,
        action: Action,
    ) -> Result<String, LeaseError> {
        let request = DisturbRequest {
            stack: stack.to_owned(),
            service: service.into(),
            action: action.into(),
        };
        let mut wire = self.wire.clone();
        // The connection belongs to the driver's runtime.
        let answer = self
            .driver
            .spawn(async move { wire.disturb(request).await })
            .await;
        match answer {
            Ok(Ok(response)) => Ok(response.into_inner().ended),
            Ok(Err(status)) => Err(LeaseError::Disturb(status.message().to_owned())),
            Err(error) => Err(LeaseError::Gone(error.to_string())),
        }
    }
}

/// Says that a test has failed.
#[derive(Debug, Clone)]
pub struct LeaseVoice(mpsc::WeakUnboundedSender<LeaseRequest>);

impl LeaseVoice {
    /// The test has failed. It cannot be taken back.
    pub fn failed(&self, message: &str) {
        if let Some(requests) = self.0.upgrade() {
            let _ = requests.send(outcome(false, message));
        }
    }
}

fn outcome(passed: bool, message: &str) -> LeaseRequest {
    LeaseRequest {
        request: Some(Request::Outcome(Outcome {
            passed,
            message: message.to_owned(),
        })),
    }
}
