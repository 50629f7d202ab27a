//! One order about a floor: checked, made durable by the ledger, then laid under every instance it reaches.

use steadfast_policy::Traffic;

use crate::{
    audit::{AuditEntry, OrderTarget},
    durable::{FloorKey, RecordKey},
    error::{AccessError, OpenError, OrderError, Unplaceable},
    floor_holds::TargetHolds,
    floors::{Floor, FloorReply, FloorTarget},
    key::Host,
    limits::{FLOOR_CLUSTERS_MAX, FLOOR_IPS_MAX, HOLDS_PER_FLOOR_MAX},
    operators::HoldOrder,
    orders::{Author, Hold, HoldKind},
    registry::{Inner, Registry},
    service::{Entry, Service},
    session::{Session, record},
    standing::over_floors,
    store::{Change, StoreTable},
    ticket::{Scope, Task, Visit},
};

/// An order about a floor, with its names resolved.
struct FloorOrder {
    target: FloorTarget,
    place: FloorPlace,
    author: Author,
    action: Action,
}

enum Action {
    Hold {
        kind: HoldKind,
        until_ms: Option<u64>,
    },
    /// Ends the hold of an owner, who need not be the author.
    Release {
        owner: String,
    },
}

/// Where the holds of a target are kept.
#[derive(Clone, Copy)]
enum FloorPlace {
    /// In the entry of a service: on the service (`None`), or on the cluster of a number.
    Service { index: u32, cluster: Option<u32> },
    /// In the registry, by host.
    Ip(Host),
}

/// Whom a changed floor reached.
#[derive(Clone, Copy, Default)]
struct Reach {
    instances: u64,
    changed: u64,
    serving: u64,
}

impl Registry {
    /// Lays a hold as a floor under many instances; a second one by the same owner replaces the first. A service that
    /// is not known is created.
    ///
    /// When this returns the hold is durable and visible in every service, each of which was published once. Instances
    /// that come later come under it.
    pub fn hold_floor(&self, target: &FloorTarget, order: &HoldOrder) -> Result<FloorReply, OrderError> {
        self.inner.check_open()?;
        order.validate(self.inner.wall_ms())?;
        let target = target.checked()?;
        let place = self.inner.make_floor_place(&target)?;
        let action = Action::Hold { kind: order.kind, until_ms: order.until_ms };
        self.submit_floor(FloorOrder { target, place, author: order.author.clone(), action })
    }

    /// Releases the hold of `author.owner` on a target. A release of nothing changes nothing; the reply says
    /// `found: false`.
    pub fn release_floor(&self, target: &FloorTarget, author: &Author) -> Result<FloorReply, OrderError> {
        self.force_release_floor(target, &author.owner, author)
    }

    /// Releases the hold of another owner on a target. The audit keeps both names.
    pub fn force_release_floor(
        &self,
        target: &FloorTarget,
        owner: &str,
        author: &Author,
    ) -> Result<FloorReply, OrderError> {
        self.inner.check_open()?;
        author.validate()?;
        let target = target.checked()?;
        let Some(place) = self.inner.floor_place(&target) else { return Ok(FloorReply::default()) };
        let action = Action::Release { owner: owner.to_owned() };
        self.submit_floor(FloorOrder { target, place, author: author.clone(), action })
    }

    fn submit_floor(&self, order: FloorOrder) -> Result<FloorReply, OrderError> {
        self.inner.ledger.submit(&self.inner, order)
    }

    /// Every floor of whole ips, in order of the ips. Those of a service are in
    /// [`explain_service`](Registry::explain_service).
    pub fn ip_floors(&self) -> Result<Vec<Floor>, AccessError> {
        self.inner.check_open()?;
        let mut floors = Vec::new();
        self.inner.ip_floors.for_each(|host, holds| {
            let target = FloorTarget::Ip { ip: host.text(&self.inner.names).into_owned() };
            floors.extend(holds.iter().map(|hold| Floor { target: target.clone(), hold: hold.clone() }));
        });
        floors.sort_by(|one, other| {
            (&one.target, &one.hold.author.owner).cmp(&(&other.target, &other.hold.author.owner))
        });
        Ok(floors)
    }
}

impl Task for FloorOrder {
    type Reply = FloorReply;

    fn scope(&self) -> Scope {
        self.target.service().map_or(Scope::Ips, |service| Scope::Floors(service.clone()))
    }

    fn audit(&self, wall_ms: u64) -> AuditEntry {
        let forced_owner = match &self.action {
            Action::Release { owner } if *owner != self.author.owner => Some(owner.clone()),
            _ => None,
        };
        let order = match &self.action {
            Action::Hold { kind, .. } => kind.name(),
            Action::Release { .. } if forced_owner.is_some() => "force-release",
            Action::Release { .. } => "release",
        };
        let (target, author) = (OrderTarget::Floor(self.target.clone()), self.author.clone());
        AuditEntry { wall_ms, order: order.into(), target, author, forced_owner }
    }

