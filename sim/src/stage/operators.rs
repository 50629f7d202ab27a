//! What operators, hosts and the clock do, on both sides.

use steadfast_core::{AuditEntry, HoldOrder, Now, OrderError, OrderReply};
use steadfast_policy::{Probe, Traffic};

use super::{
    Stage, Wrong,
    clients::{left, left_as, shown, stored},
};
use crate::{
    Fault,
    disk::Outcome,
    event::Order,
    model::{Attempt, OrderShown},
    monitor,
    world::{self, OWNERS, Place},
};

/// A sleepy ticker tells the time once in so many milliseconds.
const SLEEPY_MS: u64 = 1_000;

impl Stage {
    /// An order about one place; `by` may force the release of an owner's hold.
    pub(super) fn order(&mut self, at: Place, (owner, by): (u8, u8), order: &Order) -> Result<(), Wrong> {
        let (service, address, author) = (self.service(at), at.address(), world::author(by));
        let registry = self.registry();
        let (what, reply) = match order {
            Order::Hold { kind, for_ms } => {
                let until_ms = for_ms.map(|for_ms| self.model.wall_ms + for_ms);
                let hold = HoldOrder { kind: *kind, author, until_ms };
                (kind.name(), registry.hold(service, &address, &hold))
            }
            Order::Release if owner == by => ("release", registry.release(service, &address, &author)),
            Order::Release => {
                ("force-release", registry.force_release(service, &address, OWNERS[usize::from(owner)], &author))
            }
            Order::Overlay(field) => ("overlay", registry.overlay(service, &address, field, &author)),
            Order::ReleaseOverlay(name) => {
                ("release-overlay", registry.release_overlay(service, &address, name, &author))
            }
        };
        if matches!(order, Order::Hold { .. } | Order::Overlay(_)) && self.model.is_out_of_room(at) {
            let refused = matches!(reply, Err(OrderError::Quota(_)));
            return self.answered("an order beyond the quota", &refused, &true);
        }
        let outcome = self.order_outcome()?;
        let expected = outcome.and_then(|outcome| self.model.order(at, owner, order, outcome));
        let acknowledged = expected.is_some();
        self.ordered(what, at, reply, expected)?;
        if acknowledged { self.check_audit(what, (owner, by)) } else { Ok(()) }
    }

    /// The last entry of the audit is the order that was just acknowledged.
    pub(super) fn check_audit(&self, what: &str, (owner, by): (u8, u8)) -> Result<(), Wrong> {
        if self.disk.is_dead() {
            return Ok(());
        }
        let latest = self.registry().audit(1).map_err(|error| Wrong::new("audit", error.to_string()))?;
        let name = |owner: u8| OWNERS[usize::from(owner)];
        let forced = (owner != by).then(|| name(owner));
        let is_it = |entry: &AuditEntry| {
            (entry.order.as_str(), entry.author.owner.as_str(), entry.forced_owner.as_deref())
                == (what, name(by), forced)
        };
        if latest.len() == 1 && latest.iter().all(is_it) {
            return Ok(());
        }
        Err(Wrong::new("audit", format!("{what} by {} (forced: {forced:?}) is not its latest: {latest:?}", name(by))))
    }

    /// An order is answered after its commit, or refused while the store has an earlier failure to get over.
    pub(super) fn order_outcome(&mut self) -> Result<Option<Outcome>, Wrong> {
        match self.attempt()? {
            Attempt::Blocked => Ok(None),
            Attempt::Free(Some(outcome)) => Ok(Some(outcome)),
            Attempt::Free(None) => {
                Err(Wrong::new("durable before the reply", "an order was answered without a commit"))
            }
        }
    }

    pub(super) fn ordered(
        &mut self,
        what: &str,
        at: Place,
        reply: Result<OrderReply, OrderError>,
        expected: Option<OrderShown>,
    ) -> Result<(), Wrong> {
        let revision = reply.as_ref().ok().map(|reply| reply.revision);
        let refusing = reply.as_ref().ok().map(|reply| reply.effect.refusing.len());
        let reply = match reply {
            Ok(OrderReply { effect, pending, found, .. }) => Ok(OrderShown { shown: shown(effect), pending, found }),
            Err(OrderError::Store(_)) => Err("not stored".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        let serves = expected.as_ref().is_some_and(|expected| expected.shown.traffic == Traffic::Serve);
        self.answered(what, &reply, &expected.ok_or_else(|| "not stored".to_owned()))?;
        if revision.is_some_and(|revision| self.registry().revision(self.service(at)) != Ok(revision)) {
            return Err(Wrong::new(format!("reply to {what}"), "its revision is not the one that readers see"));
        }
        if refusing.is_some_and(|refusing| serves && refusing > 0) {
            return Err(Wrong::new(format!("reply to {what}"), "it serves, and something is said to refuse"));
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, at: Place, owner: u8) -> Result<(), Wrong> {
        let reply = self.registry().remove(self.service(at), &at.address(), &world::author(owner));
        let persistent = self.model.known(at).is_some_and(|known| !known.ephemeral);
        let expected = self.model.remove(at);
        let is_stored = !persistent || self.flushed()?;
        self.answered("remove", &left(reply), &stored(left_as(expected), is_stored))
    }

    pub(super) fn probe(&mut self, at: Place, probe: Probe) -> Result<(), Wrong> {
        let reply = self.registry().probe(self.service(at), &at.address(), probe).map_err(|error| error.to_string());
        let expected = self.model.probe(at, probe);
        self.answered("probe", &reply, &Ok(expected))
    }

    /// Time passes, and each tick is looked at.
    pub(super) fn pass(&mut self, ms: u64, step_ms: u64) -> Result<(), Wrong> {
        let mut left_ms = ms;
        while left_ms > 0 && !self.disk.is_dead() {
            let step_ms = step_ms.clamp(1, left_ms);
            left_ms -= step_ms;
            self.mono_ms += step_ms;
            self.wall_ms += step_ms;
            self.tick()?;
            self.check_movement()?;
        }
        Ok(())
    }

    pub(super) fn tick(&mut self) -> Result<(), Wrong> {
        let (mono_ms, wall_ms) = (self.mono_ms, self.wall_ms);
        let late_ms = if self.fault == Some(Fault::SleepyTicker) { mono_ms % SLEEPY_MS } else { 0 };
        self.registry().tick(Now { mono_ms: mono_ms - late_ms, wall_ms });
        let first_crossing = self.model.crossed.len();
        self.model.tick(mono_ms, wall_ms);
        if self.model.boot().flush_in_tick {
            self.flushed()?;
        }
        for crossed in &self.model.crossed[first_crossing..] {
            monitor::was_in_time(crossed).map_err(|seen| Wrong::new("silence in (T, T + 300 ms]", seen))?;
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> Result<(), Wrong> {
        let reply = self.registry().flush().is_ok();
        let is_stored = self.flushed()?;
        self.answered("flush", &reply, &is_stored)
    }
}
