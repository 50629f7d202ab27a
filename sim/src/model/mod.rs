//! What must be true: a registry as simple as can be, without gates, wheel, views or locks.
//!
//! It shares no code with the registry but the vocabulary. Folding and settling are written here a second time, from
//! the design's table, and the policy itself is asked instead of its table.

mod books;
mod clients;
mod floors;
mod known;
mod lookup;
mod operators;
mod policies;
mod restart;
mod time;

use std::collections::BTreeMap;

use steadfast_core::{AnnouncementKind, Counters};
use steadfast_policy::{Event, Facts, Hold, Law, Subject, Verdict};

pub(crate) use self::{
    books::Attempt,
    clients::{LeaveReply, Refusal},
    floors::FloorShown,
    known::{Known, Shown},
    lookup::Found,
    operators::OrderShown,
    policies::Moved,
    time::Crossed,
};
use self::{
    books::{Books, Trouble},
    known::lapsed,
    policies::Policies,
    time::Clock,
};
use crate::{
    event::Boot,
    menu::Menu,
    world::{Place, Under},
};

/// One decision, for those who watch over laws.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    pub(crate) at: Place,
    /// Whether somebody was there before it, the hold that counted then, and the memo.
    pub(crate) before: (bool, Hold, u8),
    pub(crate) facts: Facts,
    pub(crate) verdict: Verdict,
    pub(crate) digest: String,
    /// The policy's epoch, and the step of registry time at which it was asked.
    pub(crate) epoch: u64,
    pub(crate) step: u32,
    /// Orders stood when it was asked.
    pub(crate) ordered: bool,
    /// A beat that changed nothing.
    pub(crate) inert: bool,
}

/// The registry as it must be.
pub(crate) struct Model {
    menu: Menu,
    policies: Policies,
    boot: Boot,
    clock: Clock,
    pub(crate) wall_ms: u64,
    places: BTreeMap<Place, Known>,
    /// Holds on many, in the order in which they were given.
    floors: BTreeMap<Under, Vec<steadfast_core::Hold>>,
    books: Books,
    /// Something may have changed since the last flush that worked.
    pub(crate) moved: bool,
    incarnations: u64,
    trouble: Option<Trouble>,
    pub(crate) stale_leaves: u64,
    refused: u64,
    swaps: u64,
    /// Most instances of each namespace.
    quotas: [Option<u32>; 2],
    store_failures: u64,
    /// Every policy since the start keeps orders at their address.
    pub(crate) never_reverts: bool,
    /// What has to be announced and was not looked for yet.
    pub(crate) announced: Vec<AnnouncementKind>,
    /// Decisions and crossings of the event that is being played.
    pub(crate) decided: Vec<Decided>,
    pub(crate) crossed: Vec<Crossed>,
    /// A rule that is wrong on purpose: silence is due so many steps early.
    impatience: u32,
}

impl Model {
    /// An empty registry that was started with `boot`.
    pub(crate) fn new(menu: Menu, boot: Boot, impatience: u32) -> Model {
        let never_reverts = menu.choice(boot.policy).manifest.laws.contains(&Law::StickyAddress);
        Model {
            menu,
            policies: Policies::new(boot.policy),
            boot,
            clock: Clock::default(),
            wall_ms: 0,
            places: BTreeMap::new(),
            floors: BTreeMap::new(),
            books: Books::default(),
            moved: true,
            incarnations: 0,
            trouble: None,
            stale_leaves: 0,
            refused: 0,
            swaps: 0,
            quotas: [boot.quota; 2],
            store_failures: 0,
            never_reverts,
            announced: Vec::new(),
            decided: Vec::new(),
            crossed: Vec::new(),
            impatience,
        }
    }

    pub(crate) fn boot(&self) -> Boot {
        self.boot
    }

    pub(crate) fn known(&self, at: Place) -> Option<&Known> {
        self.places.get(&at)
    }

    /// What the registry's counters must say, as far as a model without slots can tell.
    pub(crate) fn counters(&self) -> Counters {
        let count = |is_it: fn(&Known) -> bool| self.places.values().filter(|known| is_it(known)).count() as u64;
        let orders: usize = self.places.values().map(|known| known.holds.len() + known.overlays.len()).sum();
        Counters {
            services: crate::world::services().count() as u64,
            instances: count(|known| known.present),
            tombstones: count(|known| known.remembered),
            orders: orders as u64,
            pending: count(|known| !known.present && known.has_orders()),
            swaps: self.swaps,
            refused_registrations: self.refused,
            store_failures: self.store_failures,
            ..Counters::default()
        }
    }

    pub(crate) fn set_quota(&mut self, namespace: u8, most: Option<u32>) {
        self.quotas[usize::from(namespace)] = most;
    }

