//! What operators, hosts and the clock do, on both sides.

use steadfast_core::{Field, FieldName, HoldKind, HoldOrder, Now, OrderError, OrderReply};
use steadfast_policy::{Probe, Traffic};

use super::{
    Stage, Wrong,
    clients::{left, left_as, shown, stored},
};
use crate::{
    Fault,
    disk::Outcome,
    model::{Attempt, OrderShown},
    monitor,
    world::{self, Place},
};

/// A sleepy ticker tells the time once in so many milliseconds.
const SLEEPY_MS: u64 = 1_000;

impl Stage {
    pub(super) fn hold(&mut self, at: Place, owner: u8, kind: HoldKind, for_ms: Option<u64>) -> Result<(), Wrong> {
        let until_ms = for_ms.map(|for_ms| self.model.wall_ms + for_ms);
        let order = HoldOrder { kind, author: world::author(owner), until_ms };
        let reply = self.registry().hold(self.service(at), &at.address(), &order);
        let outcome = self.order_outcome()?;
        let expected = outcome.and_then(|outcome| self.model.hold(at, owner, kind, for_ms, outcome));
        self.ordered("hold", at, reply, expected)
    }

    pub(super) fn release(&mut self, at: Place, owner: u8) -> Result<(), Wrong> {
        let reply = self.registry().release(self.service(at), &at.address(), &world::author(owner));
        let outcome = self.order_outcome()?;
        let expected = outcome.and_then(|outcome| self.model.release(at, owner, outcome));
        self.ordered("release", at, reply, expected)
    }

    pub(super) fn overlay(&mut self, at: Place, owner: u8, field: &Field) -> Result<(), Wrong> {
        let reply = self.registry().overlay(self.service(at), &at.address(), field, &world::author(owner));
        let outcome = self.order_outcome()?;
        let expected = outcome.and_then(|outcome| self.model.overlay(at, owner, field, outcome));
        self.ordered("overlay", at, reply, expected)
    }

    pub(super) fn release_overlay(&mut self, at: Place, owner: u8, name: &FieldName) -> Result<(), Wrong> {
        let reply = self.registry().release_overlay(self.service(at), &at.address(), name, &world::author(owner));
        let outcome = self.order_outcome()?;
        let expected = outcome.and_then(|outcome| self.model.release_overlay(at, name, outcome));
        self.ordered("release-overlay", at, reply, expected)
    }

    /// An order is answered after its commit, or refused while the store has an earlier failure to get over.
    fn order_outcome(&mut self) -> Result<Option<Outcome>, Wrong> {
        match self.attempt()? {
            Attempt::Blocked => Ok(None),
            Attempt::Free(Some(outcome)) => Ok(Some(outcome)),
            Attempt::Free(None) => {
                Err(Wrong::new("durable before the reply", "an order was answered without a commit"))
            }
        }
    }

    fn ordered(
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

    pub(super) fn install(&mut self, policy: u8) -> Result<(), Wrong> {
        let choice = self.menu.choice(policy).policy.clone();
        let report = self.registry().install(choice).map_err(|error| Wrong::new("install", error.to_string()))?;
        let expected = self.model.install(policy);
        if expected.is_some() {
            self.monitors.start(&self.model);
        }
        let reply = (!report.unchanged).then_some((report.instances, report.changed, report.left));
        self.answered("install", &reply, &expected)?;
        self.answered("install: epoch", &report.epoch, &self.model.epoch.clone())?;
        let name = self.registry().policy().name;
        self.answered("policy", &name, &self.model.policy().manifest.name.clone())
    }
}
