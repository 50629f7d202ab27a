//! How a registry behaves under each policy, as data, and what runs it.
//!
//! A *vector* is a story in virtual time: what clients, operators and the clock do, and what must be seen after some of
//! it under each policy. The vectors of this repository lie in the folder `conformance`; its README describes the format
//! for runners in other languages. This crate reads them with errors that name file, line and field, and runs them
//! against a [`Face`]: a registry through one of its interfaces.
//!
//! ```
//! use steadfast_conformance::{BuiltIn, Native, read_text, run};
//!
//! let text = r#"{"id":"offline","title":"A beat does not undo an order","policies":["admin-sticky"],"events":[
//!   {"at":0,"do":"register"},
//!   {"at":1000,"do":"hold","kind":"offline"},
//!   {"at":2000,"do":"beat","expect":[{"answer":"alive","present":true,"healthy":true,"traffic":"refuse"}]}]}"#;
//! let file = read_text("offline.jsonl", &text.replace('\n', " "))?;
//! let mut face = Native::new(BuiltIn);
//! run(&file.vectors[0], "admin-sticky", &mut face)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`Corpus`]: all vectors of the repository, and the list of scenarios that are none.
//! - [`run`]: one vector under one policy; a [`Failure`] says at which event what was seen instead.
//! - [`Native`]: the face in Rust. Others implement [`Face`] where they live.

#![forbid(unsafe_code)]

pub mod limits;

mod action;
mod document;
mod expectation;
mod face;
mod fields;
mod file;
mod json;
mod native;
mod parse;
mod problem;
mod run;
mod vector;

pub use document::document;
pub use face::{Broken, Face, Listed, Opening, Seen, WALL_START_MS};
pub use file::{Corpus, Out, ReadError, VectorFile, read, read_text};
pub use native::{BuiltIn, Native, Policies};
pub use problem::{FileError, Problem};
pub use run::{Difference, Failure, Why, run};
pub use vector::{Action, Answer, BeatBy, Chosen, Expected, Feature, Params, Picture, Place, Timed, Vector};
