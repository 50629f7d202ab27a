//! What is measured together: one process builds one town and takes every figure from it.

mod beside;
mod bindings;
mod flips;
mod lookups;
mod naive;
mod policy;
mod shapes;
mod silence;
mod swap;
mod town;

use anyhow::Result;

/// One process's work.
pub(crate) struct Part {
    pub(crate) name: String,
    /// What it needs beside what a small program needs, in bytes.
    pub(crate) memory: u64,
    run: Box<dyn Fn() -> Result<()>>,
}

impl Part {
    fn new(name: impl Into<String>, memory: u64, run: impl Fn() -> Result<()> + 'static) -> Part {
        Part { name: name.into(), memory, run: Box::new(run) }
    }

    pub(crate) fn run(&self) -> Result<()> {
        (self.run)()
    }
}

/// How much is done for a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Sizes of towns.
    pub(crate) sizes: &'static [Size],
    /// Runs of which the median is taken.
    pub(crate) runs: usize,
}

impl Effort {
    pub(crate) fn new(quick: bool) -> Effort {
        if quick { Effort { sizes: &SIZES[..1], runs: 3 } } else { Effort { sizes: &SIZES, runs: 5 } }
    }
}

/// A number of instances and what it is called in tables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) instances: usize,
    pub(crate) name: &'static str,
}

const SIZES: [Size; 3] = [
    Size { instances: 100_000, name: "100 k" },
    Size { instances: 1_000_000, name: "1 M" },
    Size { instances: 10_000_000, name: "10 M" },
];
/// The naive registry takes more than a kilobyte for an instance.
pub(crate) const NAIVE_MAX: usize = 1_000_000;
/// A town's bytes for an instance, with room for what measuring it takes.
const INSTANCE_BYTES: u64 = 450;

pub(crate) fn parts(effort: Effort) -> Vec<Part> {
    let mut parts = vec![
        Part::new("policy", 1 << 30, move || policy::run(effort)),
        Part::new("lookups", 1 << 30, move || lookups::run(effort)),
        Part::new("flips", 1 << 30, move || flips::run(effort)),
        Part::new("silence", 1 << 30, move || silence::run(effort)),
        Part::new("memory beside", 1 << 30, beside::run),
        Part::new("bindings", 1 << 30, move || bindings::run(effort)),
        Part::new("swap", 1 << 30, move || swap::run(effort)),
    ];
    for size in effort.sizes.iter().copied() {
        let bytes = INSTANCE_BYTES * size.instances as u64;
        parts.push(Part::new(format!("town {}", size.name), bytes, move || town::run(effort, size)));
        if size.instances <= NAIVE_MAX {
            parts.push(Part::new(format!("naive {}", size.name), 4 * bytes, move || naive::run(effort, size)));
        }
    }
    parts
}
