//! One narrow enum for each operation; a caller sees only what can happen there.

use steadfast_policy::{TableError, law::LawError};

use crate::{
    floors::Floor,
    limits::HOSTS_MAX,
    name::{Address, NameError},
    orders::FieldError,
    registration::RegistrationError,
    store::{StoreError, StoreTable},
};

/// What can keep any operation on a service from being done at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// The registry was shut down.
    #[error("the registry is shut down")]
    Closed,
    /// No service has this id.
    #[error("no service has this id")]
    UnknownService,
    /// A bug made an earlier write to this service panic; lookups and beats go on, writes refuse.
    #[error("an earlier write to this service failed inside the registry; it takes no more writes until a restart")]
    Poisoned,
}

/// Why there is no place for a new address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unplaceable {
    /// Nothing can be placed in the service at all.
    Access(AccessError),
    /// A bound of the registry would be crossed.
    Full { what: &'static str, limit: usize },
    /// The namespace holds as much as it may.
    Quota(QuotaExceeded),
    /// It was put together by hand, and is none.
    Name(NameError),
}

impl Unplaceable {
    pub(crate) const NAMES: Unplaceable =
        Unplaceable::Full { what: "distinct host names, IPv6 addresses and clusters", limit: HOSTS_MAX };
}

impl From<Unplaceable> for RegisterError {
    fn from(unplaceable: Unplaceable) -> RegisterError {
        match unplaceable {
            Unplaceable::Access(error) => RegisterError::Access(error),
            Unplaceable::Full { what, limit } => RegisterError::Full { what, limit },
            Unplaceable::Quota(quota) => RegisterError::Quota(quota),
            Unplaceable::Name(error) => RegisterError::Invalid(error.into()),
        }
    }
}

impl From<Unplaceable> for OrderError {
    fn from(unplaceable: Unplaceable) -> OrderError {
        match unplaceable {
            Unplaceable::Access(error) => OrderError::Access(error),
            Unplaceable::Full { what, limit } => OrderError::Full { what, limit },
            Unplaceable::Quota(quota) => OrderError::Quota(quota),
            Unplaceable::Name(error) => OrderError::Name(error),
        }
    }
}

impl Unplaceable {
    /// Why a start that finds this in a table of its store does not go on.
    pub(crate) fn at_start(self, table: StoreTable) -> OpenError {
        let unreadable = |problem: String| OpenError::Record { table: table.name(), problem };
        match self {
            Unplaceable::Full { what, limit } => OpenError::Full { what, limit },
            Unplaceable::Access(error) => unreadable(error.to_string()),
            Unplaceable::Quota(error) => unreadable(error.to_string()),
            Unplaceable::Name(error) => unreadable(error.to_string()),
        }
    }
}

impl From<ServiceError> for Unplaceable {
    fn from(error: ServiceError) -> Unplaceable {
        match error {
            ServiceError::Access(error) => Unplaceable::Access(error),
            ServiceError::Name(error) => Unplaceable::Name(error),
            ServiceError::Full(limit) => Unplaceable::Full { what: "services", limit },
            ServiceError::Namespaces(limit) => Unplaceable::Full { what: "namespaces", limit },
            ServiceError::Quota(quota) => Unplaceable::Quota(quota),
        }
    }
}

