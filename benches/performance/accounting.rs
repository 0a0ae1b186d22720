//! What processes cost, as the kernel counts it.

use std::collections::BTreeMap;

use stigmer_e2e::sys;

/// CPU time and memory of one process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cost {
    /// The program's.
    pub(crate) name: String,
    /// Milliseconds in user and kernel mode, its ended children included.
    pub(crate) cpu: f64,
    /// Megabytes of memory, shared pages by the share of who uses them (PSS).
    pub(crate) memory: f64,
}

/// The kernel's ticks are hundredths of a second on every Linux that this can run on.
const MILLISECONDS_PER_TICK: f64 = 10.0;

fn cpu(pid: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may contain anything but ends with the last parenthesis.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)? + ticks(13)? + ticks(14)?) * MILLISECONDS_PER_TICK)
}

fn memory(pid: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kilobytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// Costs of a supervisor, its children and theirs, by their numbers.
pub(crate) fn of_run(supervisor: u32) -> BTreeMap<u32, Cost> {
    let pids = |parent| {
        sys::children_of(parent)
            .into_iter()
            .map(|child| child.pid)
            .collect::<Vec<_>>()
    };
    let children = pids(supervisor);
    let theirs = children.iter().flat_map(|&child| pids(child));
    theirs
        .chain(children.iter().copied())
        .chain([supervisor])
        .map(|pid| (pid, of(pid)))
        .collect()
}

/// Of a process that lives; nothing of one that does not.
fn of(pid: u32) -> Cost {
    let name = sys::parent_and_name(pid).map(|(_, name)| name);
    Cost {
        name: name.unwrap_or_default(),
        cpu: cpu(pid).unwrap_or_default(),
        memory: memory(pid).unwrap_or_default(),
    }
}
