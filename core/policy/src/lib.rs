//! The decision kernel of Steadfast: what a state policy sees, what it answers, and what can be proven about it.
//!
//! A policy is a pure function from [`Facts`] to a [`Verdict`]. Facts are finite, so a policy is asked about all of
//! them once and becomes a [`Table`]; from then on a decision is one load, the same for a policy in native Rust and
//! for one that came as a WebAssembly component. Because the table is finite, promises about it are *proven*:
//! [`law::prove`] walks every state that events can reach and shows the shortest way to break a promise.
//!
//! ```
//! use steadfast_policy::{builtin::AdminSticky, law, step, Hold, Input, Process, State, Table, Traffic};
//!
//! let table = Table::of(&AdminSticky)?;
//! law::prove(&table)?; // "sticky" and the other laws that the policy claims
//!
//! // An instance registers, an operator takes it offline, and it registers again.
//! let register = Input::Register { ephemeral: true, enabled: Some(true), process: Process::Same, class: 0 };
//! let mut state = State::EMPTY;
//! for input in [register, Input::Hold(Hold::Offline), register] {
//!     state = step(&table, &state, input).expect("delivered").next;
//! }
//! assert_eq!(state.traffic, Traffic::Refuse); // Nacos 1.x would serve here.
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Concepts
//!
//! - [`Facts`]: a fixed tuple of small enums; [`Facts::possible`] says which can occur.
//! - [`Verdict`]: present, healthy, traffic, orders, memo, reason. [`guard`] holds what no verdict may say.
//! - [`Manifest`]: thresholds, classes, memo size, reason texts and claimed laws of a policy.
//! - [`State`], [`Input`], [`step`]: how one event changes one instance. The registry and the law checker share it.
//! - [`law`]: the promises, and the proof.
//! - [`diff`]: every difference between two policies, exactly. [`remedy`]: what would make an instance serve.
//! - [`builtin`]: the policies that need no file.
//!
//! The crate has no clock, no I/O, no `unsafe` and no `std`.

#![no_std]
#![forbid(unsafe_code)]
// Small enums and bounded counts are narrowed to bytes all over the kernel; each bound is checked where it is set.
#![allow(clippy::cast_possible_truncation)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod builtin;
pub mod diff;
pub mod guard;
pub mod law;
pub mod remedy;

#[cfg(test)]
mod any_policy;
mod class_pairs;
mod facts;
mod glob;
mod graph;
mod manifest;
mod params;
mod plain;
mod policy;
mod seen;
mod state;
mod table;
mod verdict;

pub use facts::{BANDS, CELLS_MAX, CLASSES_MAX, Claim, Event, Facts, Hold, MEMOS_MAX, Probe, Process};
pub use guard::Rail;
pub use law::Law;
pub use manifest::{
    CONDITIONS_MAX, Condition, DURATION_MS_MAX, Manifest, ManifestError, NAME_BYTES_MAX, REASONS_MAX, Selector,
    Subject, TEXT_BYTES_MAX, THRESHOLD_MS_MIN, Threshold,
};
pub use params::{no_params, only_duration_ms, only_param};
pub use plain::is_plain;
pub use policy::{Configure, StatePolicy};
pub use state::{Input, State, Step, beat_is_inert, fold, retrace, step};
pub use table::{Order, Table, TableError, TabulateError};
pub use verdict::{Orders, Traffic, Verdict};
