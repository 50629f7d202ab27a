//! The replay itself: one pass over the journal, with two states for each instance.

use std::{collections::HashMap, ops::ControlFlow, sync::Arc};

use foldhash::fast::RandomState;
use steadfast_core::{
    Address, Opening, Policy, ServiceName,
    policy::{Event, Table, retrace},
};

use super::{
    candidate::Candidate,
    known::{Known, class_by_name},
    limits::{INSTANCES_MAX, LISTED_MAX, PROGRESS_EVERY},
    report::Replay,
    track::{Track, agree},
};
use crate::journal::{Decision, JournalReader, Record, RecordedPolicy};

mod collect;

use collect::{Collector, Moment};

/// What a replay is asked for.
#[derive(Clone, Debug)]
pub struct ReplayOptions {
    /// How many differences are listed one by one, a million at most; all are counted.
    pub listed_max: usize,
    /// Policies that may have decided: what they decided is checked against them, by digest.
    pub originals: Vec<Policy>,
}

/// How far a replay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Segments that were begun.
    pub segment: usize,
    /// Segments in all.
    pub segments: usize,
    /// Decisions so far.
    pub decisions: u64,
    /// Differences so far.
    pub differing: u64,
}

/// Replays a journal through `candidate`; `tell` hears how far it is, a few times each second.
pub fn replay(
    journal: &JournalReader,
    candidate: &Table,
    options: &ReplayOptions,
    tell: &mut dyn FnMut(Progress),
) -> Replay {
    let mut run = Run::new(candidate, options);
    // Nothing in here ends the reading early.
    let _ = journal.read(&mut |record| {
        run.take(&record, tell);
        ControlFlow::Continue(())
    });
    run.end_of_boot();
    run.collector.finish(candidate.manifest(), &run.known, &run.tracks)
}

/// An instance that a replay follows.
#[derive(Debug)]
struct Place {
    service: Arc<ServiceName>,
    address: Address,
}

type Places = HashMap<(Arc<ServiceName>, Address), u32, RandomState>;
/// For an instance beyond the bound.
const UNTRACKED: u32 = u32::MAX;

struct Run<'a> {
    candidate: Candidate<'a>,
    options: &'a ReplayOptions,
    places: Vec<Place>,
    numbers: Places,
    tracks: Vec<Track>,
    known: Vec<Known>,
    /// What the numbers of the segment at hand mean.
    services: Vec<Arc<ServiceName>>,
    instances: Vec<u32>,
    policies: Vec<u32>,
    writers: Vec<Box<str>>,
    /// The start of the registry at hand, and the time of its last decision.
    boot: Option<u64>,
    runs: u32,
    last_ms: u64,
    progress: Progress,
    collector: Collector,
}

