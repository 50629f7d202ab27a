//! What clients do, in the design's words.

use steadfast_core::{Beat, Liveness, Publisher};
use steadfast_policy::{Claim, Event, Process};

use super::{Known, Model, Shown};
use crate::{
    event::{Registering, Says},
    world::{self, Place},
};

/// Most publishers of one instance.
const PUBLISHERS_MAX: usize = 8;

/// Why a registration is refused.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// It is there with the other kind.
    Kind,
    /// It has as many publishers as it may have.
    Full,
    /// The policy's reason.
    Policy(String),
    /// A floor that bans it.
    Banned(String),
    /// Its namespace is full.
    Quota,
}

/// How a leave ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeaveReply {
    Gone,
    Remaining(usize),
    Stale,
    Unknown,
}

impl Model {
    pub(crate) fn register(&mut self, registering: &Registering) -> Result<Shown, Refusal> {
        let Registering { at, connection, living, ephemeral, process, says, .. } = registering.clone();
        let publisher = world::publisher(connection);
        let named = process.map(world::process);
        if let Some(floor) = self.ban(at) {
            self.refused += 1;
            return Err(Refusal::Banned(floor.to_string()));
        }
        if self.is_out_of_room(at) {
            return Err(Refusal::Quota);
        }
        let known = self.known_mut(at);
        if known.present && known.ephemeral != ephemeral {
            return Err(Refusal::Kind);
        }
        if !known.publishers.contains_key(&publisher) && known.publishers.len() >= PUBLISHERS_MAX {
            return Err(Refusal::Full);
        }
        let compared = compare(known, named.as_deref());
        let mut says = says;
        if known.asked {
            // The SDK answers with what it remembers: the operator's own values, and its first `enabled`.
            says = known.without_echoes(says);
            says.enabled = says.enabled.filter(|_| !known.remembered);
        }
        let earlier = known.clone();
        known.asked = false;
        if compared == Process::Same {
            known.process = named.or(known.process.take());
        } else {
            (known.weight, known.metadata, known.process) = (None, None, named);
        }
        known.take(&says);
        let verdict = self.ask_to_come(at, ephemeral, says.enabled, compared);
        let reason = self.policy_of(at.service).manifest.reason(verdict.reason).to_owned();
        let liveness = if living { Liveness::Connection } else { Liveness::Beats };
        self.attach(at, publisher, liveness);
        self.undo_if_refused(at, earlier);
        match self.known(at) {
            Some(known) if known.present => Ok(self.shown(at)),
            _ => {
                self.refused += 1;
                Err(Refusal::Policy(reason))
            }
        }
    }

    fn ask_to_come(
        &mut self,
        at: Place,
        ephemeral: bool,
        enabled: Option<bool>,
        compared: Process,
    ) -> steadfast_policy::Verdict {
        let class = self.class(at);
        self.ask(at, Event::Register, |facts| {
            (facts.ephemeral, facts.process, facts.class) = (ephemeral, compared, class);
            let before = if compared == Process::Same { facts.claim } else { Claim::Unset };
            facts.claim = said(before, enabled);
            facts.band = if facts.present { 0 } else { facts.band };
        })
    }

    fn attach(&mut self, at: Place, publisher: Publisher, liveness: Liveness) {
        let Some(known) = self.places.get_mut(&at).filter(|known| known.present) else { return };
        if std::mem::take(&mut known.assumed) {
            known.publishers.remove(&Publisher::Keyless);
        }
        known.publishers.insert(publisher, liveness);
    }

    /// Somebody who was not here and was not let in changes nothing that was known.
    fn undo_if_refused(&mut self, at: Place, earlier: Known) {
        let Some(known) = self.places.get_mut(&at) else { return };
        if earlier.present || known.present {
            return;
        }
        (known.process, known.weight, known.metadata) = (earlier.process, earlier.weight, earlier.metadata);
        let class = self.class(at);
        self.known_mut(at).class = class;
    }

    /// A beat by handle or by name alone.
    pub(crate) fn beat(&mut self, at: Place) -> Beat {
        let Some(before) = self.known(at).cloned() else { return Beat::RegisterAgain };
        let kept_out = !before.present && self.ban(at).is_some();
        if (before.present || before.remembered) && !kept_out {
            self.ask(at, Event::Beat, |facts| facts.band = if facts.present { 0 } else { facts.band });
            // A beat that changes nothing passes the gate: nobody is asked, and the decision that mattered stands.
            if let Some(after) = self.places.get_mut(&at).filter(|after| before.present && after.is_as(&before)) {
                (after.decision, after.reason) = (before.decision, before.reason);
            }
        }
        self.answer_beat(at)
    }