    fn prepare(&self, inner: &Inner) -> Result<Vec<(RecordKey, Change)>, OrderError> {
        let floor = match self.action {
            Action::Hold { kind, until_ms } => {
                self.within_limits(inner)?;
                let hold = inner.read_floor(self.place, |holds| self.hold(inner, (kind, until_ms), holds))?;
                Some(Floor { target: self.target.clone(), hold })
            }
            Action::Release { .. } => None,
        };
        let key = self.key();
        let change = key.change(floor.as_ref());
        Ok(vec![(key.into(), change)])
    }

    fn apply(&self, visit: &mut Visit<'_>) -> Result<FloorReply, OrderError> {
        let inner = visit.inner;
        let (found, reach) = match &self.action {
            Action::Hold { kind, until_ms } => {
                // The visit may hold the service already, for an order before this one in the batch.
                let changed = inner.change_floor(visit, self.place, |holds| {
                    let hold = self.hold(inner, (*kind, *until_ms), Some(holds));
                    holds.put(hold)
                })?;
                if let Some(until_ms) = until_ms {
                    inner.ledger.schedule_end(*until_ms, self.key().into());
                }
                changed
            }
            Action::Release { owner } => {
                inner.change_floor(visit, self.place, |holds| holds.remove(|hold| hold.author.owner == *owner))?
            }
        };
        let Reach { instances, changed, serving } = reach;
        Ok(FloorReply { found, instances, changed, serving, refusing: self.refusing(visit)?, revision: None })
    }

    fn published(&self, inner: &Inner, reply: &mut FloorReply) {
        reply.revision = match self.place {
            FloorPlace::Service { index, .. } => inner.service_at(index).ok().map(Service::revision),
            FloorPlace::Ip(_) => None,
        };
    }

    /// Nothing was reserved.
    fn abandon(&self, _: &Inner) {}
}

impl FloorOrder {
    fn key(&self) -> FloorKey {
        let owner = match &self.action {
            Action::Hold { .. } => &self.author.owner,
            Action::Release { owner } => owner,
        };
        FloorKey { target: self.target.clone(), owner: owner.clone() }
    }

    /// The hold as it will stand; an update keeps its age.
    fn hold(&self, inner: &Inner, (kind, until_ms): (HoldKind, Option<u64>), holds: Option<&TargetHolds>) -> Hold {
        let author = self.author.clone();
        let earlier = holds.and_then(|holds| holds.of(&author.owner));
        let since_ms = earlier.map_or_else(|| inner.wall_ms(), |hold| hold.since_ms);
        Hold { kind, author, since_ms, until_ms }
    }

    /// An update of what is there takes no more room.
    fn within_limits(&self, inner: &Inner) -> Result<(), OrderError> {
        let owner = &self.author.owner;
        let others = inner.read_floor(self.place, |holds| holds.map(|holds| holds.others(owner)))?;
        if others.is_some_and(|others| others >= HOLDS_PER_FLOOR_MAX) {
            return Err(OrderError::Full { what: "holds on one target", limit: HOLDS_PER_FLOOR_MAX });
        }
        if others.is_some() {
            return Ok(());
        }
        let (what, limit, targets) = match self.place {
            FloorPlace::Service { index, .. } => {
                let clusters = inner.service_at(index)?.inspect().floors.clusters().count();
                ("clusters of one service under a hold", FLOOR_CLUSTERS_MAX, clusters)
            }
            FloorPlace::Ip(_) => ("ips under a hold", FLOOR_IPS_MAX, inner.ip_floors.hosts()),
        };
        if targets < limit { Ok(()) } else { Err(OrderError::Full { what, limit }) }
    }

    /// The floors that lie under everything that this order is about.
    fn refusing(&self, visit: &mut Visit<'_>) -> Result<Vec<String>, AccessError> {
        let inner = visit.inner;
        let FloorPlace::Service { index, cluster } = self.place else {
            let floor = |hold: &Hold| Floor { target: self.target.clone(), hold: hold.clone() }.to_string();
            return inner.read_floor(self.place, |holds| holds.into_iter().flat_map(|h| h.iter().map(floor)).collect());
        };
        let session = visit.session(index)?;
        let standing = session.standing();
        let narrow = cluster.map_or_else(Vec::new, |cluster| standing.floors_of(Some(cluster)));
        Ok(narrow.iter().chain(&standing.floors_of(None)).map(Floor::to_string).collect())
    }
}

impl Inner {
    /// Where the holds of a target are kept, if they can have any.
    fn floor_place(&self, target: &FloorTarget) -> Option<FloorPlace> {
        let index = match target.service() {
            Some(name) => self.find_service(&name.namespace, &name.group, &name.name)?,
            None => 0,
        };
        Some(match target {
            FloorTarget::Service { .. } => FloorPlace::Service { index, cluster: None },
            FloorTarget::Cluster { cluster, .. } => {
                FloorPlace::Service { index, cluster: Some(self.names.find(cluster)?) }
            }
            FloorTarget::Ip { ip } => FloorPlace::Ip(Host::find(&self.names, ip)?),
        })
    }

