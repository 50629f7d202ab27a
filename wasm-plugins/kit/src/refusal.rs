//! A policy that was refused: at which check, why, and the story that shows it.

use std::path::PathBuf;

use serde::Serialize;
use steadfast_policy::{
    Law, TableError,
    law::{Counterexample, LawError},
};
use steadfast_wasm::{LoadError, ParamsError};

/// Why a policy is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("its parameter file {} {error}", path.display())]
    ParamsFile { path: PathBuf, error: ParamsError },
    #[error(transparent)]
    Load(LoadError),
    #[error(transparent)]
    BuiltIn(TableError),
}

/// The checks of the loader, in their order: a policy that is refused at one has passed all before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stage {
    Parameters,
    Structure,
    Interface,
    Manifest,
    Answers,
    Purity,
    Laws,
}

impl Stage {
    pub(crate) const ALL: [Stage; 7] = [
        Stage::Parameters,
        Stage::Structure,
        Stage::Interface,
        Stage::Manifest,
        Stage::Answers,
        Stage::Purity,
        Stage::Laws,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Stage::Parameters => "parameters",
            Stage::Structure => "structure",
            Stage::Interface => "interface",
            Stage::Manifest => "manifest",
            Stage::Answers => "answers",
            Stage::Purity => "purity",
            Stage::Laws => "laws",
        }
    }

    pub(crate) fn promise(self) -> &'static str {
        match self {
            Stage::Parameters => "the .toml beside it can be read, if there is one",
            Stage::Structure => "a whole component within all bounds, which compiles",
            Stage::Interface => "imports nothing and exports the world `policy`",
            Stage::Manifest => "`configure` takes the parameters and gives a manifest within its bounds",
            Stage::Answers => "`decide` answers to all possible facts, within the guard rails",
            Stage::Purity => "the same answers when everything is asked in another order",
            Stage::Laws => "every claimed law is proven",
        }
    }
}

impl Refusal {
    /// The check that was not passed; `None` where the refusal belongs to none of them, such as running out of time.
    pub(crate) fn stage(&self) -> Option<Stage> {
        match self {
            Refusal::ParamsFile { .. } => Some(Stage::Parameters),
            Refusal::Load(error) => stage_of(error),
            Refusal::BuiltIn(TableError::Manifest(_)) => Some(Stage::Manifest),
            Refusal::BuiltIn(_) => Some(Stage::Answers),
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
            Refusal::Load(LoadError::Law(LawError::Broken { law, counterexample })) => Some((*law, counterexample)),
            _ => None,
        }
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
