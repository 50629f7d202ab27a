//! The pure step: how one event changes one instance.
//!
//! The registry and the law checker run this same code; the checker adds only ghosts and the enumeration of inputs.
//!
//! ```text
//! input ──fold──▶ facts ──table──▶ verdict ──settle──▶ next state
//! ```

use crate::{Claim, Event, Facts, Hold, Orders, Probe, Process, Table, Traffic, Verdict};

/// What the kernel knows of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::struct_excessive_bools, reason = "four independent yes-or-no facts, not a state machine")]
pub struct State {
    /// Whether the instance is there.
    pub present: bool,
    /// Whether a tombstone stands for an instance that left.
    pub remembered: bool,
    /// Ephemeral or persistent.
    pub ephemeral: bool,
    /// The silence band when present, the absence band when not.
    pub band: u8,
    /// The client's word.
    pub claim: Claim,
    /// The last health check.
    pub probe: Probe,
    /// The strongest own hold.
    pub hold: Hold,
    /// The class, as last evaluated.
    pub class: u8,
    /// What the policy stored.
    pub memo: u8,
    /// The liveness answer now.
    pub healthy: bool,
    /// The order's answer now.
    pub traffic: Traffic,
}

impl State {
    /// An address nobody has ever mentioned.
    pub const EMPTY: State = State {
        present: false,
        remembered: false,
        ephemeral: true,
        band: 0,
        claim: Claim::Unset,
        probe: Probe::Unknown,
        hold: Hold::None,
        class: 0,
        memo: 0,
        healthy: false,
        traffic: Traffic::Refuse,
    };

    /// What is left when the tombstone is dropped: the orders, which live longer, and nothing else.
    #[must_use]
    pub const fn forgotten(self) -> State {
        State { ephemeral: self.ephemeral, hold: self.hold, class: self.class, ..State::EMPTY }
    }

    /// Whether a tombstone would remember anything of the policy's or the client's.
    pub const fn is_worth_remembering(self) -> bool {
        self.memo != 0 || matches!(self.claim, Claim::Disabled) || !matches!(self.hold, Hold::None)
    }
}

/// One thing that happens to one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// A registration. `enabled` is absent when the client did not name it.
    Register {
        /// Ephemeral or persistent.
        ephemeral: bool,
        /// What the client said of its readiness.
        enabled: Option<bool>,
        /// Who sent it.
        process: Process,
        /// The class under the new metadata.
        class: u8,
    },
    /// A heartbeat.
    Beat,
    /// The client's own update.
    Claim {
        /// What the client said of its readiness.
        enabled: Option<bool>,
        /// The class under the new metadata.
        class: u8,
    },
    /// The last publisher deregistered.
    Deregister,
    /// The last publisher's connection closed.
    Disconnect,
    /// A higher silence threshold was crossed.
    Silence(u8),
    /// A higher absence threshold was crossed.
    Absence(u8),
    /// An own hold came or changed; the strongest is now this.
    Hold(Hold),
    /// An own hold ended; the strongest that remains is this.
    Release(Hold),
    /// An overlay was set or released.
    Overlay {
        /// The class under the new metadata.
        class: u8,
    },
    /// A health check reported.
    Probe(Probe),
    /// The registry restarted with this instance in its store.
    Recover(Process),
    /// A new table was installed; the values are those under its manifest.
    Swap {
        /// The band under the new thresholds.
        band: u8,
        /// The class under the new selectors.
        class: u8,
        /// The memo, 0 unless name and layout are equal.
        memo: u8,
    },
    /// An operator deleted the instance.
    Remove,
}

impl Input {
    /// The event that a policy is asked about.
    pub const fn event(self) -> Event {
        match self {
            Input::Register { .. } => Event::Register,
            Input::Beat => Event::Beat,
            Input::Claim { .. } => Event::Claim,
            Input::Deregister => Event::Deregister,
            Input::Disconnect => Event::Disconnect,
            Input::Silence(_) => Event::Silence,
            Input::Absence(_) => Event::Absence,
            Input::Hold(_) => Event::Hold,
            Input::Release(_) => Event::Release,
            Input::Overlay { .. } => Event::Overlay,
            Input::Probe(_) => Event::Probe,
            Input::Recover(_) => Event::Recover,
            Input::Swap { .. } => Event::Swap,
            Input::Remove => Event::Remove,
        }
    }
}

/// The outcome of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the policy was asked.
    pub facts: Facts,
    /// What it answered.
    pub verdict: Verdict,
    /// The state after it.
    pub next: State,
}

