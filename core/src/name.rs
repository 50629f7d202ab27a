//! Names of services and addresses of instances, and what makes them valid.

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::limits::NAME_BYTES_MAX;

/// A service: namespace, group and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ServiceName {
    /// The namespace, such as `public`.
    pub namespace: String,
    /// The group, such as `DEFAULT_GROUP`.
    pub group: String,
    /// The name.
    pub name: String,
}

impl ServiceName {
    /// A service name; each part has 1 to [`NAME_BYTES_MAX`] bytes and no control characters.
    pub fn new(namespace: &str, group: &str, name: &str) -> Result<ServiceName, NameError> {
        let named = ServiceName { namespace: namespace.into(), group: group.into(), name: name.into() };
        named.validate().map(|()| named)
    }

    pub(crate) fn parts(&self) -> NameParts<'_> {
        NameParts { namespace: &self.namespace, group: &self.group, name: &self.name }
    }

    pub(crate) fn validate(&self) -> Result<(), NameError> {
        check_namespace(&self.namespace)?;
        check("group", &self.group)?;
        check("service name", &self.name)
    }
}

/// The parts of a service's name, wherever they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameParts<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) group: &'a str,
    pub(crate) name: &'a str,
}

impl NameParts<'_> {
    pub(crate) fn to_name(self) -> ServiceName {
        ServiceName { namespace: self.namespace.into(), group: self.group.into(), name: self.name.into() }
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@@{}@@{}", self.namespace, self.group, self.name)
    }
}

/// Where an instance is: ip (or host name), port, cluster.
///
/// A host name is legal, as in Nacos; it is an address of its own and is never resolved. An ip is kept in its
/// canonical form, so `::1` and `0:0:0:0:0:0:0:1` are one address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address {
    /// The ip or host name.
    pub ip: String,
    /// 1 to 65535.
    pub port: u16,
    /// The cluster, such as `DEFAULT`.
    pub cluster: String,
}

impl Address {
    /// An address; `port` is wide so that a host can pass what it was given.
    pub fn new(ip: &str, port: u32, cluster: &str) -> Result<Address, NameError> {
        let port = u16::try_from(port).map_err(|_| NameError::Port { port })?;
        let address = Address { ip: canonical_ip(ip)?, port, cluster: cluster.into() };
        address.validate().map(|()| address)
    }

    pub(crate) fn validate(&self) -> Result<(), NameError> {
        let Address { ip, port, cluster } = self;
        check_ip(ip)?;
        check("cluster", cluster)?;
        if *port == 0 { Err(NameError::Port { port: 0 }) } else { Ok(()) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Address { ip, port, cluster } = self;
        if ip.contains(':') { write!(f, "[{ip}]:{port} ({cluster})") } else { write!(f, "{ip}:{port} ({cluster})") }
    }
}

/// Why a name or an address is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// A part is empty.
    #[error("{field} is empty")]
    Empty {
        /// Which part.
        field: &'static str,
    },
    /// A part is too long.
    #[error("{field} has {bytes} bytes; at most {bytes_max} are allowed")]
    TooLong {
        /// Which part.
        field: &'static str,
        /// Its length.
        bytes: usize,
        /// The longest allowed.
        bytes_max: usize,
    },
    /// A part holds a NUL or another control character.
    #[error("{field} holds a control character")]
    Control {
        /// Which part.
        field: &'static str,
    },
    /// Neither an ip nor something that can be a host name.
    #[error("{ip:?} is neither an ip nor a host name")]
    Host {
        /// What was given.
        ip: String,
    },
    /// Not a port.
    #[error("port {port} is not between 1 and 65535")]
    Port {
        /// What was given.
        port: u32,
    },
}

/// An ip in the one form in which it is kept; a host name as it is.
pub(crate) fn canonical_ip(ip: &str) -> Result<String, NameError> {
    check_ip(ip)?;
    Ok(ip.parse::<IpAddr>().map_or_else(|_| ip.to_owned(), |parsed| parsed.to_string()))
}

fn check_ip(ip: &str) -> Result<(), NameError> {
    check("ip", ip)?;
    let is_foreign = |c: char| c.is_whitespace() || matches!(c, '/' | '@' | '#');
    if ip.chars().any(is_foreign) { Err(NameError::Host { ip: ip.into() }) } else { Ok(()) }
}

pub(crate) fn check_namespace(namespace: &str) -> Result<(), NameError> {
    check("namespace", namespace)
}

fn check(field: &'static str, text: &str) -> Result<(), NameError> {
    check_bounded(field, text, NAME_BYTES_MAX)
}

/// Checks any text of a client or an operator: not empty, bounded, no control characters.
pub(crate) fn check_bounded(field: &'static str, text: &str, bytes_max: usize) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty { field });
    }
    if text.len() > bytes_max {
        return Err(NameError::TooLong { field, bytes: text.len(), bytes_max });
    }
    if text.chars().any(char::is_control) {
        return Err(NameError::Control { field });
    }
    Ok(())
}
