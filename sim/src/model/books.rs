//! What may be on the disk: for each record the values that a restart may find.
//!
//! A record that was acknowledged has one. A failed commit leaves two: nobody knows until the disk is read again.

use std::collections::{BTreeMap, BTreeSet};

use steadfast_core::{AnnouncementKind, FieldName, Hold, Overlay};
use steadfast_policy::{Claim, Manifest};

use super::{Known, Model};
use crate::{
    disk::Outcome,
    event::Pairs,
    world::{Place, Under},
};

/// Which record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Address(Place, What),
    /// The hold of an owner on many.
    Floor(Under, String),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Hold(String),
    Overlay(FieldName),
    Process,
    Instance,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Record {
    Hold(Hold),
    Overlay(Overlay),
    Process(String),
    Instance(Persistent),
}

/// What is kept of a persistent instance.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Persistent {
    pub(super) claim: Claim,
    pub(super) weight: Option<f64>,
    pub(super) metadata: Option<Pairs>,
    pub(super) process: Option<String>,
    pub(super) memo: Memo,
}

/// What a policy stored with an instance, and which one it was: to others it means nothing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Memo {
    policy: String,
    layout: u32,
    value: u8,
}

impl Memo {
    fn of(value: u8, manifest: &Manifest) -> Memo {
        Memo { policy: manifest.name.clone(), layout: manifest.memo_layout, value }
    }

    pub(super) fn under(&self, manifest: &Manifest) -> u8 {
        if *self == Memo::of(self.value, manifest) { self.value } else { 0 }
    }
}

/// Every record that may be there.
#[derive(Debug, Default)]
pub(super) struct Books(BTreeMap<Key, Page>);

#[derive(Debug, Default)]
struct Page {
    written: Option<Record>,
    /// Values that failed commits may have left.
    doubts: Vec<Option<Record>>,
}

/// What is known of the store since it failed.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    keys: BTreeSet<Key>,
    failures: u32,
    /// The step of registry time at which it is tried again.
    retry_at: u32,
}

/// What the store did in a call, after it had to put an earlier failure right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// An earlier failure is not over: nothing was tried, or trying to put it right failed.
    Blocked,
    /// The call's own commit, if it made one.
    Free(Option<Outcome>),
}

/// Longest pause between attempts, in steps of registry time: 5 s.
const PAUSE_MAX: u32 = 50;

impl Books {
    /// Acknowledged.
    pub(super) fn write(&mut self, key: Key, record: Option<Record>) {
        if record.is_some() {
            self.0.insert(key, Page { written: record, ..Page::default() });
        } else {
            self.0.remove(&key);
        }
    }

    /// Perhaps there all the same.
    pub(super) fn doubt(&mut self, key: Key, record: Option<Record>) {
        self.0.entry(key).or_default().doubts.push(record);
    }

    /// The values that a restart may find, the likeliest first.
    pub(super) fn allowed(&self, key: &Key) -> Vec<Option<Record>> {
        let Some(page) = self.0.get(key) else { return vec![None] };
        let mut allowed = vec![page.written.clone()];
        for value in &page.doubts {
            if !allowed.contains(value) {
                allowed.push(value.clone());
            }
        }
        allowed
    }

    pub(super) fn keys_at(&self, at: Place) -> BTreeSet<What> {
        let at_place = |key: &Key| match key {
            Key::Address(place, what) if *place == at => Some(what.clone()),
            _ => None,
        };
        self.0.keys().filter_map(at_place).collect()
    }

    pub(super) fn floors(&self) -> BTreeSet<(Under, String)> {
        let floor = |key: &Key| match key {
            Key::Floor(under, owner) => Some((*under, owner.clone())),
            Key::Address(..) => None,
        };
        self.0.keys().filter_map(floor).collect()
    }
}

impl Model {
    /// Takes the commits of a call: the first one puts an earlier failure right, if there is one and its pause is over.
    pub(crate) fn attempt(&mut self, outcomes: &[Outcome], at_once: bool) -> Result<Attempt, String> {
        let Some(trouble) = self.trouble.take() else { return Ok(Attempt::Free(outcomes.last().copied())) };
        if trouble.retry_at > self.clock.step && !at_once {
            self.trouble = Some(trouble);
            return if outcomes.is_empty() { Ok(Attempt::Blocked) } else { Err("it is tried before its time".into()) };
        }
        self.doubt_rewritten();
        match outcomes {
            [] => Err("its pause is over, and it is not tried again".into()),
            [Outcome::Doubtful] => {
                for key in &trouble.keys {
                    let value = self.live(key);
                    self.books.doubt(key.clone(), value);
                }
                self.fail(trouble);
                Ok(Attempt::Blocked)
            }
            [_, rest @ ..] => {
                for key in trouble.keys {
                    let value = self.live(&key);
                    self.books.write(key, value);
                }
                self.announced.push(AnnouncementKind::StoreResumed);
                Ok(Attempt::Free(rest.last().copied()))
            }
        }
    }