    /// Where the holds of a target shall be kept.
    fn make_floor_place(&self, target: &FloorTarget) -> Result<FloorPlace, Unplaceable> {
        let index = match target.service() {
            Some(name) => self.service_or_create(name)?,
            None => 0,
        };
        let no_room = || Unplaceable::NAMES;
        Ok(match target {
            FloorTarget::Service { .. } => FloorPlace::Service { index, cluster: None },
            FloorTarget::Cluster { cluster, .. } => {
                FloorPlace::Service { index, cluster: Some(self.names.intern(cluster).ok_or_else(no_room)?) }
            }
            FloorTarget::Ip { ip } => FloorPlace::Ip(Host::intern(&self.names, ip).ok_or_else(no_room)?),
        })
    }

    /// Looks at the holds on a target. Not during a visit, which may have the same service open.
    fn read_floor<R>(&self, place: FloorPlace, read: impl FnOnce(Option<&TargetHolds>) -> R) -> Result<R, AccessError> {
        match place {
            FloorPlace::Service { index, cluster } => Ok(read(self.service_at(index)?.inspect().floors.at(cluster))),
            FloorPlace::Ip(host) => Ok(self.ip_floors.read(host, read)),
        }
    }

    /// Changes the holds on a target, and then what is published of everybody under it.
    fn change_floor<R>(
        &self,
        visit: &mut Visit<'_>,
        place: FloorPlace,
        change: impl FnOnce(&mut TargetHolds) -> R,
    ) -> Result<(R, Reach), AccessError> {
        match place {
            FloorPlace::Service { index, cluster } => {
                let session = visit.session(index)?;
                let changed = session.entry().floors.change(cluster, change);
                Ok((changed, session.lay_floors(|_, of| cluster.is_none_or(|cluster| cluster == of))))
            }
            FloorPlace::Ip(host) => {
                // Every service is visited under its mutex, and never two at a time.
                visit.close();
                let changed = self.ip_floors.change(host, change);
                Ok((changed, self.lay_ip_floors(host)))
            }
        }
    }

    /// Visits every service after the floors of a host changed. A poisoned one takes no writes; its readers go on with
    /// what they have.
    fn lay_ip_floors(&self, host: Host) -> Reach {
        let mut reach = Reach::default();
        for index in 0..self.count_services_created() {
            let Ok(mut session) = self.service_at(index).and_then(|service| Session::open(self, service)) else {
                continue;
            };
            let Reach { instances, changed, serving } = session.lay_floors(|of, _| of == host);
            reach.instances += instances;
            reach.changed += changed;
            reach.serving += serving;
            session.finish();
        }
        reach
    }

    /// A hold whose `until` has come.
    pub(crate) fn end_floor(&self, due_ms: u64, key: FloorKey) {
        let Some(place) = self.floor_place(&key.target) else { return };
        let is_it = |hold: &Hold| hold.author.owner == key.owner && hold.until_ms == Some(due_ms);
        // An update may have moved the end; then nobody has to be visited.
        if self.read_floor(place, |holds| holds.is_some_and(|holds| holds.iter().any(is_it))) != Ok(true) {
            return;
        }
        let mut visit = Visit::new(self);
        let ended = self.change_floor(&mut visit, place, |holds| holds.remove(is_it));
        visit.close();
        if ended.is_ok_and(|(ended, _)| ended) {
            self.durable_later(key);
        }
    }

    /// The floor of an owner, as it stands.
    pub(crate) fn floor(&self, target: &FloorTarget, owner: &str) -> Option<Floor> {
        let place = self.floor_place(target)?;
        let hold = self.read_floor(place, |holds| holds?.of(owner).cloned()).ok()??;
        Some(Floor { target: target.clone(), hold })
    }

    /// Puts a stored floor back, before anybody is there who could come under it.
    pub(crate) fn restore_floor(&self, floor: Floor) -> Result<(), OpenError> {
        let place = self.make_floor_place(&floor.target).map_err(|error| error.at_start(StoreTable::Floors))?;
        if let Some(until_ms) = floor.hold.until_ms {
            let key = FloorKey { target: floor.target, owner: floor.hold.author.owner.clone() };
            self.ledger.schedule_end(until_ms, key.into());
        }
        let mut visit = Visit::new(self);
        // A service that was created a moment ago is not poisoned.
        let _ = self.change_floor(&mut visit, place, |holds| holds.put(floor.hold));
        visit.close();
        Ok(())
    }
}

impl Session<'_> {
    /// Publishes anew who comes under a changed floor: one pass over the service, whatever its size.
    fn lay_floors(&mut self, reached: impl Fn(Host, u32) -> bool) -> Reach {
        let (inner, service) = (self.inner, self.service);
        let Entry { roster, draft, floors, .. } = self.entry();
        let mut reach = Reach::default();
        for instance in roster.iter_mut() {
            let key = inner.key(instance.slot);
            let Some(at) = instance.position().filter(|_| reached(key.host, key.cluster)) else { continue };
            let shown = over_floors(inner, floors, instance, key);
            reach.instances += 1;
            reach.serving += u64::from(instance.state.healthy && shown == Traffic::Serve);
            if shown != instance.shown {
                instance.shown = shown;
                draft.set(&service.snapshot, at, &record(inner, instance, key));
                reach.changed += 1;
            }
        }
        reach
    }
}
