//! Installing policies: every service that gets another one moves once, under its mutex; beats and lookups do not wait.

use std::sync::Arc;

use steadfast_policy::Input;

use crate::{
    barrier,
    error::{AccessError, InstallError},
    handle::ServiceId,
    installed::{Installed, PolicyStatus},
    options::Policy,
    provenance::Writer,
    registry::{Inner, Registry},
    report::{InstallReport, Moves, RouteReport, Tally},
    route::Routes,
    routing::Routing,
    session::Session,
    thresholds::Thresholds,
};

impl Registry {
    /// Installs a policy as the default: it decides for every service that no [route](Registry::route) leads elsewhere.
    ///
    /// Returns when the last service has moved: every beat and every order that starts later is decided by it.
    /// Installs and route changes of several threads take turns. Installing what is installed does nothing.
    pub fn install(&self, policy: Policy) -> Result<InstallReport, InstallError> {
        let inner = &self.inner;
        inner.check_open()?;
        let _serial = inner.installing.lock();
        let before = inner.routing();
        let Some(after) = before.with_default(policy, inner.wall_ms()) else {
            return Ok(InstallReport::unchanged(before.default()));
        };
        let next = Arc::clone(after.default());
        let report = inner.move_to(after).into_install(before.default(), &next);
        inner.announce_install(&report);
        Ok(report)
    }

    /// Replaces the routes; the default policy stays. All or nothing: `routes` were checked when they were made, and
    /// what they name is loaded.
    ///
    /// Returns when the last service has moved. A service that gets another policy moves as in an install; one whose
    /// policy gives the same answers is not decided again. The same routes do nothing.
    ///
    /// ```
    /// # use steadfast_core::*;
    /// # let registry = Registry::open(Options::default(), Box::new(MemoryStore::new()))?;
    /// let legacy = Policy::builtin("nacos-1-4").expect("it is compiled in")?;
    /// registry.route(&Routes::new([(Scope::namespace("legacy"), legacy)])?)?;
    ///
    /// let old = registry.service(&ServiceName::new("legacy", "g", "orders")?)?;
    /// assert_eq!(registry.policy_of(old)?.name, "nacos-1-4");
    /// assert_eq!(registry.policy().name, "admin-sticky");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn route(&self, routes: &Routes) -> Result<RouteReport, InstallError> {
        let inner = &self.inner;
        inner.check_open()?;
        let _serial = inner.installing.lock();
        let standing = routes.len() as u64;
        let Some(after) = inner.routing().with_routes(routes, inner.wall_ms()) else {
            return Ok(RouteReport { routes: standing, unchanged: true, moves: Vec::new() });
        };
        let moves = inner.move_to(after).into_reports();
        let report = RouteReport { routes: standing, unchanged: false, moves };
        inner.announce_routes(&report);
        Ok(report)
    }

    /// The default policy, which decides wherever no route leads elsewhere.
    pub fn policy(&self) -> PolicyStatus {
        self.inner.routing().default().status()
    }

    /// Every policy that decides somewhere: the default, then the routes in the order of their scopes.
    pub fn policies(&self) -> Vec<PolicyStatus> {
        self.inner.routing().installed().map(|installed| installed.status()).collect()
    }

    /// The policy that decides for a service.
    pub fn policy_of(&self, service: ServiceId) -> Result<PolicyStatus, AccessError> {
        Ok(self.inner.service(service)?.inspect().policy.status())
    }
}

impl Inner {
    pub(crate) fn routing(&self) -> Arc<Routing> {
        Arc::clone(&self.routing.lock())
    }

    /// Makes a routing the one that holds, and moves every service to what it says. The caller holds `installing`.
    fn move_to(&self, routing: Routing) -> Moves {
        *self.routing.lock() = Arc::new(routing);
        let mut moves = Moves::default();
        // The number is read after the routing was stored. A service that was not counted yet is listed by a thread
        // that takes the routing's lock after us, so it catches up with what was stored here, or with a newer one.
        for index in 0..self.service_count() {
            self.move_service(index, &mut moves);
        }
        self.counters.swapped(&moves);
        moves
    }

    /// Moves a service that was created while policies were being installed.
    pub(crate) fn catch_up(&self, index: u32) {
        self.move_service(index, &mut Moves::default());
    }

