//! What clients send.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    limits::KEY_BYTES_MAX,
    metadata::{Metadata, MetadataError},
    name::{Address, NameError, check_bounded},
    orders::{FieldError, check_weight},
};

/// Who keeps an instance present.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Publisher {
    /// Any sender without a connection of its own.
    Keyless,
    /// A connection, by its id.
    Connection(String),
}

/// What keeps an instance alive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Liveness {
    /// Beats: it goes silent without them.
    #[default]
    Beats,
    /// Its connection: silence does not run while the connection is there.
    Connection,
}

/// Fields of a client's claim. A field that is `None` was not sent and changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claim {
    /// Whether the client wants traffic.
    pub enabled: Option<bool>,
    /// Its weight.
    pub weight: Option<f64>,
    /// All of its metadata.
    pub metadata: Option<Metadata>,
}

impl Claim {
    /// Sets `metadata` from pairs.
    pub fn with_metadata(mut self, pairs: &BTreeMap<String, String>) -> Result<Claim, MetadataError> {
        self.metadata = Some(Metadata::new(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())))?);
        Ok(self)
    }

    pub(crate) fn validate(&self) -> Result<(), FieldError> {
        self.weight.map_or(Ok(()), check_weight)
    }
}

/// A registration.
#[derive(Clone, Debug, PartialEq)]
pub struct Registration {
    /// Where the instance is.
    pub address: Address,
    /// Ephemeral (lives by beats or a connection) or persistent.
    pub ephemeral: bool,
    /// What the client says of itself.
    pub claim: Claim,
    /// Who sends it.
    pub publisher: Publisher,
    /// What keeps it alive.
    pub liveness: Liveness,
    /// The program behind the address, if the host knows: process start, pod uid. Never a connection id.
    pub process: Option<String>,
}

impl Registration {
    /// An ephemeral instance that lives by beats, from a sender without a connection.
    pub fn new(address: Address) -> Registration {
        Registration {
            address,
            ephemeral: true,
            claim: Claim::default(),
            publisher: Publisher::Keyless,
            liveness: Liveness::Beats,
            process: None,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), RegistrationError> {
        self.claim.validate()?;
        if let Publisher::Connection(id) = &self.publisher {
            check_bounded("connection", id, KEY_BYTES_MAX)?;
        } else if self.liveness == Liveness::Connection {
            return Err(RegistrationError::NoConnection);
        }
        if let Some(process) = &self.process {
            check_bounded("process", process, KEY_BYTES_MAX)?;
        }
        Ok(())
    }
}

/// What a full beat carries beside the sign of life; used only when nothing is known about the address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FullBeat {
    /// The client's weight.
    pub weight: Option<f64>,
    /// All of its metadata.
    pub metadata: Option<Metadata>,
    /// Ephemeral or persistent.
    pub ephemeral: bool,
}

/// Why what a client sent is refused before any policy is asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// A text is empty, too long or holds control characters.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Weight or metadata.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// Liveness by connection needs a connection.
    #[error("liveness by connection needs a publisher with a connection id")]
    NoConnection,
}
