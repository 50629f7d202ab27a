//! Which policy decides where, and what a change of that does.

use std::collections::{BTreeMap, BTreeSet};

use steadfast_core::AnnouncementKind;
use steadfast_policy::{Event, Law};

use super::{Model, Shown};
use crate::{
    menu::Choice,
    world::{self, Place},
};

/// A policy of the menu, and the epoch that its decisions carry.
#[derive(Clone, Copy, Debug)]
struct InForce {
    policy: u8,
    epoch: u64,
}

/// The default, the routes by scope, and what follows for each service.
#[derive(Debug)]
pub(super) struct Policies {
    default: InForce,
    routes: BTreeMap<u8, InForce>,
    services: Vec<InForce>,
    last_epoch: u64,
}

/// What a change of policies did.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Moved {
    /// The services that got another policy.
    pub(crate) services: Vec<u8>,
    pub(crate) instances: u64,
    pub(crate) changed: u64,
    pub(crate) left: u64,
    /// The pairs of policies between which services moved, by their digests.
    pub(crate) pairs: BTreeSet<(String, String)>,
}

impl Policies {
    /// One policy for everybody.
    pub(super) fn new(policy: u8) -> Policies {
        let default = InForce { policy, epoch: 1 };
        let services = world::services().map(|_| default).collect();
        Policies { default, routes: BTreeMap::new(), services, last_epoch: 1 }
    }

    fn next(&mut self, policy: u8) -> InForce {
        self.last_epoch += 1;
        InForce { policy, epoch: self.last_epoch }
    }

    /// The narrowest route that holds a service, or the default.
    fn resolve(&self, service: u8) -> InForce {
        let narrowest = self.routes.iter().rev().find(|(scope, _)| world::is_in_scope(service, **scope));
        narrowest.map_or(self.default, |(_, in_force)| *in_force)
    }
}

impl Model {
    /// The policy that decides for a service.
    pub(crate) fn policy_of(&self, service: u8) -> &Choice {
        self.menu.choice(self.policies.services[usize::from(service)].policy)
    }

    pub(crate) fn epoch_of(&self, service: u8) -> u64 {
        self.policies.services[usize::from(service)].epoch
    }

    /// Which policy of the menu decides for a service, or wherever no route leads elsewhere.
    pub(crate) fn policy_number(&self, service: Option<u8>) -> u8 {
        let of = |service: u8| self.policies.services[usize::from(service)];
        service.map_or(self.policies.default, of).policy
    }

    /// The default policy, and its epoch.
    pub(crate) fn default_policy(&self) -> (&Choice, u64) {
        let InForce { policy, epoch } = self.policies.default;
        (self.menu.choice(policy), epoch)
    }

    /// The scopes of all routes.
    pub(crate) fn routed(&self) -> impl Iterator<Item = (u8, u64)> {
        self.policies.routes.iter().map(|(scope, in_force)| (*scope, in_force.epoch))
    }

    fn answer_alike(&self, one: u8, other: u8) -> bool {
        let (one, other) = (&self.menu.choice(one).policy, &self.menu.choice(other).policy);
        one.digest == other.digest && one.table == other.table
    }

    /// Another default. `None` if it is the default already.
    pub(crate) fn install(&mut self, policy: u8) -> Option<Moved> {
        if self.answer_alike(self.policies.default.policy, policy) {
            return None;
        }
        self.policies.default = self.policies.next(policy);
        let moved = self.move_services();
        self.announced.push(AnnouncementKind::PolicyInstalled);
        Some(moved)
    }

    /// Other routes, as scopes and policies. `None` if they stand already.
    pub(crate) fn route(&mut self, routes: &BTreeMap<u8, u8>) -> Option<Moved> {
        let before = std::mem::take(&mut self.policies.routes);
        let mut same = routes.len() == before.len();
        for (scope, policy) in routes {
            let standing = before.get(scope).filter(|in_force| self.answer_alike(in_force.policy, *policy));
            same &= standing.is_some();
            let in_force = standing.copied().unwrap_or_else(|| self.policies.next(*policy));
            self.policies.routes.insert(*scope, in_force);
        }
        if same {
            return None;
        }
        let moved = self.move_services();
        self.announced.push(AnnouncementKind::RoutesInstalled);
        self.announced.extend(moved.pairs.iter().map(|_| AnnouncementKind::PolicyInstalled));
        Some(moved)
    }

    fn move_services(&mut self) -> Moved {
        let mut moved = Moved::default();
        for service in world::services() {
            let next = self.policies.resolve(service);
            let before = std::mem::replace(&mut self.policies.services[usize::from(service)], next);
            if !self.answer_alike(before.policy, next.policy) {
                self.swap(service, before.policy, &mut moved);
            }
        }
        self.swaps += u64::from(!moved.services.is_empty());
        moved
    }

    /// A policy takes over in a service.
    fn swap(&mut self, service: u8, before: u8, moved: &mut Moved) {
        let (old, new) = (self.menu.choice(before), self.policy_of(service));
        let keeps_memo = old.manifest.name == new.manifest.name && old.manifest.memo_layout == new.manifest.memo_layout;
        let memo_size = if keeps_memo { new.manifest.memo_size } else { 0 };
        moved.services.push(service);
        moved.pairs.insert((old.policy.digest.clone(), new.policy.digest.clone()));
        self.never_reverts &= new.manifest.laws.contains(&Law::StickyAddress);
        let now_ms = self.clock.elapsed_ms;
        let places: Vec<Place> = self.places.keys().filter(|at| at.service == service).copied().collect();
        for at in places {
            let (counted, class, band) = (self.strongest(at), self.class(at), self.band_now(at));
            let known = self.known_mut(at);
            (known.counted, known.rules_ms) = (counted, now_ms);
            let before = known.shown();
            if !known.present && !known.remembered {
                // Nobody is here about whom the new policy could say anything.
                (known.decision, known.reason, known.class) = (None, Shown::nothing().reason, class);
                continue;
            }
            let memo = if known.memo < memo_size { known.memo } else { 0 };
            let verdict = self.ask(at, Event::Swap, |facts| {
                (facts.band, facts.class, facts.memo) = (band, class, memo);
            });
            moved.instances += 1;
            if before.present {
                let after = (verdict.present, verdict.healthy, verdict.traffic);
                moved.changed += u64::from(after != (true, before.healthy, before.traffic));
                moved.left += u64::from(!verdict.present);
            }
        }
    }
}