impl<'a> Run<'a> {
    fn new(table: &'a Table, options: &'a ReplayOptions) -> Run<'a> {
        Run {
            candidate: Candidate { table, retain_ms: 0 },
            options,
            places: Vec::new(),
            numbers: Places::default(),
            tracks: Vec::new(),
            known: Vec::new(),
            services: Vec::new(),
            instances: Vec::new(),
            policies: Vec::new(),
            writers: Vec::new(),
            boot: None,
            runs: 0,
            last_ms: 0,
            progress: Progress { segment: 0, segments: 0, decisions: 0, differing: 0 },
            collector: Collector::new(options.listed_max.min(LISTED_MAX)),
        }
    }

    fn take(&mut self, record: &Record<'_>, tell: &mut dyn FnMut(Progress)) {
        match record {
            Record::Segment { place, of, opening } => {
                (self.progress.segment, self.progress.segments) = (*place, *of);
                self.begin(*opening);
                self.tell(tell);
            }
            Record::Service(name) => self.services.push(Arc::new(name.clone())),
            Record::Instance { service, address } => {
                let number = self.number(*service, address);
                self.instances.push(number);
            }
            Record::Policy(policy) => {
                let number = self.policy(policy);
                self.policies.push(number);
            }
            Record::Writer(writer) => self.writers.push((*writer).into()),
            Record::Decision(decision) => {
                self.decide(decision);
                self.progress.decisions += 1;
                if self.progress.decisions.is_multiple_of(PROGRESS_EVERY) {
                    self.tell(tell);
                }
            }
            Record::Lost(count) => self.collector.lost(*count),
            Record::Skipped(skipped) => self.collector.skipped(skipped),
        }
    }

    fn tell(&mut self, tell: &mut dyn FnMut(Progress)) {
        self.progress.differing = self.collector.differing();
        tell(self.progress);
    }

    fn begin(&mut self, opening: Opening) {
        self.services.clear();
        self.instances.clear();
        self.policies.clear();
        self.writers.clear();
        if self.boot != Some(opening.boot) {
            self.end_of_boot();
            self.boot = Some(opening.boot);
            self.runs += 1;
            self.last_ms = 0;
            self.collector.boot(opening.boot);
        }
        self.candidate.retain_ms = opening.retain_ms;
    }

    /// Lets time pass for everybody up to the last decision of a boot.
    fn end_of_boot(&mut self) {
        let Run { tracks, known, candidate, collector, places, runs, last_ms, .. } = self;
        for (track, place) in tracks.iter_mut().zip(places.iter()).filter(|(track, _)| track.is_met) {
            let Some(known) = known.get(track.policy as usize).filter(|_| track.run == *runs) else { continue };
            candidate.pass(track, known, *last_ms, &mut |track, event, at_ms| {
                let moment = Moment::derived(place, event, at_ms, known, candidate.table.manifest());
                collector.compare(track, &moment);
            });
        }
    }

    fn decide(&mut self, decision: &Decision) {
        let at = self.instances[decision.instance as usize];
        let policy = self.policies[decision.policy as usize];
        self.last_ms = self.last_ms.max(decision.time_ms);
        self.collector.met(decision.wall_ms);
        let (Some(track), Some(known)) = (self.tracks.get_mut(at as usize), self.known.get_mut(policy as usize)) else {
            return self.collector.untracked();
        };
        let place = &self.places[at as usize];
        let writer = &*self.writers[decision.writer as usize];
        known.decisions += 1;
        let Some(recorded) = retrace(&decision.before, decision.input, decision.verdict) else {
            return self.collector.contradicted();
        };
        if let Some(original) = &known.original {
            self.collector.checked(original.decide(&recorded.facts) == decision.verdict);
        }
        let manifest = self.candidate.table.manifest();
        let candidate = self.candidate;
        if track.is_met && track.run != self.runs {
            track.restart(self.runs);
        }
        if track.is_met && track.leads_to(&decision.before, decision.input) {
            let before_ms = decision.time_ms.saturating_sub(1);
            candidate.pass(track, known, before_ms, &mut |track, event, at_ms| {
                self.collector.compare(track, &Moment::derived(place, event, at_ms, known, manifest));
            });
            track.forget_alike(&decision.before);
        } else {
            self.collector.taken_over(track.is_met || !is_beginning(decision));
            (track.is_met, track.run) = (true, self.runs);
            candidate.take_over(track, decision, known);
        }
        candidate.follow(track, decision, known, writer == "lapse");
        let event = decision.input.event();
        let restarts_clock = matches!(event, Event::Register | Event::Beat | Event::Recover);
        let ordered = decision.ordered && decision.verdict.orders == steadfast_core::policy::Orders::Keep;
        track.record(recorded.next, decision.time_ms, restarts_clock, ordered);
        (track.time_ms, track.wall_ms) = (decision.time_ms, decision.wall_ms);
        (track.policy, track.reason) = (policy, decision.verdict.reason);
        self.collector.compare(track, &Moment::recorded(place, decision, writer, known, manifest));
        candidate.pass(track, known, decision.time_ms, &mut |track, event, at_ms| {
            self.collector.compare(track, &Moment::derived(place, event, at_ms, known, manifest));
        });
    }

    /// The place of an instance among those that are followed.
    fn number(&mut self, service: u32, address: &Address) -> u32 {
        let service = Arc::clone(&self.services[service as usize]);
        let key = (service, address.clone());
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        if self.tracks.len() >= INSTANCES_MAX {
            return UNTRACKED;
        }
        let number = self.tracks.len() as u32;
        let class = class_by_name(self.candidate.table.manifest(), &key.0, address);
        self.places.push(Place { service: Arc::clone(&key.0), address: address.clone() });
        self.tracks.push(Track::new(class));
        self.numbers.insert(key, number);
        number
    }

    /// The place of a policy among those that decided.
    fn policy(&mut self, policy: &RecordedPolicy) -> u32 {
        let known = self.known.iter().rposition(|known| known.recorded == *policy);
        let at = known.unwrap_or_else(|| {
            let manifest = self.candidate.table.manifest();
            self.known.push(Known::new(policy.clone(), manifest, &self.options.originals));
            self.known.len() - 1
        });
        at as u32
    }
}

/// Whether a decision can be the first one about an address.
fn is_beginning(decision: &Decision) -> bool {
    let before = &decision.before;
    let recovers = decision.input.event() == Event::Recover;
    recovers || (!before.present && !before.remembered && before.hold == steadfast_core::policy::Hold::None)
}

/// Whether the candidate's answer is the recorded one.
fn is_alike(track: &Track) -> bool {
    agree(&track.recorded, &track.candidate)
}