/// Why a registry does not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// `retain_ms` is out of range.
    #[error("retain of {retain_ms} ms is longer than 2^40 ms")]
    Retain {
        /// What was asked for.
        retain_ms: u64,
    },
    /// A bound is out of range.
    #[error("{option} is {given}; it must be 1 to {most}")]
    Bound {
        /// The option.
        option: &'static str,
        /// What was asked for.
        given: usize,
        /// The largest allowed.
        most: usize,
    },
    /// The store remembers more than there is room for. Nothing of it is left out in silence.
    #[error("the store holds more {what} than {limit}; open with a higher bound")]
    Full {
        /// Of what.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record of the store cannot be read.
    #[error("record of table {table} cannot be read: {problem}")]
    Record {
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A thread could not be started.
    #[error("starting thread {name}: {source}")]
    Thread {
        /// The thread's name.
        name: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Why a service cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// See [`AccessError`].
    #[error(transparent)]
    Access(#[from] AccessError),
    /// A part of the name is empty, too long or holds control characters.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Too many services.
    #[error("the registry holds {0} services already, which is its limit")]
    Full(usize),
    /// Too many namespaces.
    #[error("the registry knows {0} namespaces already, which is its limit; use one of them")]
    Namespaces(usize),
    /// Too many services in this namespace.
    #[error(transparent)]
    Quota(#[from] QuotaExceeded),
}

/// A namespace holds as much as it may.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("namespace {namespace} holds {current} {what}, and may hold {limit}; take some out, or raise its quota")]
#[non_exhaustive]
pub struct QuotaExceeded {
    /// The namespace.
    pub namespace: String,
    /// Of what.
    pub what: &'static str,
    /// How many there are.
    pub current: u64,
    /// How many there may be.
    pub limit: u64,
}

/// Why a namespace gets no quota.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NamespaceError {
    /// See [`AccessError`].
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The name is empty, too long or holds control characters.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Too many namespaces.
    #[error("the registry knows {0} namespaces already, which is its limit; use one of them")]
    Full(usize),
}

/// Why a registration fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// See [`AccessError`].
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Something the client sent is out of bounds.
    #[error(transparent)]
    Invalid(#[from] RegistrationError),
    /// The policy said no.
    #[error("refused: {reason}")]
    Refused {
        /// The policy's reason.
        reason: String,
    },
    /// A hold on its cluster, service or ip bans it. No policy was asked; who was present stays so, and is refused.
    #[error("refused: {0}")]
    Banned(Box<Floor>),
    /// The address is present with the other kind.
    #[error("{address} is present as {}; deregister it first", kind(*.ephemeral))]
    Kind {
        /// The address.
        address: Address,
        /// The kind that is there.
        ephemeral: bool,
    },
    /// A bound of the registry is reached.
    #[error("too many {what}; at most {limit} are allowed")]
    Full {
        /// Of what.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// Too many instances in this namespace.
    #[error(transparent)]
    Quota(#[from] QuotaExceeded),
    /// A persistent instance is there, but not durable yet.
    #[error("registered, but not stored yet: {0}")]
    Store(#[from] StoreError),
}

fn kind(ephemeral: bool) -> &'static str {
    if ephemeral { "ephemeral" } else { "persistent" }
}

/// Why a client's update fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// See [`AccessError`].
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Weight or metadata is out of bounds.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// There is nothing to update.
    #[error("{address} is not registered")]
    NotPresent {
        /// The address.
        address: Address,
    },
    /// The change of a persistent instance is visible, but not durable yet.
    #[error("changed, but not stored yet: {0}")]
    Store(#[from] StoreError),
}

/// Why an instance cannot be taken out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaveError {
    /// See [`AccessError`].
    #[error(transparent)]
    Access(#[from] AccessError),
    /// A persistent instance is gone, but a crash could still bring it back.
    #[error("gone, but not from the store yet: {0}")]
    Store(#[from] StoreError),
}

/// Why an order is refused. Nothing of a refused order is visible or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// See [`AccessError`].
    #[error(transparent)]
    Access(#[from] AccessError),
    /// A text of the author is out of bounds.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The overlaid value is out of bounds.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// The end lies in the past.
    #[error("until is {until_ms} ms, which is not after now ({now_ms} ms)")]
    Until {
        /// What was asked for, in milliseconds since 1970.
        until_ms: u64,
        /// The wall time of the last tick.
        now_ms: u64,
    },
    /// A bound of the registry is reached.
    #[error("too many {what}; at most {limit} are allowed")]
    Full {
        /// Of what.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// The address is new, and its namespace holds as much as it may.
    #[error(transparent)]
    Quota(#[from] QuotaExceeded),
    /// It could not be made durable, and is not in force.
    #[error("not stored: {0}")]
    Store(#[from] std::sync::Arc<StoreError>),
}

/// Why a policy is not installed. The one before it goes on deciding.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// The registry was shut down.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The policy gives no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A law it claims does not hold.
    #[error(transparent)]
    Law(#[from] LawError),
}

/// Why a watch is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// See [`AccessError`].
    #[error(transparent)]
    Access(#[from] AccessError),
    /// A bound of the registry is reached.
    #[error("too many {what}; at most {limit} are allowed")]
    Full {
        /// Of what.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// The system gave no descriptor, or no thread to signal it.
    #[error("no descriptor to wait for the queue with ({0}); raise the process's limits, or poll with a timeout")]
    Descriptor(std::io::ErrorKind),
}
