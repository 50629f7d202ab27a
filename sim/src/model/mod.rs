//! What must be true: a registry as simple as can be, without gates, wheel, views or locks.
//!
//! It shares no code with the registry but the vocabulary. Folding and settling are written here a second time, from
//! the design's table, and the policy itself is asked instead of its table.

mod books;
mod clients;
mod known;
mod operators;
mod restart;
mod time;

use std::collections::BTreeMap;

use steadfast_core::{AnnouncementKind, Counters};
use steadfast_policy::{Event, Facts, Hold, Law, Subject, Verdict};

pub(crate) use self::{
    books::Attempt,
    clients::{LeaveReply, Refusal},
    known::{Known, Shown},
    operators::OrderShown,
    time::Crossed,
};
use self::{
    books::{Books, Trouble},
    known::lapsed,
    time::Clock,
};
use crate::{
    event::Boot,
    menu::{Choice, Menu},
    world::Place,
};

/// One decision, for those who watch over laws.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decided {
    pub(crate) at: Place,
    pub(crate) facts: Facts,
    pub(crate) verdict: Verdict,
}

/// The registry as it must be.
pub(crate) struct Model {
    menu: Menu,
    policy: u8,
    pub(crate) epoch: u64,
    boot: Boot,
    clock: Clock,
    pub(crate) wall_ms: u64,
    places: BTreeMap<Place, Known>,
    books: Books,
    incarnations: u64,
    trouble: Option<Trouble>,
    pub(crate) stale_leaves: u64,
    refused: u64,
    swaps: u64,
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
            policy: boot.policy,
            epoch: 1,
            boot,
            clock: Clock::default(),
            wall_ms: 0,
            places: BTreeMap::new(),
            books: Books::default(),
            incarnations: 0,
            trouble: None,
            stale_leaves: 0,
            refused: 0,
            swaps: 0,
            store_failures: 0,
            never_reverts,
            announced: Vec::new(),
            decided: Vec::new(),
            crossed: Vec::new(),
            impatience,
        }
    }

    pub(crate) fn policy(&self) -> &Choice {
        self.menu.choice(self.policy)
    }

    pub(crate) fn boot(&self) -> Boot {
        self.boot
    }

    pub(crate) fn policy_number(&self) -> u8 {
        self.policy
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
        let mut facts = self.known_mut(at).facts(event);
        fold(&mut facts);
        let verdict = self.policy().native.decide(&facts);
        self.decided.push(Decided { at, facts, verdict });
        let reason = self.policy().manifest.reason(verdict.reason).to_owned();
        let (epoch, now_ms) = (self.epoch, self.clock.elapsed_ms);
        let known = self.known_mut(at);
        known.decision = Some((event, epoch));
        known.reason = reason;
        known.settle(&facts, verdict, (now, now_ms));
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
        let manifest = &self.policy().manifest;
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

    /// Wall time from which holds lapse under the installed policy is `since` plus this.
    fn lapse_ms(&self) -> Option<u64> {
        self.policy().manifest.lapse_ms
    }

    /// The strongest own hold that counts now.
    fn strongest(&self, at: Place) -> Hold {
        let Some(known) = self.places.get(&at) else { return Hold::None };
        let (lapse_ms, wall_ms) = (self.lapse_ms(), self.wall_ms);
        let counting = known.holds.values().filter(|hold| !lapsed(hold, lapse_ms, wall_ms));
        counting.map(|hold| hold.kind.fact()).max().unwrap_or(Hold::None)
    }

    /// Owners whose holds do not count any more, though they stand.
    pub(crate) fn has_lapsed(&self, hold: &steadfast_core::Hold) -> bool {
        lapsed(hold, self.lapse_ms(), self.wall_ms)
    }

    /// A policy takes over. Returns (instances and tombstones decided, changed, left); `None` if it decides already.
    pub(crate) fn install(&mut self, policy: u8) -> Option<(u64, u64, u64)> {
        let (old, new) = (self.menu.choice(self.policy), self.menu.choice(policy));
        if old.policy.digest == new.policy.digest && old.policy.table == new.policy.table {
            return None;
        }
        let (before, after) = (&old.manifest, &new.manifest);
        let keeps_memo = before.name == after.name && before.memo_layout == after.memo_layout;
        let memo_size = after.memo_size;
        let keeps_orders = after.laws.contains(&Law::StickyAddress);
        self.policy = policy;
        self.epoch += 1;
        self.swaps += 1;
        self.never_reverts &= keeps_orders;
        self.announced.push(AnnouncementKind::PolicyInstalled);
        let (mut report, now_ms) = ((0, 0, 0), self.clock.elapsed_ms);
        let places: Vec<Place> = self.places.keys().copied().collect();
        for at in places {
            let (counted, class, band) = (self.strongest(at), self.class(at), self.band_now(at));
            let known = self.known_mut(at);
            known.counted = counted;
            known.rules_ms = now_ms;
            let before = known.shown();
            if !known.present && !known.remembered {
                // Nobody is here about whom the new policy could say anything.
                (known.decision, known.reason, known.class) = (None, Shown::nothing().reason, class);
                continue;
            }
            let memo = if keeps_memo && known.memo < memo_size { known.memo } else { 0 };
            let verdict = self.ask(at, Event::Swap, |facts| {
                (facts.band, facts.class, facts.memo) = (band, class, memo);
            });
            report.0 += 1;
            if before.present {
                let after = (verdict.present, verdict.healthy, verdict.traffic);
                report.1 += u64::from(after != (true, before.healthy, before.traffic));
                report.2 += u64::from(!verdict.present);
            }
        }
        Some(report)
    }
}
