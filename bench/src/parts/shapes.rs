//! Policies of every shape that a manifest may have: a policy that is small in one direction can be dear in another.

use steadfast_policy::{
    Condition, Event, Facts, Manifest, Selector, StatePolicy, Subject, Threshold, Verdict,
    builtin::{AdminSticky, RestartClears},
};

/// Classes and memo values: what multiplies facts and histories.
const SHAPES: [(u8, u8); 8] = [(1, 16), (2, 8), (4, 4), (8, 2), (8, 1), (4, 1), (2, 1), (1, 8)];

/// A policy that ships, with patience for every other class, a memory of what was heard of the client last, all
/// thresholds, and every law that is true of it.
pub(super) struct Shaped {
    original: Original,
    classes: u8,
    memos: u8,
}

/// Between them the two claim every law.
#[derive(Clone, Copy)]
enum Original {
    /// Orders stand.
    AdminSticky,
    /// Orders are forgotten for another process.
    RestartClears,
}

/// Each original in all shapes.
pub(super) fn all() -> impl Iterator<Item = Shaped> {
    let originals = [Original::AdminSticky, Original::RestartClears].into_iter();
    originals.flat_map(|original| SHAPES.map(|(classes, memos)| Shaped { original, classes, memos }))
}

impl Shaped {
    pub(super) fn name(&self) -> String {
        format!("{} with {} classes and {} memo values", self.original.manifest().name, self.classes, self.memos)
    }
}

impl StatePolicy for Original {
    fn manifest(&self) -> Manifest {
        match self {
            Original::AdminSticky => AdminSticky.manifest(),
            Original::RestartClears => RestartClears::default().manifest(),
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        match self {
            Original::AdminSticky => AdminSticky.decide(facts),
            Original::RestartClears => RestartClears::default().decide(facts),
        }
    }
}

impl StatePolicy for Shaped {
    fn manifest(&self) -> Manifest {
        let thresholds = |all: [u64; 3]| all.map(|after_ms| Threshold { after_ms, override_key: None }).into();
        let class = |number: u8| {
            let pattern = number.to_string();
            let condition = Condition { subject: Subject::Metadata, key: "class".into(), pattern };
            Selector { name: format!("class {number}"), conditions: vec![condition] }
        };
        Manifest {
            silence: thresholds([15_000, 30_000, 60_000]),
            unhealthy_from: 2,
            absence: thresholds([60_000, 120_000, 180_000]),
            classes: (1..self.classes).map(class).collect(),
            memo_size: self.memos,
            ..self.original.manifest()
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let patience = if facts.present { facts.class % 2 } else { 0 };
        let asked = Facts { band: facts.band.saturating_sub(patience), memo: 0, ..*facts };
        let verdict = self.original.decide(&asked);
        // Who is refused has said nothing that counts.
        let refused = facts.event == Event::Register && !verdict.present;
        let memo = if refused { facts.memo } else { heard(facts) % self.memos };
        Verdict { memo, ..verdict }
    }
}

/// What the client or its health check said last, by a number below 16: the same when it is said twice.
fn heard(facts: &Facts) -> u8 {
    match facts.event {
        Event::Register => 1 + facts.claim as u8,
        Event::Claim => 4 + facts.claim as u8,
        Event::Probe => 7 + facts.probe as u8,
        Event::Recover => 10,
        Event::Deregister => 11,
        Event::Disconnect => 12,
        Event::Overlay => 13,
        Event::Silence | Event::Absence => 14,
        Event::Remove => 15,
        Event::Beat | Event::Hold | Event::Release | Event::Swap => facts.memo,
    }
}
