//! The face of the registry in Rust.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use steadfast_core::{
    Author, Beat, Change, Claim, ClaimError, Field, FieldName, FloorTarget, FullBeat, Handle, HoldOrder, Left,
    MemoryStore, Now, Options, OrderReply, Policy, Publisher, RegisterError, Registration, Registry, Routes, Scope,
    ServiceId, ServiceName, Store, StoreError, StoreTable, WatchEvent, WatchQueue,
};
use steadfast_policy::{
    Configure, Probe, Table,
    builtin::{self, MaintenanceWindow, Nacos2x, RestartClears},
};

use crate::{
    face::{Broken, Face, Listed, Opening, Seen, WALL_START_MS},
    vector::{Answer, Chosen, Feature, Place},
};

/// Where a face takes policies from.
pub trait Policies {
    /// The policy of a name, with parameters.
    fn policy(&self, chosen: &Chosen) -> Result<Policy, Broken>;
}

/// The policies that are compiled in.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuiltIn;

impl Policies for BuiltIn {
    fn policy(&self, chosen: &Chosen) -> Result<Policy, Broken> {
        let Chosen { name, params } = chosen;
        let table = match (name.as_str(), params.is_empty()) {
            (_, true) => {
                let table = builtin::table(name);
                let unknown = || Broken::new(format!("{name:?} is not the name of a built-in policy"));
                table.ok_or_else(unknown)?.map_err(Broken::new)
            }
            ("maintenance-window", _) => configured::<MaintenanceWindow>(chosen),
            ("nacos-2x", _) => configured::<Nacos2x>(chosen),
            ("restart-clears", _) => configured::<RestartClears>(chosen),
            _ => Err(Broken::new(format!("the built-in {name:?} has no parameters, or is not there"))),
        };
        Ok(Policy::new(Arc::new(table?), format!("builtin:{name} {params:?}")))
    }
}

fn configured<P: Configure>(chosen: &Chosen) -> Result<Table, Broken> {
    let params: Vec<(String, String)> = chosen.params.clone().into_iter().collect();
    Table::of(&P::configure(&params).map_err(Broken::new)?).map_err(Broken::new)
}

/// A registry of this process, with a store in memory.
pub struct Native<P> {
    policies: P,
    disk: Disk,
    running: Option<Running>,
}

struct Running {
    registry: Registry,
    queue: WatchQueue,
    services: BTreeMap<ServiceName, ServiceId>,
}

/// A store that stays when its registry goes, like a disk.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<MemoryStore>>);

impl Disk {
    fn with<T>(&self, work: impl FnOnce(&mut MemoryStore) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for Disk {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.with(|store| store.load(table, visit))
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.with(|store| store.commit(changes))
    }
}

impl<P: Policies> Native<P> {
    /// A face whose policies come from there.
    pub fn new(policies: P) -> Native<P> {
        Native { policies, disk: Disk::default(), running: None }
    }

    fn running(&mut self) -> Result<&mut Running, Broken> {
        self.running.as_mut().ok_or_else(|| Broken::new("no registry is open"))
    }

    fn registry(&mut self) -> Result<&Registry, Broken> {
        Ok(&self.running()?.registry)
    }

    /// The registry, and the id of a service.
    fn at(&mut self, service: &ServiceName) -> Result<(&Registry, ServiceId), Broken> {
        let running = self.running()?;
        let id = running.service(service)?;
        Ok((&running.registry, id))
    }
}

impl Running {
    fn service(&mut self, name: &ServiceName) -> Result<ServiceId, Broken> {
        if let Some(id) = self.services.get(name) {
            return Ok(*id);
        }
        let id = self.registry.service(name).map_err(Broken::new)?;
        self.services.insert(name.clone(), id);
        self.queue.watch(id, 0).map_err(Broken::new)?;
        // The first poll after watching says where the service is, which is no change.
        self.poll();
        Ok(id)
    }

    fn poll(&self) -> Vec<WatchEvent> {
        let mut events = Vec::new();
        self.queue.poll(&mut events, 1024, Some(Duration::ZERO));
        events
    }
}

impl<P: Policies> Face for Native<P> {
    fn open(&mut self, opening: &Opening) -> Result<(), Broken> {
        self.disk = Disk::default();
        self.reopen(opening)
    }

