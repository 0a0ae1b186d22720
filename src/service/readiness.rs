//! One loop, three exits: ready, process ended, deadline.

use std::time::{Duration, Instant};

use super::failure::{Cause, ServiceFailure};
use super::process::RunningProcess;

/// The first look after this time, and then as often: half of it is lost on average.
const FIRST_INTERVAL: Duration = Duration::from_millis(5);
/// Looks become rarer up to this, so that a slow start is not made slower by looking.
const LAST_INTERVAL: Duration = Duration::from_millis(50);

/// A service that is there answers within milliseconds. One that took the connection and says nothing is not there.
const PROBE_LIMIT: Duration = Duration::from_secs(1);

/// Asks `probe` until it says yes. Answers how long the service took, from its process's start.
///
/// # Errors
/// When the process ends, or `limit` has gone by since the process's start.
pub(super) async fn until_ready<F>(
    process: &mut RunningProcess,
    limit: Duration,
    mut probe: impl FnMut() -> F,
) -> Result<Duration, ServiceFailure>
where
    F: Future<Output = Result<(), String>>,
{
    let deadline = tokio::time::Instant::from_std(process.begun() + limit);
    let mut interval = FIRST_INTERVAL;
    let mut last = None;
    loop {
        let attempt = async {
            let answer = tokio::time::timeout(PROBE_LIMIT, probe())
                .await
                .unwrap_or_else(|_| Err(format!("no answer within {PROBE_LIMIT:?}")));
            if answer.is_err() {
                tokio::time::sleep(interval).await;
            }
            answer
        };
        tokio::select! {
            biased;
            status = process.ended() => {
                return Err(process.failure(Cause::ended(status), last, hint(process)));
            }
            answer = attempt => match answer {
                Ok(()) => return Ok(Instant::now() - process.begun()),
                Err(reason) => last = Some(reason),
            },
            () = tokio::time::sleep_until(deadline) => {
                return Err(process.failure(Cause::NotReady, last, hint(process)));
            }
        }
        interval = (interval * 5 / 4).min(LAST_INTERVAL);
    }
}

/// What the log says that has a known cure.
fn hint(process: &RunningProcess) -> Option<String> {
    let failure = process.failure(Cause::NotReady, None, None);
    let says = |text: &str| failure.log_tail.iter().any(|line| line.contains(text));
    if says("address already in use") {
        Some("another program took the port; run it again".to_owned())
    } else if says("No space left on device") || says("disk full") {
        Some("make room on the disk, or set TMPDIR to a folder that has some".to_owned())
    } else {
        None
    }
}
