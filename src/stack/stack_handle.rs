//! A stack in the hands of a test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use tonic::transport::{Channel, Endpoint};

use super::command::CommandOutcome;
use super::context::TestContext;
use super::environment::command_environment;
use super::failure::TestFailure;
use super::hold;
use super::service::StackService;
use super::spec::StackSpec;
use super::store::{Store, StoreError};
use crate::cli::Cli;
use crate::model::{ModelSpec, RunningModel};
use crate::supervisor::{Ended, Lease, LeaseError, Ready, Service, SupervisorClient};
use crate::sys;
use crate::toolset::Surroundings;

/// A test whose service has died gets so long to end by itself: its calls to that service fail within milliseconds.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// What libtest exits with when a test fails.
const FAILED: i32 = 101;

/// A complete Stigmer that only this test uses. Dropping it stops it; what the test left behind fails the test.
#[derive(Debug)]
#[must_use = "dropping it stops the stack"]
pub struct Stack {
    /// Taken when the stack ends.
    lease: Option<Lease>,
    ready: Ready,
    model: Option<RunningModel>,
    context: Arc<TestContext>,
    surroundings: Surroundings,
    run: String,
}

impl Stack {
    /// Takes a stack.
    ///
    /// # Errors
    /// When a program is missing or a service does not start: the failure says which, why and what cures it.
    pub async fn start(spec: StackSpec) -> Result<Self, TestFailure> {
        let test = test_name();
        let attempt = std::env::var("NEXTEST_ATTEMPT_ID").unwrap_or_default();
        let (needs, script) = spec.into_parts();
        let client = SupervisorClient::of_this_process().map_err(hinted)?;
        let mut lease = client.lease(&test, &attempt, needs).await.map_err(hinted)?;
        let context = TestContext::begin(lease.voice());
        let model = lease
            .take_model()
            .map(|listener| ModelSpec::new(script).serve_on_thread(listener))
            .transpose()?;
        watch_services(&client, &lease, &context);
        Ok(Self {
            ready: lease.ready().clone(),
            lease: Some(lease),
            model,
            context,
            surroundings: client.surroundings().clone(),
            run: client.scope().run.clone(),
        })
    }

    /// The model that the stack's agents talk to.
    ///
    /// # Panics
    /// When the stack has no agent-runner.
    pub fn model(&self) -> &RunningModel {
        self.model.as_ref().expect(
            "a stack without an agent-runner has no model: take `stack`, or `with_agent_runner()`",
        )
    }

    /// Where the server listens.
    ///
    /// # Panics
    /// When the stack has no server.
    pub fn server_address(&self) -> SocketAddr {
        self.ready
            .server
            .parse()
            .expect("this stack has no server: take `server_stack`, or `StackSpec::server()`")
    }

