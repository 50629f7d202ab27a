//! How a process ends, and how it starts again on what its disk holds.

use std::{collections::BTreeMap, sync::Arc};

use steadfast_core::{
    Beat, HoldKind, HoldOrder, Journal, NamespaceQuota, OpenError, Options, OrderError, Registry, WatchQueue,
};

use super::{Running, Stage, Wrong, journal::Notebook, readers::Slow, services_of};
use crate::{
    disk::Fault,
    event::Boot,
    world::{self, Place, Under},
};

impl Stage {
    /// The process dies without a word.
    pub(super) fn die(&mut self, boot: Boot, start_fails: Option<bool>) -> Result<(), Wrong> {
        self.model.restart(boot);
        self.start(boot, start_fails)
    }

    /// The host closes the registry: what policies changed is written, and every later call says that it is closed.
    pub(super) fn shut_down(&mut self, boot: Boot) -> Result<(), Wrong> {
        self.registry().shutdown();
        let outcomes = self.disk.take_outcomes();
        let attempt = self.model.attempt(&outcomes, true);
        let attempt = attempt.map_err(|seen| Wrong::new("a shutdown writes what waits", seen))?;
        self.model.flush(attempt);
        self.check_closed()?;
        self.die(boot, None)
    }

    fn check_closed(&self) -> Result<(), Wrong> {
        let at = Place { service: 0, address: 0 };
        let order = HoldOrder { kind: HoldKind::Drain, author: world::author(0), until_ms: None };
        let held = self.registry().hold(self.service(at), &at.address(), &order);
        let refuses = matches!(held, Err(OrderError::Access(steadfast_core::AccessError::Closed)));
        let beats = self.tokens.iter().flatten().any(|token| self.registry().beat(token.handle) != Beat::Closed);
        let reads = self.registry().view(self.service(at), |_| ()).is_ok();
        if refuses && !beats && !reads {
            return Ok(());
        }
        Err(Wrong::new("shutdown", "a registry that is shut down does not say so to every call"))
    }

    /// A process starts on the disk: with `start_fails` its first start fails in the store.
    pub(super) fn start(&mut self, boot: Boot, start_fails: Option<bool>) -> Result<(), Wrong> {
        self.running = None;
        self.disk.revive();
        let notebook = Arc::<Notebook>::default();
        if let Some(durable) = start_fails {
            self.disk.arm(Fault::Fails { durable }, 0);
            if !matches!(self.open_registry(boot, &notebook), Err(OpenError::Store(_))) {
                return Err(Wrong::new("start", "the store failed, and the registry opened"));
            }
        }
        let registry = self.open_registry(boot, &notebook).map_err(|error| Wrong::new("start", error.to_string()))?;
        self.boots += 1;
        self.disk.take_outcomes();
        let services = services_of(&registry)?;
        let watch = watch_all(&registry, &services)?;
        let (announced, handles) = (0, BTreeMap::new());
        let revisions = services.iter().map(|service| registry.revision(*service)).collect::<Result<_, _>>();
        let revisions = revisions.map_err(|error| Wrong::new("revision", error.to_string()))?;
        let slow = registry.watch_queue().map_err(|error| Wrong::new("watch", error.to_string()))?;
        let slow = Slow::new(slow, revisions);
        self.running = Some(Running { registry, services, watch, announced, slow, notebook, handles });
        self.check_revisions_grew()?;
        self.recover()?;
        let services: Vec<u8> = world::services().collect();
        self.monitors.start(&self.model, &services);
        self.tick()
    }

    fn open_registry(&self, boot: Boot, notebook: &Arc<Notebook>) -> Result<Registry, OpenError> {
        let Boot { policy, retain_ms, max_step_ms, flush_in_tick, quota } = boot;
        let namespace_quota = NamespaceQuota { instances_max: quota, services_max: None };
        let journal: Arc<dyn Journal> = notebook.clone();
        let policy = self.menu.choice(policy).policy.clone();
        let journal = Some(journal);
        let options =
            Options { policy, retain_ms, max_step_ms, flush_in_tick, namespace_quota, journal, ..Options::default() };
        Registry::open(options, Box::new(self.disk.clone()))
    }

    /// A revision of an earlier life never comes again, whether or not the records are the same.
    fn check_revisions_grew(&mut self) -> Result<(), Wrong> {
        for (service, (earlier, _)) in std::mem::take(&mut self.latest) {
            let revision = self.revision(service)?;
            if revision <= earlier {
                return Err(Wrong::new("revision", format!("{revision} after a restart, it was {earlier} before")));
            }
        }
        Ok(())
    }

    /// Everything acknowledged is there before the first tick, and nothing else.
    fn recover(&mut self) -> Result<(), Wrong> {
        let lost = |seen: String| Wrong::new("nothing acknowledged is lost", seen);
        let mut floors = Vec::new();
        for floor in self.listed_floors()? {
            let under = Under::all().find(|under| under.target() == floor.target);
            let under = under.ok_or_else(|| lost(format!("{floor} was never said")))?;
            floors.push((under, floor.hold));
        }
        self.model.recover_floors(&floors).map_err(lost)?;
        for at in Place::all() {
            let explained = self.registry().explain(self.service(at), &at.address());
            let explained = explained.map_err(|error| Wrong::new("explain", error.to_string()))?;
            let memo = self.running().notebook.memo_of_recovered(at);
            let recovered = self.model.recover(at, explained.as_ref(), memo);
            recovered.map_err(lost)?;
        }
        Ok(())
    }
}

/// A queue that has heard where every service is now. A service's number is its cookie.
fn watch_all(registry: &Registry, services: &[steadfast_core::ServiceId]) -> Result<WatchQueue, Wrong> {
    let watch = registry.watch_queue().map_err(|error| Wrong::new("watch", error.to_string()))?;
    for (number, service) in services.iter().enumerate() {
        watch.watch(*service, number as u64).map_err(|error| Wrong::new("watch", error.to_string()))?;
    }
    Ok(watch)
}
