//! The identity of an instance inside a registry, in two words.

use std::net::{IpAddr, Ipv4Addr};

use crate::{interner::Interner, name::Address};

/// Service, cluster, ip and port as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) service: u32,
    pub(crate) cluster: u32,
    pub(crate) host: Host,
    pub(crate) port: u16,
}

/// An IPv4 address by value, or the number of an interned text (IPv6 address, host name).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Host {
    V4(Ipv4Addr),
    Named(u32),
}

const NAMED: u64 = 1 << 48;

impl Key {
    /// The key of an address whose names are known; `None` means that no instance can have it.
    pub(crate) fn find(names: &Interner, service: u32, address: &Address) -> Option<Key> {
        Key::find_in(names, service, names.find(&address.cluster)?, address)
    }

    /// The same where the number of the cluster is known.
    pub(crate) fn find_in(names: &Interner, service: u32, cluster: u32, address: &Address) -> Option<Key> {
        Some(Key { service, cluster, host: Host::find(names, &address.ip)?, port: address.port })
    }

    /// The key of any address; `None` when there is no room for another name.
    pub(crate) fn intern(names: &Interner, service: u32, address: &Address) -> Option<Key> {
        let host = Host::intern(names, &address.ip)?;
        Some(Key { service, cluster: names.intern(&address.cluster)?, host, port: address.port })
    }

    /// The address that it was made of.
    pub(crate) fn address(self, names: &Interner) -> Address {
        let Key { cluster, host, port, .. } = self;
        Address { ip: host.text(names).into_owned(), port, cluster: names.text(cluster).into() }
    }

    pub(crate) fn to_words(self) -> [u64; 2] {
        let host = match self.host {
            Host::V4(ip) => u64::from(u32::from(ip)),
            Host::Named(number) => NAMED | u64::from(number),
        };
        [host | u64::from(self.port) << 32, u64::from(self.service) | u64::from(self.cluster) << 32]
    }

    pub(crate) fn from_words([first, second]: [u64; 2]) -> Key {
        let host = first as u32;
        Key {
            service: second as u32,
            cluster: (second >> 32) as u32,
            host: if first & NAMED == 0 { Host::V4(host.into()) } else { Host::Named(host) },
            port: (first >> 32) as u16,
        }
    }
}

impl Host {
    /// The number of an ip or host name that is known.
    pub(crate) fn find(names: &Interner, ip: &str) -> Option<Host> {
        match ip.parse() {
            Ok(IpAddr::V4(ip)) => Some(Host::V4(ip)),
            _ => names.find(ip).map(Host::Named),
        }
    }

    /// The number of any ip or host name; `None` when there is no room for another name.
    pub(crate) fn intern(names: &Interner, ip: &str) -> Option<Host> {
        match ip.parse() {
            Ok(IpAddr::V4(ip)) => Some(Host::V4(ip)),
            _ => names.intern(ip).map(Host::Named),
        }
    }

    /// The ip or host name as it was registered, in canonical form.
    pub(crate) fn text(self, names: &Interner) -> std::borrow::Cow<'_, str> {
        match self {
            Host::V4(ip) => ip.to_string().into(),
            Host::Named(number) => names.text(number).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_packing() {
        for host in [Host::V4([255, 255, 255, 255].into()), Host::V4([0, 0, 0, 0].into()), Host::Named(u32::MAX)] {
            let key = Key { service: 5, cluster: u32::MAX, host, port: 65_535 };
            assert_eq!(Key::from_words(key.to_words()), key);
        }
    }
}
