//! A lock-light service registry to embed, in which an operator's order stands until a policy says otherwise.
//!
//! The registry keeps instances, their heartbeats and the operators' orders, and answers one question at memory speed:
//! *which instances of this service take traffic now, and why?* What happens when client, clock and operator disagree
//! is decided by a state policy (see [`steadfast_policy`]), which can be replaced while the registry runs.
//!
//! ```
//! use steadfast_core::*;
//!
//! let registry = Registry::open(Options::default(), Box::new(MemoryStore::new()))?;
//! let service = registry.service(&ServiceName::new("public", "DEFAULT_GROUP", "orders")?)?;
//! let address = Address::new("10.0.0.1", 8080, "DEFAULT")?;
//! let registered = registry.register(service, &Registration::new(address.clone()))?;
//!
//! // An operator takes the instance offline. It goes on beating, and it even registers again.
//! let author = Author::new("console", "ann", "replacing its disk")?;
//! let offline = HoldOrder { kind: HoldKind::Offline, author: author.clone(), until_ms: None };
//! registry.hold(service, &address, &offline)?;
//! assert_eq!(registry.beat(registered.handle), Beat::Alive);
//! registry.register(service, &Registration::new(address.clone()))?;
//! assert_eq!(registry.view(service, |view| view.serving().count())?, 0);
//! let why = registry.explain(service, &address)?.expect("known");
//! assert_eq!(why.reason, "taken offline by an operator");
//!
//! registry.release(service, &address, &author)?;
//! assert_eq!(registry.view(service, |view| view.serving().count())?, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Concepts
//!
//! - [`Registry`]: opened on a [`Store`], driven by [`Registry::tick`] or by a [`Driver`](driver::Driver).
//! - Clients [register](Registry::register), [beat](Registry::beat), [claim](Registry::claim) and
//!   [leave](Registry::deregister). An instance stays while one of its [publishers](Publisher) does.
//! - Operators [hold](Registry::hold) and [overlay](Registry::overlay). An order is durable *and* visible when the call
//!   returns, outlives the instance, and is ended by its owner, or by [force](Registry::force_release).
//! - A hold on a service, a cluster or a whole ip is a [floor](Registry::hold_floor): it lies under whatever a policy
//!   answers. One order about many addresses is [planned](Registry::plan) and then [carried out](Registry::bulk).
//! - Readers take a [view](Registry::view) and [select](View::select) from it by health, cluster, class and metadata, or
//!   [pick](View::pick) one by weight; they take a [packed copy](Registry::packed) for other languages, keep serialised
//!   [answers](View::answer) with a view, or [watch](Registry::watch_queue). They hold no writer up and free nothing.
//! - [`Registry::install`] swaps the policy, [`Registry::route`] gives namespaces, groups and services policies of their
//!   own; [`Registry::explain`] and [`Registry::explain_service`] say who decided what, [`Registry::audit`] who ordered
//!   it.
//! - [`Registry::set_namespace_quota`] bounds what one namespace may hold, [`Registry::namespaces`] counts it.
//!
//! # Promises
//!
//! - An ordinary beat takes no lock, makes no read-modify-write and allocates nothing (module `gate`).
//! - Time comes in by [`Registry::tick`] alone; nothing in here reads a clock but [`driver`].
//! - Nothing that a client, a host or a policy passes in makes it panic; every bound is in [`limits`].

#![deny(unsafe_code)]
// Sizes and times are bounded where they enter (module `limits`); narrowing them afterwards loses nothing.
#![allow(clippy::cast_possible_truncation)]

#[cfg(feature = "driver")]
pub mod driver;
#[cfg(shuttle)]
#[doc(hidden)]
pub mod faults;
pub mod limits;
#[cfg(loom)]
#[doc(hidden)]
pub mod model;

#[cfg(feature = "driver")]
pub mod threads;

mod announce;
mod answers;
mod audit;
mod barrier;
mod beats;
mod bell;
mod bulk;
mod chunked;
mod clients;
mod connections;
mod counters;
mod draft;
mod durable;
mod error;
mod expiry;
mod explain;
mod explain_service;
mod floor;
mod floor_holds;
mod floors;
mod garbage;
mod gate;
mod handle;
mod hashing;
#[cfg(all(target_os = "linux", feature = "driver"))]
mod herald;
mod index;
mod install;
mod installed;
mod instance;
mod interner;
mod journal;
mod key;
mod lapse;
mod ledger;
mod lookup;
mod metadata;
mod name;
mod named_beats;
mod namespaces;
mod operators;
mod options;
mod order;
mod orders;
mod outage;
mod packed;
mod pages;
mod plan;
mod prefetch;
mod provenance;
mod published;
mod rare;
mod recovery;
mod registration;
mod registry;
mod report;
mod restore;
mod ring;
mod roster;
mod route;
mod routing;
mod row;
mod select;
mod selector;
mod service;
mod session;
#[cfg(all(target_os = "linux", feature = "driver"))]
mod signal;
mod slots;
mod snapshot;
mod standing;
mod store;
mod sync;
mod table_file;
mod thresholds;
mod ticket;
mod time;
mod timer;
mod unproven;
mod view;
mod watch;
mod watched;
mod wheel;

pub use announce::{Announcement, AnnouncementKind};
pub use answers::AnswerError;
pub use audit::{AuditEntry, OrderTarget};
pub use beats::Beat;
pub use bulk::{BulkError, BulkOrder, BulkOutcome, BulkProgress, BulkReport, BulkTarget};
pub use clients::{Left, Registered};
pub use counters::{Counters, DecisionCount};
pub use error::{
    AccessError, ClaimError, InstallError, LeaveError, NamespaceError, OpenError, OrderError, QuotaExceeded,
    RegisterError, ServiceError, WatchError,
};
pub use explain::{ClaimExplained, Decision, Effective, Explanation, HoldExplained, Ordered};
pub use explain_service::{ReasonCount, ServiceExplanation, StateCount};
pub use floors::{Floor, FloorReply, FloorTarget};
pub use handle::{Handle, ServiceId};
pub use installed::PolicyStatus;
pub use journal::{Decided, Journal, JournalStatus, Opening, PolicyInForce};
pub use metadata::{Metadata, MetadataError, Pairs};
pub use name::{Address, NameError, ServiceName};
pub use named_beats::NamedBeat;
pub use namespaces::{NamespaceCounts, NamespaceQuota};
pub use operators::HoldOrder;
pub use options::{Options, Policy};
pub use orders::{Author, Effect, Field, FieldError, FieldName, Hold, HoldKind, OrderReply, Overlay};
pub use packed::Packed;
pub use plan::{BulkPlan, PlannedService, PlannedTarget};
pub use registration::{Claim, FullBeat, Liveness, Publisher, Registration, RegistrationError};
pub use registry::Registry;
pub use report::{InstallReport, RouteReport, ScopeReport};
pub use route::{RouteError, Routes, Scope};
pub use select::{Lookup, LookupError, Selection, Show};
pub use selector::{Selector, SelectorError};
pub use steadfast_policy as policy;
pub use store::{Change, MemoryStore, Store, StoreError, StoreTable};
pub use table_file::{TABLE_FILE_VERSION, TableFileError, is_table_file};
pub use time::{Now, STEP_MS};
pub use unproven::Unproven;
pub use view::{Instance, Instances, View};
pub use watch::{Poll, WatchEvent, WatchQueue};
