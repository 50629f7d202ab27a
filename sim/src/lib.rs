//! Deterministic simulation: one seed drives clients, operators, clocks, swaps and crashes against the real core in
//! virtual time, and after every event everything that the registry shows is compared with a model.
//!
//! ```
//! use steadfast_sim::{Setup, run};
//!
//! let summary = run(&Setup::new(7, 300), &mut |_| {})?;
//! assert_eq!(summary.events, 300);
//! # Ok::<(), Box<steadfast_sim::Violation>>(())
//! ```
//!
//! # What is played
//!
//! - Clients that register, beat by handle, by name, in batches and in full, claim, leave, restart as another program,
//!   go deaf, and whose connections close late; operators with holds of each kind, ends, overlays and removals, floors,
//!   bulk orders and forced releases; health checks; quotas; nonsense that must be refused; the same event twice.
//! - Readers who filter, protect and pick; watchers, one of whom reads so seldom that it falls behind.
//! - Clocks: ordinary ticks, late ones, a host that was suspended, a monotonic clock that goes back, a wall clock that
//!   jumps.
//! - Installs and routes among every policy that ships, and one that uses every part of a manifest.
//! - A store whose commits fail, or in which the process dies, with either outcome; crashes and shutdowns at any time,
//!   and starts that fail.
//!
//! # What is checked, after every event
//!
//! - Replies, views, `explain`, the list of orders and the counters are those of a model that shares no code with the
//!   registry: it folds and settles events by a second reading of the design, and asks the policies, not their tables.
//!   A beat that passes an open gate must therefore be one that changes nothing.
//! - A revision grows exactly when a published record changes, and watchers hear exactly that. Handles are never given
//!   twice, and stale ones are recognised.
//! - The laws that the policy of each service claims, with the operators' orders as ghosts.
//! - A bulk order does what its plan said. Every decision is in the journal, once, in its order.
//! - Silence is found in (T, T + 300 ms], never earlier, never later than the ticks permit.
//! - After a restart everything acknowledged is there and nothing that was never said; where a commit had failed,
//!   either outcome, and from then on that one.
//!
//! The same setup plays the same history: chance comes from the seed alone, and nothing reads a clock, starts a thread
//! or iterates in the order of a hash.

#![forbid(unsafe_code)]
// Numbers of places, clients and policies are tiny; narrowing them loses nothing.
#![allow(clippy::cast_possible_truncation)]

mod cast;
mod compare;
mod coverage;
mod disk;
mod event;
mod menu;
mod model;
mod monitor;
mod stage;
mod story;
mod world;

use std::collections::VecDeque;

use cast::Cast;
pub use coverage::Coverage;
pub use disk::Vice;
pub use menu::Menu;
use stage::{Stage, Wrong};
use story::History;
pub use story::{Story, Violation};

/// Events that a violation tells in words.
const TOLD_MAX: usize = 12;
/// Events between two reports of progress.
const PROGRESS_EVERY: u64 = 1_000;

/// A fault that is set on purpose: a simulation that does not find it is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The store breaks its contract.
    Store(Vice),
    /// The model has a wrong rule: silence is due a step too early.
    Impatience,
    /// The registry's ticker tells it the time once a second only.
    SleepyTicker,
}

/// What to play.
#[derive(Clone)]
pub struct Setup {
    /// Where all chance comes from.
    pub seed: u64,
    /// How many events.
    pub events: u64,
    /// The policies that are swapped.
    pub menu: Menu,
    /// A fault to find.
    pub fault: Option<Fault>,
}

impl Setup {
    /// So many events of a seed, with every policy that ships and no fault.
    pub fn new(seed: u64, events: u64) -> Setup {
        Setup { seed, events, menu: Menu::shipped(), fault: None }
    }

    /// The shortest history that breaks the same promise; `None` if it breaks none or another one.
    ///
    /// Drops events as long as that works, within a bound on the work.
    pub fn shrink(&self, violation: &Violation) -> Option<Story> {
        let mut recorded = Vec::new();
        let (boot, _) = perform(&Setup { events: violation.event, ..self.clone() }, &mut |_| {}, Some(&mut recorded));
        History { boot, events: recorded }.shrink(self, &violation.rule)
    }
}

/// What a simulation did.
#[derive(Clone, Debug)]
pub struct Summary {
    /// How many events it played.
    pub events: u64,
    /// How often a process was started.
    pub starts: u64,
    /// Equal for equal histories: a digest of every reply and every published revision.
    pub digest: u64,
    /// What was exercised.
    pub coverage: Coverage,
}

/// Plays a history; `progress` hears of every thousandth event. Every promise was kept, or the first that was not.
pub fn run(setup: &Setup, progress: &mut dyn FnMut(&Summary)) -> Result<Summary, Box<Violation>> {
    perform(setup, progress, None).1
}

/// The first start, and what came of the history; each event is added to `recorded` before it is played.
fn perform(
    setup: &Setup,
    progress: &mut dyn FnMut(&Summary),
    mut recorded: Option<&mut Vec<event::Event>>,
) -> (event::Boot, Result<Summary, Box<Violation>>) {
    let mut cast = Cast::new(setup.seed, setup.menu.len() as u8);
    let boot = cast.boot();
    let mut told = VecDeque::new();
    let mut stage = match Stage::open(setup.menu.clone(), boot, setup.fault) {
        Ok(stage) => stage,
        Err(wrong) => return (boot, Err(violation(setup, 0, wrong, told).into())),
    };
    let mut coverage = Coverage::new(&setup.menu);
    for number in 1..=setup.events {
        let event = cast.act(&stage.model);
        if told.len() == TOLD_MAX {
            told.pop_front();
        }
        told.push_back(story::in_words(&event, &setup.menu));
        if let Some(recorded) = &mut recorded {
            recorded.push(event.clone());
        }
        match story::play(&mut stage, &event) {
            Ok(heard) => cast.hear(heard),
            Err(wrong) => return (boot, Err(violation(setup, number, wrong, told).into())),
        }
        coverage.count(&event, &stage.model);
        if number.is_multiple_of(PROGRESS_EVERY) {
            progress(&summary(number, &stage, &coverage));
        }
    }
    (boot, Ok(summary(setup.events, &stage, &coverage)))
}

fn summary(events: u64, stage: &Stage, coverage: &Coverage) -> Summary {
    Summary { events, starts: stage.starts(), digest: stage.digest.0, coverage: coverage.clone() }
}

fn violation(setup: &Setup, event: u64, wrong: Wrong, told: VecDeque<String>) -> Violation {
    let Wrong { rule, seen } = wrong;
    Violation { seed: setup.seed, event, rule, seen, last: told.into() }
}
