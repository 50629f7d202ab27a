//! The small world that histories play in: so few places, people and programs that everything meets everything soon.

use steadfast_core::{Address, Author, Publisher, ServiceName};

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

/// The numbers of all services.
pub(crate) fn services() -> impl Iterator<Item = u8> {
    0..SERVICES.len() as u8
}

pub(crate) fn service_name(service: u8) -> ServiceName {
    let (namespace, group, name) = SERVICES[usize::from(service)];
    ServiceName::new(namespace, group, name).expect("every service of the world has a valid name")
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
