//! What operators want: holds and overlays, each with owner, actor, reason and an optional end.

use serde::{Deserialize, Serialize};
use steadfast_policy as policy;

use crate::{
    limits::{KEY_BYTES_MAX, REASON_BYTES_MAX, WEIGHT_MAX},
    name::{Address, NameError, check_bounded},
};

/// How strong a hold is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldKind {
    /// Finish what runs, take nothing new.
    Drain,
    /// Take nothing.
    Offline,
    /// Take nothing and do not register.
    Banned,
}

impl HoldKind {
    /// The fact that a policy sees.
    pub const fn fact(self) -> policy::Hold {
        match self {
            HoldKind::Drain => policy::Hold::Drain,
            HoldKind::Offline => policy::Hold::Offline,
            HoldKind::Banned => policy::Hold::Banned,
        }
    }

    /// Its name in texts and files.
    pub const fn name(self) -> &'static str {
        self.fact().name()
    }
}

/// Who gives an order, on whose behalf, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The system or team the order belongs to, such as `console`. One hold for each owner; only it releases them.
    pub owner: String,
    /// The person or address behind it.
    pub actor: String,
    /// Why, for whoever reads it at three in the morning.
    pub reason: String,
}

impl Author {
    /// An author; all three texts are required.
    pub fn new(owner: &str, actor: &str, reason: &str) -> Result<Author, NameError> {
        let author = Author { owner: owner.into(), actor: actor.into(), reason: reason.into() };
        author.validate().map(|()| author)
    }

    /// Its fields are public, so it is checked again wherever it comes in.
    pub(crate) fn validate(&self) -> Result<(), NameError> {
        check_bounded("owner", &self.owner, KEY_BYTES_MAX)?;
        check_bounded("actor", &self.actor, KEY_BYTES_MAX)?;
        check_bounded("reason", &self.reason, REASON_BYTES_MAX)
    }
}

/// A hold as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// How strong.
    pub kind: HoldKind,
    /// Who and why.
    pub author: Author,
    /// Wall time of the order, in milliseconds since 1970; an update by the same owner keeps it.
    pub since_ms: u64,
    /// Wall time at which it ends by itself.
    pub until_ms: Option<u64>,
}

/// What an overlay sets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The weight, 0 to [`WEIGHT_MAX`].
    Weight(f64),
    /// The value of one metadata key.
    Metadata {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
}

/// Which field an overlay is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldName {
    /// The weight.
    Weight,
    /// One metadata key.
    Metadata(String),
}

impl Field {
    /// Which field this is.
    pub fn name(&self) -> FieldName {
        match self {
            Field::Weight(_) => FieldName::Weight,
            Field::Metadata { key, .. } => FieldName::Metadata(key.clone()),
        }
    }

    pub(crate) fn validate(&self) -> Result<(), FieldError> {
        match self {
            Field::Weight(weight) => check_weight(*weight),
            Field::Metadata { key, value } => {
                crate::Metadata::new([(key.as_str(), value.as_str())]).map_err(FieldError::from).map(|_| ())
            }
        }
    }
}

/// An overlay as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overlay {
    /// The value.
    pub field: Field,
    /// Who and why.
    pub author: Author,
    /// Wall time of the order, in milliseconds since 1970.
    pub since_ms: u64,
}

/// Why a weight or a metadata value is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// Not a weight.
    #[error("weight {weight} is not between 0 and {WEIGHT_MAX}")]
    Weight {
        /// What was given.
        weight: f64,
    },
    /// Not metadata.
    #[error(transparent)]
    Metadata(#[from] crate::MetadataError),
}

pub(crate) fn check_weight(weight: f64) -> Result<(), FieldError> {
    if (0.0..=WEIGHT_MAX).contains(&weight) { Ok(()) } else { Err(FieldError::Weight { weight }) }
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OrderReply {
    /// The effect, as it is published when the reply is given.
    pub effect: Effect,
    /// Whether the order stands but waits for an instance that is not there.
    pub pending: bool,
    /// Whether an order of the same owner (or field) was already there and was replaced or released.
    pub found: bool,
    /// The service's revision after the order.
    pub revision: u64,
    /// Where nobody is present at the address: present instances with the same ip and port in other clusters, at most
    /// [`NEAR_MAX`](crate::limits::NEAR_MAX). Perhaps one of them was meant.
    pub near: Vec<Address>,
}

impl OrderReply {
    /// The hint of [`near`](OrderReply::near) in words, if there is one.
    pub fn hint(&self) -> Option<String> {
        let clusters: Vec<&str> = self.near.iter().map(|address| address.cluster.as_str()).collect();
        match clusters.as_slice() {
            [] => None,
            [cluster] => Some(format!("1 instance has this ip and port in cluster {cluster}")),
            _ => {
                Some(format!("{} instances have this ip and port, in clusters {}", clusters.len(), clusters.join(", ")))
            }
        }
    }
}

/// Where an instance stands after an order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// Whether it is present.
    pub present: bool,
    /// The liveness answer.
    pub healthy: bool,
    /// What is published: the order's answer, over the floors.
    pub traffic: policy::Traffic,
    /// The policy's reason, or the floor that leaves less than the policy would.
    pub reason: String,
    /// What still keeps it from serving, one line each: holds, those on its cluster, service or ip, the client's claim.
    pub refusing: Vec<String>,
}
