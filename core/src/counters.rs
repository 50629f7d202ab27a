//! Numbers about a registry. Counted where a decision is made, never on the path of an ordinary beat or a lookup.

use serde::Serialize;
use steadfast_policy::{Event, Hold, Orders, State, Step as Decision, Traffic};

use crate::{
    announce::AnnouncementKind,
    instance::Instance,
    registry::Registry,
    report::Moves,
    route::Scope,
    session::Session,
    sync::{AtomicU64, Ordering},
};

/// A reading of all counters. What counts how much there is goes up and down; everything else only grows, from 0 in
/// each run of the registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Services.
    pub services: u64,
    /// Present instances.
    pub instances: u64,
    /// Instances that left and are remembered.
    pub tombstones: u64,
    /// Own holds and overlays that stand, lapsed ones included; floors are not among them.
    pub orders: u64,
    /// Addresses with orders and no instance.
    pub pending: u64,
    /// How often an instance came to take more traffic than the hold on it allows, or lost its hold, without an
    /// operator's release or the hold's own end: 0 under policies that keep `sticky-address`.
    pub self_reverts: u64,
    /// Installs and route changes that moved at least one service.
    pub swaps: u64,
    /// Registrations that a policy or a floor refused.
    pub refused_registrations: u64,
    /// Policies and routes that were refused and announced so.
    pub refused_policies: u64,
    /// Tombstones dropped because there were too many.
    pub tombstones_dropped: u64,
    /// Leaves by publishers that were not the instance's.
    pub stale_disconnects: u64,
    /// Attempts to write to the store that failed.
    pub store_failures: u64,
    /// Decisions that are missing in the journal: its disk failed, or more was decided than it took. 0 without a journal.
    pub journal_lost: u64,
}

/// How often an installed policy gave one of its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionCount {
    /// The policy's name.
    pub policy: String,
    /// Its digest.
    pub digest: String,
    /// Its epoch; a policy that is installed again counts from 0 under another one.
    pub epoch: u64,
    /// The scope of its route; `None` for the default.
    pub scope: Option<Scope>,
    /// The reason, in the policy's own words.
    pub reason: String,
    /// Decisions that carried it. A beat that changes nothing is decided nowhere and counted nowhere.
    pub count: u64,
}

/// The counters themselves. Relaxed everywhere: they are statistics and order nothing.
#[derive(Default)]
pub(crate) struct Counting {
    instances: AtomicU64,
    tombstones: AtomicU64,
    orders: AtomicU64,
    pending: AtomicU64,
    self_reverts: AtomicU64,
    swaps: AtomicU64,
    refused_registrations: AtomicU64,
    refused_policies: AtomicU64,
    tombstones_dropped: AtomicU64,
    stale_disconnects: AtomicU64,
    store_failures: AtomicU64,
}

/// As what the orders on one address were last counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CountedOrders {
    orders: u16,
    pending: bool,
}