    /// A client that says the same again has its record written again, and an order takes the program's key along, known
    /// or not; which of them were under way when the store failed only the registry knows. What puts the failure right
    /// writes them as they are live by then.
    fn doubt_rewritten(&mut self) {
        let live = self.live_everything();
        let is_rewritten = |key: &&Key| matches!(key, Key::Address(_, What::Instance | What::Process));
        let keys: BTreeSet<Key> = self.books.0.keys().chain(live.keys()).filter(is_rewritten).cloned().collect();
        for key in keys {
            let value = live.get(&key).cloned();
            if !self.books.allowed(&key).contains(&value) {
                self.books.doubt(key, value);
            }
        }
    }

    /// Everything that is not on the disk as it is live may be there after a flush that failed.
    fn doubt_everything(&mut self) -> BTreeSet<Key> {
        let live = self.live_everything();
        let mut keys: BTreeSet<Key> = self.books.0.keys().chain(live.keys()).cloned().collect();
        keys.retain(|key| {
            let value = live.get(key).cloned();
            let differs = self.books.allowed(key) != [value.clone()];
            if differs {
                self.books.doubt(key.clone(), value);
            }
            differs
        });
        keys
    }

    /// The records that a disk must hold when everything has been written.
    fn live_everything(&self) -> BTreeMap<Key, Record> {
        let manifest = |at: &Place| &self.policy_of(at.service).manifest;
        let of_place = |(at, known): (&Place, &Known)| live_records(*at, known, manifest(at));
        let floor = |under: Under| {
            move |hold: &Hold| (Key::Floor(under, hold.author.owner.clone()), Record::Hold(hold.clone()))
        };
        let floors = self.floors.iter().flat_map(|(under, holds)| holds.iter().map(floor(*under)));
        self.places.iter().flat_map(of_place).chain(floors).collect()
    }

    /// Whether the store failed and has not been put right.
    pub(crate) fn is_in_trouble(&self) -> bool {
        self.trouble.is_some()
    }

    pub(crate) fn store_failures(&self) -> u64 {
        self.store_failures
    }

    /// The store failed with these records under way.
    pub(super) fn fail_with(&mut self, keys: BTreeSet<Key>) {
        self.announced.push(AnnouncementKind::StoreFailed);
        self.fail(Trouble { keys, ..Trouble::default() });
    }

    fn fail(&mut self, mut trouble: Trouble) {
        self.store_failures += 1;
        trouble.failures += 1;
        let pause = 1_u32.checked_shl(trouble.failures - 1).map_or(PAUSE_MAX, |pause| pause.min(PAUSE_MAX));
        trouble.retry_at = self.clock.step + pause;
        self.trouble = Some(trouble);
    }

    /// The records of an address that are not on the disk as they are live.
    pub(super) fn late_at(&self, at: Place) -> Vec<(Key, Option<Record>)> {
        let mut whats = self.books.keys_at(at);
        if let Some(known) = self.known(at) {
            let live = live_records(at, known, &self.policy_of(at.service).manifest);
            whats.extend(live.into_iter().filter_map(|(key, _)| match key {
                Key::Address(_, what) => Some(what),
                Key::Floor(..) => None,
            }));
        }
        let keys = whats.into_iter().map(|what| Key::Address(at, what));
        let values = keys.map(|key| (self.live(&key), key));
        let late = values.filter(|(value, key)| self.books.allowed(key) != [value.clone()]);
        late.map(|(value, key)| (key, value)).collect()
    }

    fn live(&self, key: &Key) -> Option<Record> {
        match key {
            Key::Address(at, _) => {
                let records = live_records(*at, self.known(*at)?, &self.policy_of(at.service).manifest);
                records.into_iter().find(|(live, _)| live == key).map(|(_, record)| record)
            }
            Key::Floor(under, owner) => {
                let hold = self.floors.get(under)?.iter().find(|hold| hold.author.owner == *owner)?;
                Some(Record::Hold(hold.clone()))
            }
        }
    }

    /// A flush. Whether it succeeded: then what is live is on the disk, all of it, and nothing else.
    pub(crate) fn flush(&mut self, attempt: Attempt) -> bool {
        let Attempt::Free(own) = attempt else { return false };
        if own == Some(Outcome::Doubtful) {
            let keys = self.doubt_everything();
            self.fail_with(keys);
            return false;
        }
        if !std::mem::take(&mut self.moved) {
            return true;
        }
        let page = |record: Record| Page { written: Some(record), ..Page::default() };
        self.books.0 = self.live_everything().into_iter().map(|(key, record)| (key, page(record))).collect();
        true
    }
}

/// What of them is about one place.
fn live_records(at: Place, known: &Known, manifest: &Manifest) -> Vec<(Key, Record)> {
    let key = |what| Key::Address(at, what);
    let holds = known.holds.iter().map(|(owner, hold)| (key(What::Hold(owner.clone())), Record::Hold(hold.clone())));
    let overlays = known
        .overlays
        .iter()
        .map(|(name, overlay)| (key(What::Overlay(name.clone())), Record::Overlay(overlay.clone())));
    let mut records: Vec<(Key, Record)> = holds.chain(overlays).collect();
    if let (true, Some(process)) = (known.has_orders(), &known.process) {
        records.push((key(What::Process), Record::Process(process.clone())));
    }
    if known.present && !known.ephemeral {
        let Known { claim, weight, metadata, process, memo, .. } = known.clone();
        let memo = Memo::of(memo, manifest);
        records.push((key(What::Instance), Record::Instance(Persistent { claim, weight, metadata, process, memo })));
    }
    records
}