    /// Addresses about which something is known in a namespace, and the present ones among them.
    pub(crate) fn namespace_counts(&self, namespace: u8) -> (u64, u64) {
        let here = |at: &Place| crate::world::namespace_of(at.service) == namespace;
        let places = || self.places.iter().filter(|(at, _)| here(at));
        (places().count() as u64, places().filter(|(_, known)| known.present).count() as u64)
    }

    /// Whether nothing is known of a place and its namespace has no room for more.
    pub(crate) fn is_out_of_room(&self, at: Place) -> bool {
        let namespace = crate::world::namespace_of(at.service);
        let (instances, _) = self.namespace_counts(namespace);
        let most = self.quotas[usize::from(namespace)];
        self.known(at).is_none() && most.is_some_and(|most| instances >= most.into())
    }

    /// Milliseconds since the silence or absence clock of a place started.
    pub(crate) fn silent_ms(&self, known: &Known) -> u64 {
        u64::from(self.clock.step.saturating_sub(known.clock)) * steadfast_core::STEP_MS
    }

    fn known_mut(&mut self, at: Place) -> &mut Known {
        let Model { places, incarnations, .. } = self;
        places.entry(at).or_insert_with(|| {
            *incarnations += 1;
            Known::new(*incarnations)
        })
    }

    /// Asks the policy about what is known of a place, changed as the event folds it.
    fn ask(&mut self, at: Place, event: Event, fold: impl FnOnce(&mut Facts)) -> Verdict {
        let now = self.clock.step;
        self.ask_at(at, event, now, fold)
    }

    /// The same for something that happened at an earlier time.
    fn ask_at(&mut self, at: Place, event: Event, now: u32, fold: impl FnOnce(&mut Facts)) -> Verdict {
        let before = self.known_mut(at).clone();
        let mut facts = before.facts(event);
        fold(&mut facts);
        let choice = self.policy_of(at.service);
        let verdict = choice.native.decide(&facts);
        let reason = choice.manifest.reason(verdict.reason).to_owned();
        let digest = choice.policy.digest.clone();
        let (epoch, now_ms) = (self.epoch_of(at.service), self.clock.elapsed_ms);
        self.moved = true;
        let known = self.known_mut(at);
        known.decision = Some((event, epoch));
        known.reason = reason;
        known.settle(&facts, verdict, (now, now_ms));
        let inert = event == Event::Beat && before.present && known.looks_like(&before);
        let (ordered, before) = (before.has_orders(), (before.present, before.counted, before.memo));
        self.decided.push(Decided { at, before, facts, verdict, digest, epoch, step: now, ordered, inert });
        self.tidy(at);
        verdict
    }

    /// Drops a tombstone that is worth nothing, and an entry that holds nothing.
    fn tidy(&mut self, at: Place) {
        let Some(known) = self.places.get_mut(&at) else { return };
        if known.remembered && !known.is_worth_remembering() {
            known.forget();
        }
        if known.is_nothing() {
            self.places.remove(&at);
        }
    }

    /// The class of a place under the installed policy, for its metadata of now.
    fn class(&self, at: Place) -> u8 {
        let name = crate::world::service_name(at.service);
        let address = at.address();
        let port = address.port.to_string();
        let metadata = self.places.get(&at).map(Known::effective_metadata).unwrap_or_default();
        let manifest = &self.policy_of(at.service).manifest;
        let position = manifest.classes.iter().position(|class| {
            class.matches(|subject, key| {
                Some(match subject {
                    Subject::Namespace => name.namespace.as_str(),
                    Subject::Group => name.group.as_str(),
                    Subject::Service => name.name.as_str(),
                    Subject::Cluster => address.cluster.as_str(),
                    Subject::Ip => address.ip.as_str(),
                    Subject::Port => port.as_str(),
                    Subject::Metadata => metadata.get(key)?.as_str(),
                })
            })
        });
        position.map_or(0, |position| position as u8 + 1)
    }

    /// Wall time from which holds lapse under a service's policy is `since` plus this.
    fn lapse_ms(&self, service: u8) -> Option<u64> {
        self.policy_of(service).manifest.lapse_ms
    }

    /// The strongest own hold that counts now.
    fn strongest(&self, at: Place) -> Hold {
        let Some(known) = self.places.get(&at) else { return Hold::None };
        let (lapse_ms, wall_ms) = (self.lapse_ms(at.service), self.wall_ms);
        let counting = known.holds.values().filter(|hold| !lapsed(hold, lapse_ms, wall_ms));
        counting.map(|hold| hold.kind.fact()).max().unwrap_or(Hold::None)
    }

    /// Owners whose holds do not count any more, though they stand.
    pub(crate) fn has_lapsed(&self, at: Place, hold: &steadfast_core::Hold) -> bool {
        lapsed(hold, self.lapse_ms(at.service), self.wall_ms)
    }
}
