//! What is wrong with a vector file.

use serde_json::Value;

use crate::limits::{EVENTS_MAX, LINE_BYTES_MAX, VECTORS_PER_FILE_MAX};

/// A vector file that cannot be used, and where it is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{file}, line {line}: {problem}")]
pub struct FileError {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The line is no JSON.
    #[error("no JSON: {0}")]
    Json(serde_json::Error),
    /// A field is missing, unknown, of the wrong kind or out of bounds.
    #[error("{field}: {problem}")]
    Field {
        /// Its path, such as `events[3].kind`.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The line is too long.
    #[error("the line has {bytes} bytes; at most {LINE_BYTES_MAX} are allowed")]
    LineTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The file holds too many vectors.
    #[error("more than {VECTORS_PER_FILE_MAX} vectors in one file")]
    TooManyVectors,
    /// The vector has no events, or too many.
    #[error("events: there are {events}; 1 to {EVENTS_MAX} are allowed")]
    Events {
        /// How many.
        events: usize,
    },
    /// An event comes before the one above it.
    #[error(
        "events[{event}].at: {at_ms} is before {before_ms}, where the events above have come to; time never goes back"
    )]
    TimeGoesBack {
        /// Which event, from 0.
        event: usize,
        /// Its time, in milliseconds.
        at_ms: u64,
        /// The time that had already come.
        before_ms: u64,
    },
    /// Another vector has the same id.
    #[error("id: {id:?} is taken already, by {taken}")]
    IdTaken {
        /// The id.
        id: String,
        /// Where the first one stands.
        taken: String,
    },
    /// Nothing is ever looked at, so nothing could fail.
    #[error("no event has an expect, so the vector cannot fail")]
    NothingExpected,
}

impl Problem {
    pub(crate) fn field(field: impl Into<String>, problem: String) -> Problem {
        Problem::Field { field: field.into(), problem }
    }

    pub(crate) fn kind(field: &str, wanted: &str, found: &Value) -> Problem {
        let field = if field.is_empty() { "the line" } else { field };
        Problem::field(field, format!("must be {wanted}, not {found}"))
    }
}
