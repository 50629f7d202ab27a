//! What is found on the way.

use std::collections::BTreeMap;

use steadfast_core::policy::{
    Event, Manifest,
    diff::{Change, changes},
};

use super::{Place, is_alike};
use crate::{
    journal::{Decision, Skipped},
    replay::{
        known::Known,
        limits::SKIPPED_TOLD_MAX,
        report::{Answer, Difference, Group, Replay, ReplayedPolicy},
        track::Track,
    },
};

/// Counts everything and keeps what is listed.
pub(super) struct Collector {
    listed_max: usize,
    boot: u64,
    groups: BTreeMap<(Event, Vec<Change>), Group>,
    replay: Replay,
}

/// At what a difference shows.
pub(super) struct Moment<'a> {
    place: &'a Place,
    event: Event,
    writer: &'a str,
    when: When<'a>,
    known: &'a Known,
    candidate: &'a Manifest,
}

enum When<'a> {
    Recorded(&'a Decision),
    /// When the candidate alone crosses a threshold, in registry time.
    Derived(u64),
}

impl<'a> Moment<'a> {
    pub(super) fn recorded(
        place: &'a Place,
        decision: &'a Decision,
        writer: &'a str,
        known: &'a Known,
        candidate: &'a Manifest,
    ) -> Moment<'a> {
        Moment { place, event: decision.input.event(), writer, when: When::Recorded(decision), known, candidate }
    }

    pub(super) fn derived(
        place: &'a Place,
        event: Event,
        at_ms: u64,
        known: &'a Known,
        candidate: &'a Manifest,
    ) -> Moment<'a> {
        Moment { place, event, writer: "clock", when: When::Derived(at_ms), known, candidate }
    }

    fn difference(&self, track: &Track, boot: u64, goes_on: bool) -> Difference {
        let (time_ms, wall_ms) = match self.when {
            When::Recorded(decision) => (decision.time_ms, decision.wall_ms),
            // As much later, or earlier, as in registry time.
            When::Derived(at_ms) => (at_ms, track.wall_ms.saturating_add(at_ms).saturating_sub(track.time_ms)),
        };
        let (old, new) = (&self.known.recorded.manifest, self.candidate);
        Difference {
            wall_ms,
            boot,
            time_ms,
            service: self.place.service.as_ref().clone(),
            address: self.place.address.clone(),
            event: self.event,
            writer: self.writer.to_owned(),
            is_recorded: matches!(self.when, When::Recorded(_)),
            goes_on,
            was: Answer::new(&track.recorded, old.reason(track.reason)),
            would_be: Answer::new(&track.candidate, new.reason(track.candidate_reason)),
        }
    }
}

impl Collector {
    pub(super) fn new(listed_max: usize) -> Collector {
        Collector { listed_max, boot: 0, groups: BTreeMap::new(), replay: Replay::default() }
    }

    pub(super) fn boot(&mut self, boot: u64) {
        self.boot = boot;
        self.replay.boots += 1;
    }

    pub(super) fn met(&mut self, wall_ms: u64) {
        if self.replay.decisions == 0 {
            self.replay.from_wall_ms = wall_ms;
        }
        self.replay.decisions += 1;
        self.replay.to_wall_ms = wall_ms;
    }

    pub(super) fn lost(&mut self, count: u64) {
        self.replay.lost = self.replay.lost.saturating_add(count);
    }

    pub(super) fn skipped(&mut self, skipped: &Skipped) {
        self.replay.unreadable += 1;
        if self.replay.skipped.len() < SKIPPED_TOLD_MAX {
            self.replay.skipped.push(skipped.clone());
        }
    }

    pub(super) fn untracked(&mut self) {
        self.replay.untracked += 1;
    }

    pub(super) fn taken_over(&mut self, is_midway: bool) {
        self.replay.taken_over += u64::from(is_midway);
    }

    pub(super) fn checked(&mut self, is_right: bool) {
        self.replay.checked += 1;
        self.replay.contradicted += u64::from(!is_right);
    }

    /// An event that the registry would not have delivered on the state that is recorded with it.
    pub(super) fn contradicted(&mut self) {
        self.replay.contradicted += 1;
    }

    pub(super) fn differing(&self) -> u64 {
        self.replay.differing
    }

    /// Compares both states of an instance after something happened.
    pub(super) fn compare(&mut self, track: &mut Track, moment: &Moment<'_>) {
        if is_alike(track) {
            track.differs = 0;
            return;
        }
        let changes = changes(&track.recorded, &track.candidate);
        let fingerprint = fingerprint(track);
        let goes_on = track.differs == fingerprint;
        track.differs = fingerprint;
        self.replay.differing += 1;
        self.replay.differing_instances += u64::from(!std::mem::replace(&mut track.has_differed, true));
        let boot = self.boot;
        if self.replay.listed.len() < self.listed_max {
            self.replay.listed.push(moment.difference(track, boot, goes_on));
        }
        let group = self.groups.entry((moment.event, changes)).or_insert_with_key(|(event, changes)| {
            let text = changes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let example = moment.difference(track, boot, goes_on);
            Group { event: *event, changes: changes.clone(), text, began: 0, went_on: 0, example }
        });
        *(if goes_on { &mut group.went_on } else { &mut group.began }) += 1;
    }

    pub(super) fn finish(mut self, candidate: &Manifest, known: &[Known], tracks: &[Track]) -> Replay {
        let replay = &mut self.replay;
        replay.instances = tracks.iter().filter(|track| track.is_met).count() as u64;
        replay.groups = self.groups.into_values().collect();
        replay.groups.sort_by_key(|group| std::cmp::Reverse(group.began + group.went_on));
        replay.listed.sort_by_key(|difference| (difference.boot, difference.time_ms));
        let deciding = || known.iter().filter(|known| known.decisions > 0);
        replay.recorded = deciding().map(replayed).collect();
        for note in deciding().flat_map(|known| known.notes(candidate)) {
            if !replay.notes.contains(&note) {
                replay.notes.push(note);
            }
        }
        self.replay
    }
}

fn replayed(known: &Known) -> ReplayedPolicy {
    let manifest = &known.recorded.manifest;
    ReplayedPolicy {
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        digest: known.recorded.digest.clone(),
        epoch: known.recorded.epoch,
        scope: known.recorded.scope.clone(),
        decisions: known.decisions,
        at_hand: known.original.is_some(),
    }
}

/// What both answer, as a number that is 0 for nobody who differs.
fn fingerprint(track: &Track) -> u16 {
    let of = |state: &steadfast_core::policy::State| {
        let shown = if state.present { u16::from(state.healthy) << 1 | (state.traffic as u16) << 2 | 1 } else { 0 };
        shown | (state.hold as u16) << 4
    };
    of(&track.recorded) << 8 | of(&track.candidate) | 1 << 15
}
