//! Stays with an execution until it ends, the user leaves or the time is up.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

use super::error::FollowError;
use super::execution::{Execution, ExecutionKind, Phase};
use super::feed::Feed;
use super::transcript::Transcript;
use crate::cli::connection::{CALL_LIMIT, Connection};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::server_error::ServerError;
use crate::cli::session::Session;
use crate::wire::workflow_runner::CancelExecutionRequest;
use crate::wire::workflow_runner::workflow_runner_service_controller_client::WorkflowRunnerServiceControllerClient;

/// A restarted server is back within a second or two; the pauses below add up to more.
const ATTEMPTS: usize = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(50);

pub(crate) const DEFAULT_REASON: &str = "cancelled by the user";

/// Prints the execution as it goes on; gives its last state and the exit code of its outcome.
pub(crate) async fn follow(
    session: &Session,
    connection: &Connection,
    kind: ExecutionKind,
    id: &str,
    timeout: Option<Duration>,
) -> Result<(Execution, Exit), CliError> {
    let console = &session.console;
    console.success(format_args!("Streaming {} execution logs", kind.word()));
    console.blank();
    session.offer.open();
    let deadline = timeout.map(|limit| (Instant::now() + limit, limit));
    let mut transcript = Transcript::new(console);
    let mut follower = Follower {
        connection,
        kind,
        id,
        failures: 0,
        feed: None,
    };
    let mut question = None;
    let mut held = None;
    loop {
        let update = tokio::select! {
            update = follower.next() => update,
            () = session.offer.taken() => {
                transcript.close();
                question = offer_to_cancel(session, id);
                continue;
            }
            answer = answered(&mut question) => {
                question = None;
                settle(session, connection, id, &answer).await;
                match held.take() {
                    Some(execution) => Ok(execution),
                    None => continue,
                }
            }
            limit = passed(deadline) => Err(FollowError::TimedOut { limit, id: id.to_owned() }.into()),
        };
        match (&update, &question) {
            // What is printed would tear the question apart.
            (Ok(execution), Some(_)) if !execution.phase().is_terminal() => {
                held = update.ok();
                continue;
            }
            // There is nothing left to ask.
            (_, Some(_)) => console.blank(),
            (_, None) => {}
        }
        let execution = match update {
            Ok(execution) => execution,
            Err(error) => {
                transcript.close();
                return Err(error);
            }
        };
        transcript.update(&execution);
        let exit = match execution.phase() {
            Phase::Completed => Exit::Ok,
            Phase::Failed => Exit::ExecutionFailed,
            Phase::Cancelled => Exit::ExecutionCancelled,
            Phase::Unspecified | Phase::Pending | Phase::InProgress => continue,
        };
        transcript.summarize(&execution);
        return Ok((execution, exit));
    }
}

/// Asks the server to end an execution.
pub(crate) async fn cancel(
    connection: &Connection,
    id: &str,
    reason: &str,
    force: bool,
) -> Result<(), ServerError> {
    let mut client = WorkflowRunnerServiceControllerClient::new(connection.channel());
    let call = client.cancel_execution(CancelExecutionRequest {
        execution_id: id.to_owned(),
        reason: reason.to_owned(),
        force,
    });
    connection
        .call(format!("cancel execution {id}"), CALL_LIMIT, call)
        .await
}

/// Subscribes, and again when a server that restarts drops the stream: the first update is always the stored state, so
/// nothing is missed.
struct Follower<'a> {
    connection: &'a Connection,
    kind: ExecutionKind,
    id: &'a str,
    /// Since the last update.
    failures: usize,
    feed: Option<Feed>,
}

impl Follower<'_> {
    /// Can be cancelled: what it waits for is in `self`.
    async fn next(&mut self) -> Result<Execution, CliError> {
        loop {
            let feed = match &mut self.feed {
                Some(feed) => feed,
                None => match Feed::open(self.connection, self.kind, self.id).await {
                    Ok(feed) => self.feed.insert(feed),
                    Err(error) => {
                        self.failed(error).await?;
                        continue;
                    }
                },
            };
            match feed.next().await {
                Ok(Some(execution)) => {
                    self.failures = 0;
                    return Ok(execution);
                }
                Ok(None) => {
                    self.feed = None;
                    self.failures += 1;
                    if self.failures > ATTEMPTS {
                        let (attempts, id) = (ATTEMPTS, self.id.to_owned());
                        return Err(FollowError::Ended { attempts, id }.into());
                    }
                    self.pause().await;
                }
                Err(status) => {
                    self.feed = None;
                    let doing = format!("follow execution {}", self.id);
                    self.failed(self.connection.refused(doing, status)).await?;
                }
            }
        }
    }

    async fn failed(&mut self, error: ServerError) -> Result<(), CliError> {
        if !error.is_connection_lost() {
            return Err(error.into());
        }
        self.failures += 1;
        if self.failures > ATTEMPTS {
            return Err(FollowError::Lost {
                attempts: ATTEMPTS,
                id: self.id.to_owned(),
                source: Box::new(error),
            }
            .into());
        }
        self.pause().await;
        Ok(())
    }

    /// 50 ms, then twice as long each time.
    async fn pause(&self) {
        let doublings = u32::try_from(self.failures - 1).unwrap_or_default();
        tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(doublings)).await;
    }
}

async fn passed(deadline: Option<(Instant, Duration)>) -> Duration {
    match deadline {
        Some((deadline, limit)) => {
            tokio::time::sleep_until(deadline).await;
            limit
        }
        None => std::future::pending().await,
    }
}

/// What the user will type.
type Question<'a> = Pin<Box<dyn Future<Output = String> + Send + 'a>>;

/// After the first Ctrl-C; the second one ends the command wherever it is. Asks where somebody can answer.
fn offer_to_cancel<'a>(session: &'a Session, id: &str) -> Option<Question<'a>> {
    let console = &session.console;
    console.warning("Interrupted; the execution goes on.");
    console.info(format_args!("  Cancel it: stigmer executions cancel {id}"));
    console.info("  Leave: press Ctrl-C again");
    if !console.answers_questions() {
        console.blank();
        return None;
    }
    console.prose("Cancel the execution? [y/N] ");
    Some(Box::pin(async {
        session.answer().await.unwrap_or_default()
    }))
}

/// The answer to the question, if one stands. Can be cancelled.
async fn answered(question: &mut Option<Question<'_>>) -> String {
    match question {
        Some(question) => question.await,
        None => std::future::pending().await,
    }
}

async fn settle(session: &Session, connection: &Connection, id: &str, answer: &str) {
    let console = &session.console;
    console.blank();
    if matches!(answer.to_lowercase().as_str(), "y" | "yes") {
        match cancel(connection, id, DEFAULT_REASON, false).await {
            Ok(()) => console.info("Cancellation requested."),
            // The stream tells how the execution ends, or that the server is away for good.
            Err(error) => console.warning(format_args!("The execution was not cancelled: {error}")),
        }
        console.blank();
    }
}