    /// A beat that carries weight and metadata, which count only where nothing is known.
    pub(crate) fn full_beat(&mut self, at: Place, ephemeral: bool, says: &Says) -> Result<Beat, Refusal> {
        if self.known(at).is_some_and(|known| known.present || known.remembered) {
            return Ok(self.beat(at));
        }
        if self.ban(at).is_some() {
            return Ok(Beat::RegisterAgain);
        }
        if self.is_out_of_room(at) {
            return Err(Refusal::Quota);
        }
        let known = self.known_mut(at);
        let says = known.without_echoes(Says { enabled: None, ..says.clone() });
        let earlier = known.clone();
        known.take(&says);
        self.ask_to_come(at, ephemeral, None, Process::Same);
        self.undo_if_refused(at, earlier);
        let beat = self.answer_beat(at);
        self.refused += u64::from(beat == Beat::RegisterAgain);
        Ok(beat)
    }

    fn answer_beat(&mut self, at: Place) -> Beat {
        let Some(known) = self.places.get_mut(&at) else { return Beat::RegisterAgain };
        known.asked = !known.present;
        if known.present { Beat::Alive } else { Beat::RegisterAgain }
    }

    /// A client's update; `None` where nobody is present.
    pub(crate) fn claim(&mut self, at: Place, says: &Says) -> Option<Shown> {
        let now_ms = self.clock.elapsed_ms;
        let known = self.places.get_mut(&at).filter(|known| known.present)?;
        known.take(says);
        known.rules_ms = now_ms;
        let class = self.class(at);
        self.ask(at, Event::Claim, |facts| {
            facts.class = class;
            facts.claim = said(facts.claim, says.enabled);
        });
        Some(self.shown(at))
    }

    pub(crate) fn deregister(&mut self, at: Place, connection: Option<u8>) -> LeaveReply {
        self.leave(at, &world::publisher(connection), Event::Deregister)
    }

    /// Whether a persistent instance is published by a connection.
    pub(crate) fn publishes_persistent(&self, connection: u8) -> bool {
        let publisher = world::publisher(Some(connection));
        self.places.values().any(|known| !known.ephemeral && known.publishers.contains_key(&publisher))
    }

    /// A connection closes; returns how many instances left.
    pub(crate) fn disconnect(&mut self, connection: u8) -> usize {
        let publisher = world::publisher(Some(connection));
        let has_it = |known: &Known| known.publishers.contains_key(&publisher);
        let places: Vec<Place> = self.places.iter().filter(|(_, known)| has_it(known)).map(|(at, _)| *at).collect();
        places.into_iter().filter(|at| self.leave(*at, &publisher, Event::Disconnect) == LeaveReply::Gone).count()
    }

    fn leave(&mut self, at: Place, publisher: &Publisher, event: Event) -> LeaveReply {
        let (now, now_ms) = (self.clock.step, self.clock.elapsed_ms);
        let Some(known) = self.places.get_mut(&at).filter(|known| known.present) else { return LeaveReply::Unknown };
        let by_beats = known.lives_by_beats();
        if known.publishers.remove(publisher).is_none() {
            self.stale_leaves += 1;
            return LeaveReply::Stale;
        }
        if !known.publishers.is_empty() {
            if !by_beats && known.lives_by_beats() {
                (known.clock, known.clock_ms, known.rules_ms) = (now, now_ms, now_ms);
            }
            return LeaveReply::Remaining(known.publishers.len());
        }
        self.ask(at, event, |facts| {
            if event == Event::Deregister {
                facts.claim = Claim::Unset;
            }
        });
        LeaveReply::Gone
    }
}

/// A field that was not sent changes nothing.
fn said(before: Claim, enabled: Option<bool>) -> Claim {
    match enabled {
        None => before,
        Some(true) => Claim::Enabled,
        Some(false) => Claim::Disabled,
    }
}

/// The program behind a registration against the last one here.
fn compare(known: &Known, named: Option<&str>) -> Process {
    let nothing_known = !known.present && !known.remembered && known.process.is_none();
    match (known.process.as_deref(), named) {
        _ if nothing_known => Process::Same,
        (Some(last), Some(named)) if last == named => Process::Same,
        (Some(_), Some(_)) => Process::Other,
        _ if known.asked => Process::Same,
        _ => Process::Unknown,
    }
}
