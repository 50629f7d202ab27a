//! The small world that histories play in: so few places, people and programs that everything meets everything soon.

use steadfast_core::{Address, Author, FloorTarget, Publisher, Scope, Selector, ServiceName};

/// Three services: one pair shares a group, one a namespace.
const SERVICES: [(&str, &str, &str); 3] =
    [("dev", "DEFAULT_GROUP", "search"), ("public", "DEFAULT_GROUP", "orders"), ("public", "payments", "ledger")];
/// In the order of the registry's addresses, which is the order in which ends of holds at one instant are delivered.
/// Two share ip and port and differ by cluster; one is a host name, one an IPv6 address.
const ADDRESSES: [(&str, u32, &str); 5] = [
    ("10.0.0.1", 8080, "DEFAULT"),
    ("10.0.0.1", 8080, "blue"),
    ("10.0.0.2", 8080, "DEFAULT"),
    ("::1", 7000, "DEFAULT"),
    ("host-7", 9090, "blue"),
];
/// The clusters and the ips of these addresses.
const CLUSTERS: [&str; 2] = ["DEFAULT", "blue"];
const IPS: [&str; 4] = ["10.0.0.1", "10.0.0.2", "::1", "host-7"];
/// Whatever can have a policy of its own, in the registry's order: the narrower the later.
const SCOPES: [(&str, Option<&str>, Option<&str>); 8] = [
    ("dev", None, None),
    ("public", None, None),
    ("dev", Some("DEFAULT_GROUP"), None),
    ("public", Some("DEFAULT_GROUP"), None),
    ("public", Some("payments"), None),
    ("dev", Some("DEFAULT_GROUP"), Some("search")),
    ("public", Some("DEFAULT_GROUP"), Some("orders")),
    ("public", Some("payments"), Some("ledger")),
];
/// Namespaces by number.
pub(crate) const NAMESPACES: [&str; 2] = ["dev", "public"];
/// In order of the alphabet, for the same reason.
pub(crate) const OWNERS: [&str; 3] = ["autoscaler", "console", "deployer"];
/// More connections than one instance may have publishers.
pub(crate) const CONNECTIONS: u8 = 10;
/// Programs that may stand behind an address.
pub(crate) const PROCESSES: u8 = 3;

/// One address of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) service: u8,
    pub(crate) address: u8,
}

impl Place {
    /// Every place there is.
    pub(crate) fn all() -> impl Iterator<Item = Place> {
        services().flat_map(|service| (0..ADDRESSES.len() as u8).map(move |address| Place { service, address }))
    }

    pub(crate) fn address(self) -> Address {
        let (ip, port, cluster) = ADDRESSES[usize::from(self.address)];
        Address::new(ip, port, cluster).expect("every address of the world is valid")
    }

    /// The place of an address that the registry names; `None` for one that nobody ever used.
    pub(crate) fn of(service: u8, ip: &str, port: u16, cluster: &str) -> Option<Place> {
        let is_it = |known: &(&str, u32, &str)| *known == (ip, u32::from(port), cluster);
        ADDRESSES.iter().position(is_it).map(|address| Place { service, address: address as u8 })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.address(), SERVICES[usize::from(self.service)].2)
    }
}

/// Whom a floor lies under, the narrowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Under {
    Cluster { service: u8, cluster: u8 },
    Service(u8),
    Ip(u8),
}

impl Under {
    /// Everything that can have a floor.
    pub(crate) fn all() -> impl Iterator<Item = Under> {
        let clusters = |service| (0..CLUSTERS.len() as u8).map(move |cluster| Under::Cluster { service, cluster });
        services().flat_map(clusters).chain(services().map(Under::Service)).chain((0..IPS.len() as u8).map(Under::Ip))
    }

    /// Whether it lies under a place.
    pub(crate) fn covers(self, at: Place) -> bool {
        let (ip, _, cluster) = ADDRESSES[usize::from(at.address)];
        match self {
            Under::Cluster { service, cluster: named } => {
                service == at.service && CLUSTERS[usize::from(named)] == cluster
            }
            Under::Service(service) => service == at.service,
            Under::Ip(named) => IPS[usize::from(named)] == ip,
        }
    }

    /// The service that it names.
    pub(crate) fn service(self) -> Option<u8> {
        match self {
            Under::Cluster { service, .. } | Under::Service(service) => Some(service),
            Under::Ip(_) => None,
        }
    }

