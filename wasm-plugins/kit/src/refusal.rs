//! A policy that was refused: at which check, why, and the story that shows it.

use std::path::PathBuf;

use serde::Serialize;
use steadfast_core::{InstallError, TableFileError};
use steadfast_policy::{
    Law,
    law::{Counterexample, LawError},
};
use steadfast_wasm::{LoadError, ParamsError};

use crate::stage::Stage;

/// Why a policy is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("its parameter file {} {error}", path.display())]
    ParamsFile { path: PathBuf, error: ParamsError },
    #[error(transparent)]
    Load(LoadError),
    #[error(transparent)]
    Table(TableFileError),
    #[error(transparent)]
    BuiltIn(InstallError),
}

impl Refusal {
    /// The check that was not passed; `None` where the refusal belongs to none of them, such as running out of time.
    pub(crate) fn stage(&self) -> Option<Stage> {
        match self {
            Refusal::ParamsFile { .. } => Some(Stage::Parameters),
            Refusal::Load(error) => stage_of(error),
            Refusal::Table(error) => Some(table_stage(error)),
            Refusal::BuiltIn(_) => None,
        }
    }

    /// The subcommand that tells all about it: `check` takes a component that was given in place of a table for what it is.
    pub(crate) fn checked_by(&self) -> &'static str {
        match self {
            Refusal::Table(_) => "table check",
            Refusal::ParamsFile { .. } | Refusal::Load(_) | Refusal::BuiltIn(_) => "check",
        }
    }

    /// In one sentence; the story of a broken law is told apart from it.
    pub(crate) fn message(&self) -> String {
        match self.broken_law() {
            Some((law, _)) => format!("it claims the law {law}, which does not hold"),
            None => self.to_string(),
        }
    }

    /// The law that does not hold, and how to break it.
    pub(crate) fn broken_law(&self) -> Option<(Law, &Counterexample)> {
        match self {
            Refusal::Load(LoadError::Law(LawError::Broken { law, counterexample }))
            | Refusal::Table(TableFileError::Law(LawError::Broken { law, counterexample })) => {
                Some((*law, counterexample))
            }
            _ => None,
        }
    }
}

/// The check that a `.table` file did not pass.
pub(crate) fn table_stage(error: &TableFileError) -> Stage {
    match error {
        TableFileError::Manifest(_) | TableFileError::Bounds(_) => Stage::Manifest,
        TableFileError::Entries { .. }
        | TableFileError::Facts { .. }
        | TableFileError::Verdict { .. }
        | TableFileError::Rail { .. } => Stage::Answers,
        TableFileError::Law(_) => Stage::Laws,
        // All that is wrong with a file before anything of it is understood.
        _ => Stage::Structure,
    }
}

fn stage_of(error: &LoadError) -> Option<Stage> {
    Some(match error {
        LoadError::Empty
        | LoadError::TooLarge { .. }
        | LoadError::NotWasm { .. }
        | LoadError::CoreModule
        | LoadError::Malformed { .. }
        | LoadError::TooManyModules { .. }
        | LoadError::TooManyInstances { .. }
        | LoadError::TypesTooDeep { .. }
        | LoadError::Composed
        | LoadError::TooManyFunctions { .. }
        | LoadError::FunctionTooLarge { .. }
        | LoadError::TooDear { .. }
        | LoadError::MemoryTooLarge { .. }
        | LoadError::TableTooLarge { .. } => Stage::Structure,
        LoadError::Import { .. } | LoadError::World { .. } => Stage::Interface,
        LoadError::Start(_)
        | LoadError::Configure(_)
        | LoadError::Params { .. }
        | LoadError::UnknownLaw { .. }
        | LoadError::UnknownExtra { .. }
        | LoadError::Manifest(_) => Stage::Manifest,
        LoadError::Decide { .. } | LoadError::Rail { .. } => Stage::Answers,
        LoadError::Impure { .. } | LoadError::ImpureManifest => Stage::Purity,
        LoadError::Law(_) => Stage::Laws,
        _ => return None,
    })
}

/// The `--json` form of a refusal.
#[derive(Debug, Serialize)]
pub(crate) struct RefusalReport {
    pub(crate) stage: Option<Stage>,
    pub(crate) message: String,
    pub(crate) law: Option<Law>,
    pub(crate) counterexample: Option<Counterexample>,
}

impl From<&Refusal> for RefusalReport {
    fn from(refusal: &Refusal) -> RefusalReport {
        let broken = refusal.broken_law();
        RefusalReport {
            stage: refusal.stage(),
            message: refusal.message(),
            law: broken.map(|(law, _)| law),
            counterexample: broken.map(|(_, counterexample)| counterexample.clone()),
        }
    }
}
