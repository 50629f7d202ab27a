//! The machine: what it is, what it holds, and the limit that no registry can beat.

use std::{
    fs,
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::spread::ns_each;

/// Memory that this process holds, in bytes.
pub(crate) fn resident_bytes() -> Option<u64> {
    kib("/proc/self/status", "VmRSS:")
}

/// Memory that a process could still get, in bytes.
pub(crate) fn available_bytes() -> Option<u64> {
    kib("/proc/meminfo", "MemAvailable:")
}

fn kib(file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib << 10)
}

/// One line about processor, memory, kernel, and what else the machine is doing: ask before measuring.
pub(crate) fn description() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map(|(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let gib = kib("/proc/meminfo", "MemTotal:").unwrap_or(0) >> 30;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown");
    let model = model.unwrap_or("unknown processor");
    format!("{model}, {cores} cores, {gib} GiB, kernel {}, load {load} before the run", kernel.trim())
}

/// Independent relaxed stores to words in random order: as fast as this machine can touch that much memory when nothing
/// has to be checked. A beat by handle can come close to it and never beat it.
pub(crate) struct StoreLimit {
    words: Vec<AtomicU64>,
    order: Vec<u32>,
}

impl StoreLimit {
    /// As many words as instances; `order` says in which order they are written.
    pub(crate) fn new(order: &[u32]) -> StoreLimit {
        StoreLimit { words: (0..order.len() as u64).map(AtomicU64::new).collect(), order: order.to_vec() }
    }

    /// Nanoseconds for one store.
    pub(crate) fn run(&self, value: u64) -> f64 {
        ns_each(self.order.len(), || {
            for word in &self.order {
                self.words[*word as usize].store(value, Ordering::Relaxed);
            }
            black_box(&self.words);
        })
    }
}

/// What two threads of this machine do to each other when they share nothing at all: each walks numbers of its own, as
/// long as a service of twenty, some of them at random or one again and again.
pub(crate) struct OwnWalks {
    lists: Vec<[u64; LIST]>,
    order: Vec<usize>,
}

/// Twenty records of 24 bytes.
const LIST: usize = 60;

impl OwnWalks {
    /// One thread's; `order` says which list is walked when.
    pub(crate) fn new(lists: usize, order: Vec<usize>) -> OwnWalks {
        OwnWalks { lists: vec![[1; LIST]; lists], order }
    }

    /// Nanoseconds for one walk.
    pub(crate) fn run(&self) -> f64 {
        ns_each(self.order.len(), || {
            let walk = |at: &usize| black_box(&self.lists[*at]).iter().sum::<u64>();
            black_box(self.order.iter().map(walk).sum::<u64>());
        })
    }
}
