//! A lock-light service registry core with a pluggable state policy.

#![deny(unsafe_code)]
#![allow(clippy::cast_possible_truncation)]

pub mod limits;

mod error;
mod metadata;
mod name;
mod options;
mod orders;
mod registration;
mod store;
mod time;

pub use error::{
    AccessError, ClaimError, InstallError, LeaveError, OpenError, OrderError, RegisterError, ServiceError, WatchError,
};
pub use metadata::{Metadata, MetadataError, Pairs};
pub use name::{Address, NameError, ServiceName};
pub use options::{Options, Policy};
pub use orders::{Author, Effect, Field, FieldError, FieldName, Hold, HoldKind, OrderReply, Overlay};
pub use registration::{Claim, FullBeat, Liveness, Publisher, Registration, RegistrationError};
pub use store::{Change, MemoryStore, Store, StoreError, StoreTable};
pub use time::{Now, STEP_MS};