impl Counting {
    pub(crate) fn came(&self) {
        self.instances.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn went(&self) {
        self.instances.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn tombstones(&self) -> u64 {
        self.tombstones.load(Ordering::Relaxed)
    }

    /// An instance counted as `before` tombstones and counts as `now` of them.
    pub(crate) fn tombstones_changed(&self, before: u64, now: u64) {
        move_gauge(&self.tombstones, before, now);
    }

    pub(crate) fn tombstone_dropped(&self) {
        self.tombstones_dropped.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn stale_disconnect(&self) {
        self.stale_disconnects.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn store_failed(&self) {
        self.store_failures.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn refused_registration(&self) {
        self.refused_registrations.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn decided(&self, before: &State, decision: &Decision) {
        if is_self_revert(before, decision) {
            self.self_reverts.fetch_add(1, Ordering::Relaxed);
        }
        if decision.facts.event == Event::Register && !decision.next.present {
            self.refused_registration();
        }
    }

    pub(crate) fn swapped(&self, moves: &Moves) {
        if !moves.is_empty() {
            self.swaps.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn announced(&self, kind: AnnouncementKind) {
        if matches!(kind, AnnouncementKind::PolicyRefused | AnnouncementKind::RoutesRefused) {
            self.refused_policies.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A policy put itself above an operator: the order that stands, as the policy saw it, is weaker than what the
/// instance takes now and did not take before, or the policy forgot the order.
fn is_self_revert(before: &State, decision: &Decision) -> bool {
    let Decision { facts, verdict, next } = decision;
    let overruled = |present: bool, traffic: Traffic, hold: Hold| present && traffic < hold.traffic();
    let forgot = verdict.orders == Orders::Clear && facts.hold != Hold::None;
    let was_overruled = overruled(before.present, before.traffic, before.hold);
    let is_overruled = overruled(next.present, next.traffic, facts.hold);
    facts.event != Event::Release && (forgot || is_overruled && !was_overruled)
}

fn move_gauge(gauge: &AtomicU64, before: u64, now: u64) {
    gauge.fetch_add(now.wrapping_sub(before), Ordering::Relaxed);
}

impl CountedOrders {
    pub(crate) const NONE: CountedOrders = CountedOrders { orders: 0, pending: false };

    fn of(instance: &Instance) -> CountedOrders {
        let orders = instance.rare().orders() as u16;
        CountedOrders { orders, pending: orders > 0 && !instance.state.present }
    }
}

impl Session<'_> {
    /// Counts the orders on an address as they are now. Whatever changes them or the presence ends here.
    pub(crate) fn count_orders(&mut self, slot: u32) {
        let Some(instance) = self.instance_mut(slot) else { return };
        let (before, now) = (instance.rare().counted, CountedOrders::of(instance));
        if before != now {
            instance.rare_mut().counted = now;
            let counting = &self.inner.counters;
            move_gauge(&counting.orders, before.orders.into(), now.orders.into());
            move_gauge(&counting.pending, before.pending.into(), now.pending.into());
        }
    }
}

impl Registry {
    /// Reads the counters; each is right, together they are only nearly of one moment.
    pub fn counters(&self) -> Counters {
        let counting = &self.inner.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            services: u64::from(self.inner.service_count()),
            instances: read(&counting.instances),
            tombstones: read(&counting.tombstones),
            orders: read(&counting.orders),
            pending: read(&counting.pending),
            self_reverts: read(&counting.self_reverts),
            swaps: read(&counting.swaps),
            refused_registrations: read(&counting.refused_registrations),
            refused_policies: read(&counting.refused_policies),
            tombstones_dropped: read(&counting.tombstones_dropped),
            stale_disconnects: read(&counting.stale_disconnects),
            store_failures: read(&counting.store_failures),
            journal_lost: self.inner.journal.as_ref().map_or(0, |journal| journal.status().lost),
        }
    }

    /// How often each policy that decides now gave each of its reasons, since it was installed: the default first,
    /// then the routes in the order of their scopes. Reasons that were never given are listed with 0.
    pub fn decisions(&self) -> Vec<DecisionCount> {
        self.inner.routing().installed().flat_map(|installed| installed.decisions().collect::<Vec<_>>()).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Address, Author, Claim, HoldKind, HoldOrder, MemoryStore, Now, Options, Registration, Registry, ServiceName,
        limits::TOMBSTONES_MAX,
    };

    /// Who disabled itself, went silent and left is remembered; `others` are remembered already.
    fn leave_where_others_are_remembered(others: usize) -> Registry {
        let options = Options { max_step_ms: 0, flush_in_tick: true, ..Options::default() };
        let registry = Registry::open(options, Box::new(MemoryStore::new())).expect("it opens");
        registry.tick(Now { mono_ms: 0, wall_ms: 1 });
        let service = registry.service(&ServiceName::new("public", "g", "s").expect("a name")).expect("a service");
        let address = Address::new("10.0.0.1", 80, "c").expect("an address");
        let claim = Claim { enabled: Some(false), ..Claim::default() };
        registry.register(service, &Registration { claim, ..Registration::new(address.clone()) }).expect("let in");
        let author = Author::new("console", "ann", "replacing its disk").expect("an author");
        let order = HoldOrder { kind: HoldKind::Offline, author, until_ms: None };
        registry.hold(service, &address, &order).expect("ordered");
        // A million real ones take minutes without optimisation; what is compared with the bound is this gauge.
        registry.inner.counters.tombstones_changed(0, others as u64);
        registry.tick(Now { mono_ms: 40_000, wall_ms: 40_001 });
        registry
    }

    #[test]
    fn the_last_one_that_fits_is_remembered() {
        let counters = leave_where_others_are_remembered(TOMBSTONES_MAX - 1).counters();
        assert_eq!((counters.tombstones, counters.tombstones_dropped), (TOMBSTONES_MAX as u64, 0));
        assert_eq!((counters.instances, counters.orders, counters.pending), (0, 1, 1));
    }

    #[test]
    fn one_more_is_dropped_and_counted_and_its_order_stays() {
        let counters = leave_where_others_are_remembered(TOMBSTONES_MAX).counters();
        assert_eq!((counters.tombstones, counters.tombstones_dropped), (TOMBSTONES_MAX as u64, 1));
        assert_eq!((counters.instances, counters.orders, counters.pending), (0, 1, 1));
    }
}