/// Runs one input through a table. `None` when the event is not delivered: there is nothing that it could be about.
pub fn step(table: &Table, state: &State, input: Input) -> Option<Step> {
    let facts = fold(state, input)?;
    let verdict = table.decide(&facts);
    Some(Step { facts, verdict, next: settle(state, &facts, verdict) })
}

/// The same with an answer that was given earlier: what it made of the state then. `None` as for [`step`].
pub fn retrace(state: &State, input: Input, verdict: Verdict) -> Option<Step> {
    let facts = fold(state, input)?;
    Some(Step { facts, verdict, next: settle(state, &facts, verdict) })
}

/// What a beat would change now. A state in which it changes nothing is one whose gate stands open.
pub fn beat_is_inert(table: &Table, state: &State) -> bool {
    state.present && step(table, state, Input::Beat).is_some_and(|step| step.next == *state)
}

/// Folds an input into the facts that the policy is asked about; `None` when it is not delivered.
pub fn fold(state: &State, input: Input) -> Option<Facts> {
    let known = state.present || state.remembered;
    let mut facts = Facts {
        event: input.event(),
        present: state.present,
        ephemeral: state.ephemeral,
        band: state.band,
        claim: state.claim,
        probe: state.probe,
        hold: state.hold,
        process: Process::Same,
        class: state.class,
        memo: state.memo,
    };
    let delivered = match input {
        Input::Register { ephemeral, enabled, process, class } => {
            let before = if process == Process::Same { state.claim } else { Claim::Unset };
            facts = Facts { ephemeral, process, class, claim: folded(before, enabled), ..facts };
            fresh(&mut facts);
            true
        }
        Input::Beat => {
            fresh(&mut facts);
            known
        }
        Input::Claim { enabled, class } => {
            facts = Facts { class, claim: folded(state.claim, enabled), ..facts };
            state.present
        }
        Input::Deregister => {
            facts = Facts { claim: Claim::Unset, ..facts };
            state.present
        }
        Input::Disconnect => state.present,
        Input::Silence(band) => {
            facts = Facts { band, ..facts };
            state.present && state.ephemeral && band > state.band
        }
        Input::Absence(band) => {
            facts = Facts { band, ..facts };
            !state.present && state.remembered && band > state.band
        }
        Input::Hold(hold) => {
            facts = Facts { hold, ..facts };
            hold != Hold::None
        }
        Input::Release(hold) => {
            facts = Facts { hold, ..facts };
            true
        }
        Input::Overlay { class } => {
            facts = Facts { class, ..facts };
            true
        }
        Input::Probe(probe) => {
            facts = Facts { probe, ..facts };
            state.present
        }
        Input::Recover(process) => {
            facts.process = process;
            fresh(&mut facts);
            true
        }
        Input::Swap { band, class, memo } => {
            facts = Facts { band, class, memo, ..facts };
            true
        }
        Input::Remove => {
            facts = Facts { claim: Claim::Unset, ..facts };
            known
        }
    };
    delivered.then_some(facts)
}

/// The silence clock starts: a present instance has crossed nothing.
fn fresh(facts: &mut Facts) {
    if facts.present {
        facts.band = 0;
    }
}

/// Absent is a value of its own: a field that was not sent changes nothing.
fn folded(before: Claim, enabled: Option<bool>) -> Claim {
    match enabled {
        None => before,
        Some(true) => Claim::Enabled,
        Some(false) => Claim::Disabled,
    }
}

/// The state after a verdict. No class but the one in `facts` has a say in it.
pub(crate) fn settle(before: &State, facts: &Facts, verdict: Verdict) -> State {
    let stays = before.present && verdict.present;
    let left = !verdict.present;
    let refused = facts.event == Event::Register && left && !before.present;
    let mut next = State {
        present: verdict.present,
        remembered: false,
        ephemeral: facts.ephemeral,
        // Whoever comes has not been silent; whoever goes has not been absent.
        band: if before.present == verdict.present { facts.band } else { 0 },
        // Somebody who was not here and is not let in has said nothing that counts.
        claim: if refused { before.claim } else { facts.claim },
        probe: if stays { facts.probe } else { Probe::Unknown },
        hold: if verdict.orders == Orders::Clear { Hold::None } else { facts.hold },
        class: facts.class,
        memo: verdict.memo,
        healthy: verdict.healthy,
        traffic: verdict.traffic,
    };
    // A tombstone stands for somebody who was here, or for something the policy wants to find again.
    next.remembered = left && (before.present || before.remembered || verdict.memo != 0);
    next
}
