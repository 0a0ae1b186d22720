//! Processes that somebody left behind: found by their marks, reported, and ended.

use rustix::process::Signal;

use super::{Process, Sighting, children_of, descends_from, marked, parent_and_name};

/// A process may fork while it is looked for: after so many rounds what still appears is a fork bomb.
const ROUNDS: usize = 20;

/// What belongs to a test, a run or a provisioning, and what of it may stay.
#[derive(Debug, Clone, Default)]
pub struct Belongings {
    /// `NAME=value` entries in the environment of its processes.
    pub marks: Vec<String>,
    /// Processes that carry a mark and are no leak: the services, with all that descends from them.
    pub services: Vec<u32>,
    /// The test process; what it started and not ended is a leak, whatever its environment.
    pub test: Option<u32>,
    /// What the test process had started before it took its stack.
    pub before: Vec<u32>,
}

impl Belongings {
    /// Living processes that outlive their test.
    pub fn left_behind(&self) -> Vec<Sighting> {
        let own = std::process::id();
        let mut seen = marked(&self.marks);
        if let Some(test) = self.test {
            let children = children_of(test).into_iter();
            seen.extend(children.filter(|child| !self.before.contains(&child.pid)));
            seen.retain(|sighting| sighting.pid != test && !descends_from(test, &[sighting.pid]));
        }
        // This process was started by a test, so it carries that test's marks; so does what it is just asking.
        seen.retain(|sighting| sighting.pid != own && !descends_from(sighting.pid, &self.services));
        seen.sort_by_key(|sighting| sighting.pid);
        seen.dedup_by_key(|sighting| sighting.pid);
        seen
    }

    /// Ends what is left behind, and what that may start meanwhile. Answers whether nothing is left.
    pub fn end(&self) -> bool {
        for _ in 0..ROUNDS {
            let left = self.left_behind();
            if left.is_empty() {
                return true;
            }
            for sighting in left {
                kill(&sighting);
            }
        }
        false
    }
}

fn kill(sighting: &Sighting) {
    let Ok(process) = Process::open(sighting.pid) else {
        return;
    };
    // Between the look and the hold the number may have been given to another process.
    if parent_and_name(sighting.pid).is_some_and(|(parent, _)| parent == sighting.parent) {
        let _ = process.signal(Signal::KILL);
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    fn belongings(name: &str) -> (Belongings, String) {
        let mark = format!("leaks-{name}-{}", std::process::id());
        let belongings = Belongings {
            marks: vec![format!("STIGMER_E2E_TEST_MARK={mark}")],
            ..Belongings::default()
        };
        (belongings, mark)
    }

    fn shell(mark: &str, script: &str) -> std::process::Child {
        Command::new("sh")
            .args(["-c", script])
            .env("STIGMER_E2E_TEST_MARK", mark)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    #[test]
    fn a_grandchild_in_a_session_of_its_own_is_found_and_ended() {
        let (belongings, mark) = belongings("setsid");
        let mut parent = shell(&mark, "setsid sh -c 'sleep 60' & wait");
        // The shell, setsid's successor and the sleep: wait until they are all there.
        while belongings.left_behind().len() < 2 {
            std::thread::yield_now();
        }
        assert!(belongings.end());
        assert_eq!(belongings.left_behind(), []);
        parent.wait().unwrap();
    }

    #[test]
    fn services_and_their_children_are_no_leak() {
        let (mut belongings, mark) = belongings("services");
        let mut service = shell(&mark, "sleep 60 & wait");
        while belongings.left_behind().len() < 2 {
            std::thread::yield_now();
        }
        belongings.services.push(service.id());
        assert_eq!(belongings.left_behind(), []);
        belongings.services.clear();
        assert!(belongings.end());
        service.wait().unwrap();
    }
}
