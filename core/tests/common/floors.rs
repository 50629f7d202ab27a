//! Floors of the one service of a world, and its instances at other addresses.

use steadfast_core::{
    Address, FloorReply, FloorTarget, HoldKind, HoldOrder, RegisterError, Registration, ServiceName, policy::Traffic,
};

use super::{World, author};

pub fn name() -> ServiceName {
    ServiceName::new("public", "DEFAULT_GROUP", "orders").unwrap()
}

pub fn whole_service() -> FloorTarget {
    FloorTarget::Service { service: name() }
}

pub fn cluster(cluster: &str) -> FloorTarget {
    FloorTarget::Cluster { service: name(), cluster: cluster.into() }
}

pub fn ip(ip: &str) -> FloorTarget {
    FloorTarget::Ip { ip: ip.into() }
}

pub fn order(kind: HoldKind, owner: &str) -> HoldOrder {
    HoldOrder { kind, author: author(owner), until_ms: None }
}

pub fn hold(world: &World, target: &FloorTarget, kind: HoldKind) -> FloorReply {
    world.registry.hold_floor(target, &order(kind, "ops")).unwrap()
}

pub fn release(world: &World, target: &FloorTarget) -> FloorReply {
    world.registry.release_floor(target, &author("ops")).unwrap()
}

pub fn address(ip: &str, port: u32, cluster: &str) -> Address {
    Address::new(ip, port, cluster).unwrap()
}

pub fn register_at(world: &World, address: &Address) -> Result<(), RegisterError> {
    world.registry.register(world.service, &Registration::new(address.clone())).map(|_| ())
}

pub fn traffic_at(world: &World, address: &Address) -> Option<Traffic> {
    let is_it = |instance: &steadfast_core::Instance<'_>| {
        instance.ip() == address.ip && instance.port() == address.port && instance.cluster() == address.cluster
    };
    world.registry.view(world.service, |view| view.iter().find(is_it).map(|instance| instance.traffic())).unwrap()
}
