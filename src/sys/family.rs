//! Who started whom, and who carries a mark: what ownership and leak checks are made of.

use super::{StartTime, platform};

/// A process, as a look at all processes sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    pub pid: u32,
    pub parent: u32,
    /// Its program and arguments.
    pub command: String,
}

/// Parent and program name of a process.
pub fn parent_and_name(pid: u32) -> Option<(u32, String)> {
    platform::parent_and_name(pid)
}

/// The nearest ancestor of this process whose program has this name, with its start time.
pub fn ancestor_named(name: &str) -> Option<(u32, StartTime)> {
    let mut pid = std::process::id();
    // A process tree is not deep; the bound ends a walk that goes in circles while processes come and go.
    for _ in 0..64 {
        let (parent, _) = parent_and_name(pid)?;
        if parent_and_name(parent)?.1 == name {
            return Some((parent, StartTime::of(parent)?));
        }
        pid = parent;
    }
    None
}

/// All living processes whose environment, as it was at their start, has one of these entries (`NAME=value`).
///
/// Only Linux shows it; on macOS the answer is empty, and sessions are what remains.
pub fn marked(entries: &[String]) -> Vec<Sighting> {
    platform::marked(entries)
}

/// All living processes whose environment, as it was at their start, contains this text: a folder that only they know.
///
/// Only Linux shows it; on macOS the answer is empty.
pub fn with_environment_text(text: &str) -> Vec<Sighting> {
    platform::with_environment_text(text)
}

/// Living children of a process.
pub fn children_of(pid: u32) -> Vec<Sighting> {
    platform::children_of(pid)
}

/// Makes orphans among our descendants our children, so that none can leave. Linux only.
pub fn adopt_orphans() -> std::io::Result<()> {
    platform::adopt_orphans()
}

/// Whether `pid` descends from one of `ancestors`, or is one.
pub fn descends_from(pid: u32, ancestors: &[u32]) -> bool {
    let mut current = pid;
    for _ in 0..64 {
        if ancestors.contains(&current) {
            return true;
        }
        match parent_and_name(current) {
            Some((parent, _)) if parent > 1 => current = parent,
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    struct Sleeper(std::process::Child);

    impl Sleeper {
        fn start(mark: &str) -> Self {
            Self(
                Command::new("sleep")
                    .arg("60")
                    .env("STIGMER_E2E_TEST_MARK", mark)
                    .stdin(Stdio::null())
                    .spawn()
                    .unwrap(),
            )
        }
    }

    impl Drop for Sleeper {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    #[test]
    fn we_are_a_child_of_our_parent() {
        let (parent, name) = parent_and_name(std::process::id()).unwrap();
        assert_eq!(parent, std::os::unix::process::parent_id());
        assert!(!name.is_empty());
        assert!(descends_from(std::process::id(), &[parent]));
        assert!(!descends_from(parent, &[std::process::id()]));
    }

    #[cfg_attr(not(target_os = "linux"), ignore = "it looks into /proc")]
    #[test]
    fn a_marked_process_is_seen_until_it_has_ended() {
        let mark = format!("family-{}", std::process::id());
        let entry = format!("STIGMER_E2E_TEST_MARK={mark}");
        // Another value that begins in the same way is another mark.
        let other = Sleeper::start(&format!("{mark}0"));
        let mut sleeper = Sleeper::start(&mark);
        let seen = marked(std::slice::from_ref(&entry));
        assert_eq!(
            seen.iter().map(|s| s.pid).collect::<Vec<_>>(),
            [sleeper.0.id()]
        );
        assert_eq!(seen[0].command, "sleep 60");
        assert!(
            children_of(std::process::id())
                .iter()
                .any(|s| s.pid == other.0.id())
        );
        sleeper.0.kill().unwrap();
        // Not reaped yet: a zombie is no leak.
        while StartTime::of(sleeper.0.id()).is_some() {
            std::thread::yield_now();
        }
        assert_eq!(marked(&[entry]), []);
    }
}
