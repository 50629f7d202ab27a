//! Where an instance stands: the policy's verdict over the floors, and what still refuses.

use steadfast_policy::{Claim, State, Traffic};

use crate::{
    floor_holds::{ServiceFloors, TargetHolds},
    floors::{Floor, FloorTarget},
    instance::Instance,
    key::{Host, Key},
    lapse::Lapse,
    name::Address,
    orders::{Author, Effect, Hold, HoldKind},
    registry::Inner,
    service::{Entry, Service},
};

/// A service under its mutex, and what one must look at besides it.
#[derive(Clone, Copy)]
pub(crate) struct Standing<'a> {
    pub(crate) inner: &'a Inner,
    pub(crate) service: &'a Service,
    pub(crate) entry: &'a Entry,
}

/// What lookups show of the instance of a key: the verdict, or a floor that is more restrictive.
pub(crate) fn over_floors(inner: &Inner, floors: &ServiceFloors, instance: &Instance, key: Key) -> Traffic {
    let floor = strongest(inner, floors, key).map_or(Traffic::Serve, |kind| kind.fact().traffic());
    instance.state.traffic.max(floor)
}

/// The strongest floor over an instance of the service that `floors` are of.
fn strongest(inner: &Inner, floors: &ServiceFloors, key: Key) -> Option<HoldKind> {
    floors.strongest(Some(key.cluster)).max(inner.ip_floors.strongest(Some(key.host)))
}

impl<'a> Standing<'a> {
    pub(crate) fn of(inner: &'a Inner, service: &'a Service, entry: &'a Entry) -> Standing<'a> {
        Standing { inner, service, entry }
    }

    pub(crate) fn lapse(&self) -> Lapse {
        Lapse::of(self.entry.policy.table.manifest(), self.inner.wall_ms())
    }

    /// The key of an instance of the service.
    pub(crate) fn key(&self, instance: &Instance) -> Key {
        self.inner.key(instance.slot)
    }

    /// The address of an instance of the service.
    pub(crate) fn address(&self, instance: &Instance) -> Address {
        self.inner.address(instance.slot)
    }

    /// The strongest floor over an instance.
    fn floor(&self, instance: &Instance) -> Option<HoldKind> {
        strongest(self.inner, &self.entry.floors, self.key(instance))
    }

    /// What lookups show of an instance: at least as restrictive as every floor.
    pub(crate) fn traffic(&self, instance: &Instance) -> Traffic {
        over_floors(self.inner, &self.entry.floors, instance, self.key(instance))
    }

    /// Whether a lookup for traffic takes it.
    pub(crate) fn serves(&self, instance: &Instance) -> bool {
        let State { present, healthy, .. } = instance.state;
        present && healthy && self.traffic(instance) == Traffic::Serve
    }

    /// A floor that keeps an address from registering.
    pub(crate) fn ban(&self, address: &Address) -> Option<Floor> {
        let (cluster, host) = self.numbers(address);
        let strongest = self.entry.floors.strongest(cluster).max(self.inner.ip_floors.strongest(host));
        if strongest != Some(HoldKind::Banned) {
            return None;
        }
        self.floors_at(cluster, host).into_iter().find(|floor| floor.hold.kind == HoldKind::Banned)
    }

    /// Every floor over an address, the narrowest target first.
    pub(crate) fn floors(&self, address: &Address) -> Vec<Floor> {
        let (cluster, host) = self.numbers(address);
        self.floors_at(cluster, host)
    }

    /// The numbers of an address' names; a name without one has no floor.
    fn numbers(&self, address: &Address) -> (Option<u32>, Option<Host>) {
        (self.inner.names.find(&address.cluster), Host::find(&self.inner.names, &address.ip))
    }

    fn floors_at(&self, cluster: Option<u32>, host: Option<Host>) -> Vec<Floor> {
        let mut floors = cluster.map_or_else(Vec::new, |cluster| self.floors_of(Some(cluster)));
        floors.extend(self.floors_of(None));
        if let Some(host) = host {
            let target = || FloorTarget::Ip { ip: host.text(&self.inner.names).into_owned() };
            let floor = |hold: &Hold| Floor { target: target(), hold: hold.clone() };
            self.inner.ip_floors.read(host, |holds| {
                floors.extend(holds.into_iter().flat_map(|holds| holds.iter().map(floor)));
            });
        }
        floors
    }

    /// The floors on the service itself (`None`), or on one cluster of it.
    pub(crate) fn floors_of(&self, cluster: Option<u32>) -> Vec<Floor> {
        let service = || self.service.name().to_name();
        let target = || match cluster {
            None => FloorTarget::Service { service: service() },
            Some(cluster) => {
                FloorTarget::Cluster { service: service(), cluster: self.inner.names.text(cluster).into() }
            }
        };
        let holds = self.entry.floors.at(cluster).into_iter().flat_map(TargetHolds::iter);
        holds.map(|hold| Floor { target: target(), hold: hold.clone() }).collect()
    }

    /// Why an instance is as it is published: the policy's reason, or the floor that leaves less than the policy would.
    pub(crate) fn reason(&self, instance: &Instance) -> String {
        if instance.decision().event.is_none() {
            return "not registered".to_owned();
        }
        let traffic = self.traffic(instance);
        if instance.state.present && traffic > instance.state.traffic {
            let floors = self.floors(&self.address(instance));
            if let Some(floor) = floors.iter().find(|floor| floor.hold.kind.fact().traffic() == traffic) {
                return floor.to_string();
            }
        }
        self.entry.policy.table.manifest().reason(instance.decision().reason).to_owned()
    }

    /// Where an instance stands now, and what still refuses.
    pub(crate) fn effect(&self, instance: &Instance) -> Effect {
        let state = &instance.state;
        Effect {
            present: state.present,
            healthy: state.healthy,
            traffic: self.traffic(instance),
            reason: self.reason(instance),
            refusing: self.refusing(instance),
        }
    }

    /// Where an address stands about which nothing is known.
    pub(crate) fn nothing(&self, address: &Address) -> Effect {
        let mut refusing: Vec<String> = self.floors(address).iter().map(Floor::to_string).collect();
        refusing.push("not registered".into());
        Effect { present: false, healthy: false, traffic: Traffic::Refuse, reason: "not registered".into(), refusing }
    }

    fn refusing(&self, instance: &Instance) -> Vec<String> {
        let (state, lapse) = (&instance.state, self.lapse());
        let mut refusing = Vec::new();
        if !state.present || state.traffic != Traffic::Serve {
            refusing.extend(instance.rare().holds.iter().filter(|hold| !lapse.has_lapsed(hold)).map(|hold| {
                let Author { owner, actor, reason } = &hold.author;
                format!("{} by {owner} ({actor}): {reason}", hold.kind.name())
            }));
        }
        // Most instances have no floor, and finding out is cheap; naming them is not.
        if self.floor(instance).is_some() {
            refusing.extend(self.floors(&self.address(instance)).iter().map(Floor::to_string));
        }
        if state.claim == Claim::Disabled && (!state.present || state.traffic != Traffic::Serve) {
            refusing.push("the client disabled itself".into());
        }
        if !state.present {
            refusing.push("not registered".into());
        }
        refusing
    }
}
