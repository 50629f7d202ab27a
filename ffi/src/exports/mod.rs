//! The exported functions, one file for each topic. Each does one thing: hand its arguments through the boundary.

#![allow(unsafe_code, reason = "exported names and the promises of C")]
#![allow(clippy::missing_safety_doc, reason = "the first page of the header states what callers promise, once for all")]
#![allow(clippy::too_many_arguments, reason = "C has no other way to return more than a code")]

// The header shows the functions in this order; the blank lines keep the formatter from sorting it.
pub mod lifetime;

pub mod services;

pub mod namespaces;

pub mod clients;

pub mod named_beats;

pub mod metadata;

pub mod orders;

pub mod floors;

pub mod bulk;

pub mod views;

pub mod watches;

pub mod policies;

pub mod reports;