    /// Brings one service to the routing that holds.
    fn move_service(&self, index: u32, moves: &mut Moves) {
        let Ok(service) = self.service_at(index) else { return };
        let Ok(mut session) = Session::open(self, service) else { return };
        // Read under the service's mutex: visits of one service are in order, and each stored routing is followed by a
        // visit, so the last one ends at the newest. Epochs of different scopes say nothing about that order.
        let routing = self.routing();
        let next = routing.resolve(service.name());
        let before = Arc::clone(&session.look().policy);
        if before.answers_like(next) {
            // Nothing to decide again, but what is decided from here on counts there.
            session.entry().policy = Arc::clone(next);
        } else {
            session.swap(next, moves.between(&before, next));
        }
        session.finish();
    }
}

impl Session<'_> {
    /// Sets the table and decides every instance and tombstone again.
    ///
    /// The gates are shut before any silence is measured, as in expiry: a beat that was acknowledged under the old table
    /// counts under the new one.
    fn swap(&mut self, policy: &Arc<Installed>, tally: &mut Tally) {
        tally.services += 1;
        let (old, new) = (self.look().policy.table.manifest(), policy.table.manifest());
        let keeps_memo = old.name == new.name && old.memo_layout == new.memo_layout;
        let memo_size = new.memo_size;
        self.entry().policy = Arc::clone(policy);
        let mut slots: Vec<u32> = self.look().roster.slots().collect();
        slots.sort_unstable();
        for slot in &slots {
            self.inner.set_open(*slot, false);
        }
        let mut beats = LastBeats::MayBeLate;
        for slot in slots {
            let memo = |memo: u8| if keeps_memo && memo < memo_size { memo } else { 0 };
            self.swap_instance(slot, memo, &mut beats, tally);
        }
    }

    fn swap_instance(&mut self, slot: u32, memo: impl Fn(u8) -> u8, beats: &mut LastBeats, tally: &mut Tally) {
        let (class, lapse) = (self.reclassify(slot), self.lapse());
        self.schedule_ends(slot);
        let Some(instance) = self.instance_mut(slot) else { return };
        let before = instance.state;
        // What has lapsed under the one policy may count under the other.
        instance.state.hold = lapse.strongest(instance);
        let lives_by_beats = instance.lives_by_beats();
        if !before.present && !before.remembered {
            // Orders that wait for somebody: nothing is here that a policy could decide about. What an earlier one
            // decided carries a number of that one's texts, and a class of its own is none of this one's.
            instance.forget_decision();
            instance.state.class = class;
            return self.refresh(slot);
        }
        tally.instances += 1;
        let band = if before.present && !lives_by_beats { 0 } else { self.band_reached(slot, beats) };
        let input = Input::Swap { band, class, memo: memo(before.memo) };
        let Some(decision) = self.decide(slot, input, Writer::Install) else { return };
        if before.present {
            let next = decision.next;
            let changed = (next.present, next.healthy, next.traffic) != (true, before.healthy, before.traffic);
            tally.changed += u64::from(changed);
            tally.left += u64::from(!next.present);
        }
    }

    /// The band of silence or absence that a slot has reached under the table that holds now.
    ///
    /// Beats only move a clock forward, so one that is seen late makes a silence look longer, never shorter: where even
    /// so no band is reached there is none. Only somebody who looks silent is worth the barrier, which interrupts every
    /// thread of the process; in a registry whose clients beat an install needs none at all.
    fn band_reached(&self, slot: u32, beats: &mut LastBeats) -> u8 {
        let band = self.band_seen(slot);
        if band == 0 || *beats == LastBeats::Seen {
            return band;
        }
        barrier::heavy();
        *beats = LastBeats::Seen;
        self.band_seen(slot)
    }

    fn band_seen(&self, slot: u32) -> u8 {
        let (Some(instance), Some(gate)) = (self.instance(slot), self.inner.slots.gate(slot)) else { return 0 };
        let Thresholds { silence, absence } = self.thresholds(instance);
        let thresholds = if instance.state.present { silence } else { absence };
        Thresholds::band(thresholds, self.now.saturating_sub(gate.last_beat()))
    }
}

/// Whether a beat that was acknowledged before the gates of the service were shut is certainly seen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LastBeats {
    MayBeLate,
    Seen,
}