    pub(crate) fn target(self) -> FloorTarget {
        match self {
            Under::Cluster { service, cluster } => {
                FloorTarget::Cluster { service: service_name(service), cluster: CLUSTERS[usize::from(cluster)].into() }
            }
            Under::Service(service) => FloorTarget::Service { service: service_name(service) },
            Under::Ip(ip) => FloorTarget::Ip { ip: IPS[usize::from(ip)].into() },
        }
    }
}

/// Which places an order about many is about: all of those that it names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Which {
    pub(crate) service: Option<u8>,
    pub(crate) cluster: Option<u8>,
    /// Ips of one net.
    pub(crate) of_net: bool,
    /// A zone that begins with an e.
    pub(crate) of_zone: bool,
}

impl Which {
    pub(crate) fn selector(self) -> Selector {
        let named = |text: &str| Some(text.to_owned());
        Selector {
            namespace: named("*"),
            service: self.service.and_then(|service| named(SERVICES[usize::from(service)].2)),
            cluster: self.cluster.and_then(|cluster| named(CLUSTERS[usize::from(cluster)])),
            ip: self.of_net.then(|| "10.0.0.?".to_owned()),
            metadata: self.of_zone.then(|| ("zone".to_owned(), "e*".to_owned())).into_iter().collect(),
            ..Selector::default()
        }
    }

    /// Whether it names a place whose effective metadata has this zone.
    pub(crate) fn names(self, at: Place, zone: Option<&String>) -> bool {
        let (ip, _, cluster) = ADDRESSES[usize::from(at.address)];
        self.service.is_none_or(|service| service == at.service)
            && self.cluster.is_none_or(|named| CLUSTERS[usize::from(named)] == cluster)
            && (!self.of_net || ip.starts_with("10.0.0."))
            && (!self.of_zone || zone.is_some_and(|zone| zone.starts_with('e')))
    }
}

/// The numbers of all services.
pub(crate) fn services() -> impl Iterator<Item = u8> {
    0..SERVICES.len() as u8
}

pub(crate) fn service_name(service: u8) -> ServiceName {
    let (namespace, group, name) = SERVICES[usize::from(service)];
    ServiceName::new(namespace, group, name).expect("every service of the world has a valid name")
}

/// The place of a service and an address that the registry names.
pub(crate) fn place_of(service: &ServiceName, address: &Address) -> Option<Place> {
    let is_it = |known: &(&str, &str, &str)| *known == (&*service.namespace, &*service.group, &*service.name);
    let service = SERVICES.iter().position(is_it)?;
    Place::of(service as u8, &address.ip, address.port, &address.cluster)
}

pub(crate) fn clusters() -> u8 {
    CLUSTERS.len() as u8
}

pub(crate) fn cluster(number: u8) -> &'static str {
    CLUSTERS[usize::from(number)]
}

/// The numbers of all scopes, the narrower the higher.
pub(crate) fn scopes() -> std::ops::Range<u8> {
    0..SCOPES.len() as u8
}

pub(crate) fn scope(number: u8) -> Scope {
    let (namespace, group, name) = SCOPES[usize::from(number)];
    match (group, name) {
        (Some(group), Some(name)) => {
            Scope::Service { namespace: namespace.into(), group: group.into(), name: name.into() }
        }
        (Some(group), None) => Scope::group(namespace, group),
        _ => Scope::namespace(namespace),
    }
}

/// Whether a scope holds a service.
pub(crate) fn is_in_scope(service: u8, scope: u8) -> bool {
    let (namespace, group, name) = SERVICES[usize::from(service)];
    let of = SCOPES[usize::from(scope)];
    of.0 == namespace && of.1.is_none_or(|of| of == group) && of.2.is_none_or(|of| of == name)
}

/// The number of a service's namespace.
pub(crate) fn namespace_of(service: u8) -> u8 {
    u8::from(SERVICES[usize::from(service)].0 == NAMESPACES[1])
}

pub(crate) fn author(owner: u8) -> Author {
    Author::new(OWNERS[usize::from(owner)], "ann", "the simulation wants it").expect("owners have valid names")
}

pub(crate) fn connection(number: u8) -> String {
    format!("connection-{number}")
}

pub(crate) fn process(number: u8) -> String {
    format!("process-{number}")
}

/// The publisher behind a connection, or the keyless one.
pub(crate) fn publisher(number: Option<u8>) -> Publisher {
    number.map_or(Publisher::Keyless, |number| Publisher::Connection(connection(number)))
}