    fn reopen(&mut self, opening: &Opening) -> Result<(), Broken> {
        self.running = None;
        let mut options =
            Options { policy: self.policies.policy(&opening.policy)?, max_step_ms: 0, ..Options::default() };
        // What policies clear is written at once, so that a restart finds it as it was.
        options.flush_in_tick = true;
        options.retain_ms = opening.retain_ms.unwrap_or(options.retain_ms);
        let registry = Registry::open(options, Box::new(self.disk.clone())).map_err(Broken::new)?;
        let queue = registry.watch_queue().map_err(Broken::new)?;
        self.running = Some(Running { registry, queue, services: BTreeMap::new() });
        Ok(())
    }

    fn tick(&mut self, at_ms: u64) -> Result<(), Broken> {
        self.registry()?.tick(Now { mono_ms: at_ms, wall_ms: WALL_START_MS + at_ms });
        Ok(())
    }

    fn register(&mut self, service: &ServiceName, registration: &Registration) -> Result<(Answer, u64), Broken> {
        let (registry, id) = self.at(service)?;
        match registry.register(id, registration) {
            Ok(registered) => Ok((Answer::Accepted, registered.handle.to_u64())),
            Err(RegisterError::Refused { .. } | RegisterError::Banned(_)) => Ok((Answer::Refused, 0)),
            Err(error) => Err(Broken::new(error)),
        }
    }

    fn beat(&mut self, handle: u64) -> Result<Answer, Broken> {
        Ok(beaten(self.registry()?.beat(Handle::from_u64(handle))))
    }

    fn beat_at(&mut self, place: &Place, full: Option<&FullBeat>) -> Result<Answer, Broken> {
        let (registry, id) = self.at(&place.service)?;
        registry.beat_at(id, &place.address, full).map(beaten).map_err(Broken::new)
    }

    fn claim(&mut self, place: &Place, claim: &Claim) -> Result<Answer, Broken> {
        let (registry, id) = self.at(&place.service)?;
        match registry.claim(id, &place.address, claim) {
            Ok(_) => Ok(Answer::Accepted),
            Err(ClaimError::NotPresent { .. }) => Ok(Answer::NotPresent),
            Err(error) => Err(Broken::new(error)),
        }
    }

    fn deregister(&mut self, place: &Place, publisher: &Publisher) -> Result<Answer, Broken> {
        let (registry, id) = self.at(&place.service)?;
        registry.deregister(id, &place.address, publisher).map(left).map_err(Broken::new)
    }

    fn disconnect(&mut self, connection: &str) -> Result<Answer, Broken> {
        let gone = self.registry()?.disconnect(connection).map_err(Broken::new)?;
        Ok(if gone > 0 { Answer::Gone } else { Answer::Unchanged })
    }

    fn hold(&mut self, place: &Place, order: &HoldOrder) -> Result<Answer, Broken> {
        let (registry, id) = self.at(&place.service)?;
        registry.hold(id, &place.address, order).map(|reply| placed(&reply)).map_err(Broken::new)
    }

    fn release(&mut self, place: &Place, author: &Author) -> Result<Answer, Broken> {
        let (registry, id) = self.at(&place.service)?;
        registry.release(id, &place.address, author).map(|reply| released(reply.found)).map_err(Broken::new)
    }

    fn offers(&self, _feature: Feature) -> bool {
        true
    }

    fn force_release(&mut self, place: &Place, owner: &str, author: &Author) -> Result<Answer, Broken> {
        let (registry, id) = self.at(&place.service)?;
        let reply = registry.force_release(id, &place.address, owner, author);
        reply.map(|reply| released(reply.found)).map_err(Broken::new)
    }

    fn hold_floor(&mut self, target: &FloorTarget, order: &HoldOrder) -> Result<Answer, Broken> {
        self.registry()?.hold_floor(target, order).map(|_| Answer::Stands).map_err(Broken::new)
    }

    fn release_floor(&mut self, target: &FloorTarget, author: &Author) -> Result<Answer, Broken> {
        self.registry()?.release_floor(target, author).map(|reply| released(reply.found)).map_err(Broken::new)
    }

