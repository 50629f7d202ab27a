//! Why there is no answer.

use std::{io, path::PathBuf, process::ExitCode};

use steadfast_policy::diff;
use steadfast_store::journal::JournalError;

use crate::refusal::Refusal;

/// Why a subcommand could not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{name:?} is neither a file nor a built-in policy. Built in: {known}")]
    UnknownPolicy { name: String, known: String },
    #[error("parameters are for a .wasm file; the built-in {name} runs with its default parameters")]
    ParamsOfBuiltIn { name: String },
    #[error("parameters are for a .wasm file; {} was saved with its parameters", path.display())]
    ParamsOfTable { path: PathBuf },
    #[error("{name:?} is no name for a policy: {problem}")]
    Name { name: String, problem: &'static str },
    #[error(
        "the SDK is not on crates.io yet, so say where it is: --sdk <PATH>, the folder wasm-plugins/sdk of a checkout \
         of Steadfast"
    )]
    NoSdk,
    #[error("--sdk {}: {problem}. It is the folder wasm-plugins/sdk of a checkout of Steadfast", path.display())]
    Sdk { path: PathBuf, problem: String },
    #[error("{} is there already; choose another --path, or take it away", path.display())]
    Exists { path: PathBuf },
    #[error("cannot read {}: {error}", path.display())]
    Read { path: PathBuf, error: io::Error },
    #[error(
        "there is no file {name}. The built-in policy of this name is part of every registry; `steadfast laws {name}` \
         shows what it keeps"
    )]
    NoFileButBuiltIn { name: String },
    #[error("cannot write {}: {error}", path.display())]
    Write { path: PathBuf, error: io::Error },
    #[error("cannot write the answer: {0}")]
    Output(#[from] io::Error),
    /// `check` and `laws` make an answer of this; whoever needs a policy that works cannot go on.
    #[error("{label} is refused: {}. `steadfast {} {label}` tells it in full", refusal.message(), refusal.checked_by())]
    Refused { label: String, refusal: Box<Refusal> },
    /// A vector file with a mistake; the text names file, line and field.
    #[error(transparent)]
    Vectors(steadfast_conformance::ReadError),
    #[error("{file}, line {line}: {id} is for any policy, so say which: --policy <POLICY>")]
    AnyPolicy { file: String, line: usize, id: String },
    #[error("none of the vectors speaks of {policy}, so nothing was run")]
    NothingSaid { policy: String },
    #[error(transparent)]
    TooLargeToCompare(#[from] diff::TooLarge),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Failure {
    /// The numbers are documented in `--help` and in the README.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::UnknownPolicy { .. }
            | Failure::ParamsOfBuiltIn { .. }
            | Failure::ParamsOfTable { .. }
            | Failure::Name { .. }
            | Failure::NoSdk
            | Failure::Sdk { .. }
            | Failure::Exists { .. }
            | Failure::AnyPolicy { .. }
            | Failure::NothingSaid { .. } => 2,
            Failure::Read { .. }
            | Failure::NoFileButBuiltIn { .. }
            | Failure::Write { .. }
            | Failure::Output(_)
            | Failure::Journal(_) => 3,
            Failure::Refused { .. } | Failure::TooLargeToCompare(_) | Failure::Vectors(_) => 4,
        })
    }
}