    /// A gRPC connection to the server.
    ///
    /// # Panics
    /// When the stack has no server.
    pub fn server(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.server_address()))
            .expect("an address makes a URI")
            .connect_lazy()
    }

    /// Temporal namespace of the stack; empty when it has no runner.
    pub fn namespace(&self) -> &str {
        &self.ready.namespace
    }

    /// One of the stack's services, to be killed, paused or started again. Temporal can be disturbed only where the stack has
    /// one of its own.
    pub fn service(&self, service: Service) -> StackService {
        let lease = self
            .lease
            .as_ref()
            .expect("the lease is taken in drop only");
        StackService::new(lease.disturber(), &self.ready.stack, service)
    }

    /// Private folder of the stack, gone at its end.
    pub fn folder(&self) -> &Utf8Path {
        Utf8Path::new(&self.ready.folder)
    }

    /// Runs a `stigmer` command line in this process, against this stack, in the directory of the checkout.
    pub async fn cli(
        &self,
        arguments: impl IntoIterator<Item = impl Into<String>>,
    ) -> CommandOutcome {
        let arguments: Vec<String> = arguments.into_iter().map(Into::into).collect();
        let run = Cli::new()
            .args(&arguments)
            .cwd(self.surroundings.workspace())
            .envs(command_environment(
                &self.surroundings,
                &self.run,
                &self.ready,
            ))
            .run();
        let output = self.while_services_live(run).await;
        CommandOutcome::new(&arguments, output)
    }

    /// What lies in the server's database now.
    pub async fn store(&self) -> Result<Store, StoreError> {
        if self.ready.store_program.is_empty() {
            return Err(StoreError::NoServer);
        }
        let program = Utf8PathBuf::from(&self.ready.store_program);
        let database = Utf8PathBuf::from(&self.ready.database);
        tokio::task::spawn_blocking(move || Store::read(program, database))
            .await
            .expect("reading a database does not panic")
    }

    /// Waits for something that the services do, and not in vain when one of them dies.
    async fn while_services_live<T>(&self, work: impl Future<Output = T>) -> T {
        let lease = self
            .lease
            .as_ref()
            .expect("the lease is taken in drop only");
        let mut died = lease.died();
        let death = async {
            loop {
                if let Some(screen) = died.borrow_and_update().clone() {
                    return screen;
                }
                if died.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::select! {
            result = work => result,
            screen = death => panic!("{screen}"),
        }
    }
}

impl Drop for Stack {
    #[expect(clippy::print_stderr, reason = "this is the screen of a failed test")]
    fn drop(&mut self) {
        let Some(lease) = self.lease.take() else {
            return;
        };
        let panicking = std::thread::panicking();
        if panicking {
            self.context.fail("the test panicked");
        } else if let Some(Err(mismatch)) = self.model.as_ref().map(RunningModel::verify) {
            self.context.fail(&mismatch.to_string());
        }
        let noted = self.context.failure();
        if let Some(noted) = noted.as_ref().filter(|_| hold::wanted()) {
            hold::hold(&noted.message, &self.surroundings, &self.run, &self.ready);
        }
        let ended = lease.end(noted.is_none());
        let complaint = complaint(&ended);
        if noted.is_none() && complaint.is_none() {
            return;
        }
        let on_its_way = panicking || noted.as_ref().is_some_and(|noted| noted.on_its_way);
        let messages: Vec<String> = noted
            .map(|noted| noted.message)
            .into_iter()
            .chain(complaint)
            .collect();
        let message = messages.join("\n");
        eprintln!("stigmer-e2e: {message}");
        match ended.map(|ended| ended.evidence) {
            Ok(evidence) if !evidence.is_empty() => eprintln!("stigmer-e2e: evidence: {evidence}"),
            _ => {}
        }
        // A destructor has no other way to fail a test that is about to pass.
        assert!(on_its_way, "{message}");
    }
}

/// What only the end of a stack brings to light.
fn complaint(ended: &Result<Ended, LeaseError>) -> Option<String> {
    match ended {
        Err(error) => Some(error.to_string()),
        Ok(ended) if !ended.complaint.is_empty() => Some(ended.complaint.clone()),
        Ok(ended) if ended.leaks.is_empty() => None,
        Ok(ended) => {
            let leaks = ended
                .leaks
                .iter()
                .map(|leak| format!("\n  {} {}", leak.pid, leak.command));
            Some(format!(
                "the test left processes behind, which have been ended now:{}",
                leaks.collect::<String>()
            ))
        }
    }
}

/// Notes a service's death at once, and ends a test that waits for something else.
#[expect(clippy::print_stderr, reason = "this is the screen of a failed test")]
fn watch_services(client: &SupervisorClient, lease: &Lease, context: &Arc<TestContext>) {
    let mut died = lease.died();
    let context = Arc::downgrade(context);
    client.spawn(async move {
        let screen = loop {
            if let Some(screen) = died.borrow_and_update().clone() {
                break screen;
            }
            if died.changed().await.is_err() {
                return;
            }
        };
        let Some(context) = context.upgrade() else {
            return;
        };
        context.fail(&screen);
        eprintln!("stigmer-e2e: {screen}");
        drop(context);
        // Where the process is this test's alone, the test need not go on waiting for an answer that never comes.
        if std::env::var_os("NEXTEST_ATTEMPT_ID").is_some() && !sys::is_traced() {
            tokio::time::sleep(LAST_WORDS).await;
            std::process::exit(FAILED);
        }
    });
}

/// Name of the running test: nextest tells it; libtest names the thread after it.
fn test_name() -> String {
    std::env::var("NEXTEST_TEST_NAME")
        .ok()
        .or_else(|| std::thread::current().name().map(str::to_owned))
        .unwrap_or_default()
}

fn hinted(error: LeaseError) -> TestFailure {
    match error.hint() {
        Some(hint) => TestFailure::new(format!("{error}\n  hint: {hint}")),
        None => TestFailure::from(error),
    }
}
