//! What is true wherever a difference shows, and not only in the history that is its example.

use alloc::vec::Vec;

use serde::Serialize;

use crate::{Claim, Facts, Hold, Probe, Process};

/// Every value that was asked about where a difference shows, the event included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Circumstances {
    /// The strongest own hold.
    pub holds: Vec<Hold>,
    /// What the client says of itself.
    pub claims: Vec<Claim>,
    /// The last health check.
    pub probes: Vec<Probe>,
    /// The process behind the event.
    pub processes: Vec<Process>,
}

/// The same while it is collected: one bit for each value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    holds: u8,
    claims: u8,
    probes: u8,
    processes: u8,
}

impl Asked {
    pub(super) fn of(facts: &Facts) -> Asked {
        Asked {
            holds: 1 << facts.hold as u8,
            claims: 1 << facts.claim as u8,
            probes: 1 << facts.probe as u8,
            processes: 1 << facts.process as u8,
        }
    }

    pub(super) fn add(&mut self, other: Asked) {
        self.holds |= other.holds;
        self.claims |= other.claims;
        self.probes |= other.probes;
        self.processes |= other.processes;
    }

    pub(super) fn circumstances(self) -> Circumstances {
        Circumstances {
            holds: picked(Hold::ALL, |hold| self.holds >> hold as u8),
            claims: picked(Claim::ALL, |claim| self.claims >> claim as u8),
            probes: picked(Probe::ALL, |probe| self.probes >> probe as u8),
            processes: picked(Process::ALL, |process| self.processes >> process as u8),
        }
    }
}

fn picked<T: Copy>(all: &[T], shifted: impl Fn(T) -> u8) -> Vec<T> {
    all.iter().copied().filter(|value| shifted(*value) & 1 == 1).collect()
}