    fn route(&mut self, routes: &[(Scope, Chosen)]) -> Result<Answer, Broken> {
        let chosen = |(scope, chosen): &(Scope, Chosen)| Ok((scope.clone(), self.policies.policy(chosen)?));
        let routes = routes.iter().map(chosen).collect::<Result<Vec<_>, Broken>>()?;
        let report = self.registry()?.route(&Routes::new(routes).map_err(Broken::new)?).map_err(Broken::new)?;
        Ok(if report.unchanged { Answer::Unchanged } else { Answer::Installed })
    }

    fn overlay(&mut self, place: &Place, field: &Field, author: &Author) -> Result<Answer, Broken> {
        let (registry, id) = self.at(&place.service)?;
        registry.overlay(id, &place.address, field, author).map(|reply| placed(&reply)).map_err(Broken::new)
    }

    fn release_overlay(&mut self, place: &Place, field: &FieldName, author: &Author) -> Result<Answer, Broken> {
        let (registry, id) = self.at(&place.service)?;
        let reply = registry.release_overlay(id, &place.address, field, author);
        reply.map(|reply| released(reply.found)).map_err(Broken::new)
    }

    fn remove(&mut self, place: &Place, author: &Author) -> Result<Answer, Broken> {
        let (registry, id) = self.at(&place.service)?;
        registry.remove(id, &place.address, author).map(left).map_err(Broken::new)
    }

    fn probe(&mut self, place: &Place, probe: Probe) -> Result<Answer, Broken> {
        let (registry, id) = self.at(&place.service)?;
        let heard = registry.probe(id, &place.address, probe).map_err(Broken::new)?;
        Ok(if heard { Answer::Heard } else { Answer::NotPresent })
    }

    fn install(&mut self, policy: &Chosen) -> Result<Answer, Broken> {
        let policy = self.policies.policy(policy)?;
        let report = self.registry()?.install(policy).map_err(Broken::new)?;
        Ok(if report.unchanged { Answer::Unchanged } else { Answer::Installed })
    }

    fn look(&mut self, place: &Place) -> Result<Seen, Broken> {
        let Place { service, address } = place;
        let (registry, id) = self.at(service)?;
        let is_it = |instance: &steadfast_core::Instance<'_>| {
            (instance.ip().as_ref(), instance.port(), instance.cluster())
                == (&*address.ip, address.port, &*address.cluster)
        };
        let listed = registry.view(id, |view| view.iter().find(is_it).map(|instance| listed(&instance)));
        let explained = registry.explain(id, address).map_err(Broken::new)?;
        let orders = explained.as_ref().map_or(0, |explained| explained.holds.len() + explained.overlays.len());
        Ok(Seen { listed: listed.map_err(Broken::new)?, reason: explained.map(|explained| explained.reason), orders })
    }

    fn revision(&mut self, service: &ServiceName) -> Result<u64, Broken> {
        let (registry, id) = self.at(service)?;
        registry.revision(id).map_err(Broken::new)
    }

    fn changed(&mut self) -> Result<BTreeSet<ServiceName>, Broken> {
        let running = self.running()?;
        let mut changed = BTreeSet::new();
        for event in running.poll() {
            match event {
                WatchEvent::Changed { service, .. } => {
                    changed.insert(running.registry.service_name(service).map_err(Broken::new)?);
                }
                WatchEvent::Announced { .. } => {}
                WatchEvent::Resync => return Err(Broken::new("the watch queue fell behind")),
            }
        }
        Ok(changed)
    }
}

fn beaten(beat: Beat) -> Answer {
    match beat {
        Beat::Alive => Answer::Alive,
        Beat::RegisterAgain | Beat::Closed => Answer::RegisterAgain,
    }
}

fn left(left: Left) -> Answer {
    match left {
        Left::Gone => Answer::Gone,
        Left::Remaining(_) => Answer::Remains,
        Left::Stale => Answer::NotPublisher,
        Left::Unknown => Answer::NotPresent,
    }
}

fn placed(reply: &OrderReply) -> Answer {
    if reply.pending { Answer::Pending } else { Answer::Stands }
}

fn released(found: bool) -> Answer {
    if found { Answer::Released } else { Answer::Unchanged }
}

fn listed(instance: &steadfast_core::Instance<'_>) -> Listed {
    let pairs = instance.metadata().iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
    Listed {
        healthy: instance.healthy(),
        traffic: instance.traffic(),
        weight: instance.weight(),
        metadata: pairs.collect(),
    }
}
