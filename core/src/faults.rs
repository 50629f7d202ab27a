//! What the schedules in `tests/shuttle` must find: steps of the registry that were left out or taken in another order.
//! No product has them.

use std::cell::Cell;

use shuttle::rand::{Rng, thread_rng};

/// A step that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A beat does not look at the gate again after it stored its time.
    BeatLooksOnce,
    /// An order is answered as soon as it is in its service, and not when that was published.
    AnsweredBeforePublished,
    /// A watcher falls asleep without a look at whether the bell was rung meanwhile.
    SleepsThroughTheRing,
    /// A new service is not looked for again under the lock.
    CreatedTwice,
    /// A revision can be read before there is a view of it.
    RevisionBeforeView,
}

thread_local! {
    /// Every task of a schedule runs on the thread that began it.
    static NOW: Cell<Option<Fault>> = const { Cell::new(None) };
}

/// Runs with a fault, or with none.
pub fn with<R>(fault: Option<Fault>, run: impl FnOnce() -> R) -> R {
    let before = NOW.replace(fault);
    let result = run();
    NOW.set(before);
    result
}

/// How often a task looks for what it should wait for. Some are patient, so that what they look for happens meanwhile.
pub(crate) fn looks(fault: Fault) -> u32 {
    if is(fault) { thread_rng().gen_range(0..2) * 300 } else { 0 }
}

pub(crate) fn is(fault: Fault) -> bool {
    NOW.get() == Some(fault)
}
