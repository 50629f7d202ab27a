//! What a policy argument names, and the policy loaded from it.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use steadfast_core::{Policy, TableFileError, Unproven, limits::TABLE_FILE_BYTES_MAX};
use steadfast_policy::{Table, builtin, law::Proof};
use steadfast_wasm::{Limits, LoadError, Params, load_telling, load_unproven, read_params};

use crate::{
    failure::Failure,
    live::{News, Reporter},
    refusal::{Refusal, table_stage},
    stage::{Kind, Stage},
};

/// A policy that passed everything.
pub(crate) struct Opened {
    /// As it was typed.
    pub(crate) label: String,
    pub(crate) policy: Policy,
}

impl Opened {
    pub(crate) fn table(&self) -> &Table {
        &self.policy.table
    }
}

/// Opens a `.wasm` file, a `.table` file, or what has the name of a built-in policy.
pub(crate) fn open(argument: &str, params: Option<&Path>) -> Result<Opened, Failure> {
    let policy = if looks_like_a_file(argument) {
        PolicyFile::read(Path::new(argument), params)?.load(&mut |_| {})?.policy
    } else {
        built_in(argument, params)?
    };
    Ok(Opened { label: argument.into(), policy })
}

/// The same for one whose claims may be wrong.
pub(crate) fn open_unproven(argument: &str, params: Option<&Path>) -> Result<Unproven, Failure> {
    if looks_like_a_file(argument) {
        return PolicyFile::read(Path::new(argument), params)?.load_unproven();
    }
    let policy = built_in(argument, params)?;
    Ok(Unproven::new(Table::clone(&policy.table), policy.digest))
}

fn built_in(name: &str, params: Option<&Path>) -> Result<Policy, Failure> {
    let Some(policy) = Policy::builtin(name) else {
        return Err(Failure::UnknownPolicy { name: name.into(), known: builtin::NAMES.join(", ") });
    };
    if params.is_some() {
        return Err(Failure::ParamsOfBuiltIn { name: name.into() });
    }
    policy.map_err(|error| refused(name, Refusal::BuiltIn(error)))
}

fn looks_like_a_file(argument: &str) -> bool {
    let path = Path::new(argument);
    let is_ours = path.extension().is_some_and(|extension| extension == "wasm" || extension == "table");
    is_ours || path.components().count() > 1 || path.is_file()
}

/// A policy's file and its parameters, read and not yet judged.
pub(crate) struct PolicyFile {
    label: String,
    pub(crate) kind: Kind,
    bytes: Vec<u8>,
    /// Of the file; what is too large is not read whole.
    pub(crate) size: usize,
    params: Params,
}

/// A policy from a file that passed everything, and what it took.
pub(crate) struct Loaded {
    pub(crate) policy: Policy,
    pub(crate) proof: Proof,
    /// Fuel of the dearest single answer; a saved table costs none.
    pub(crate) decide_fuel: Option<u64>,
    pub(crate) took: Duration,
}

/// As much as a file of either kind may have.
fn bytes_read() -> usize {
    TABLE_FILE_BYTES_MAX.max(Limits::default().file_bytes_max)
}

impl PolicyFile {
    /// Reads a file as a registry would: with the parameters of the `.toml` beside a component, unless others are
    /// given.
    pub(crate) fn read(path: &Path, params: Option<&Path>) -> Result<PolicyFile, Failure> {
        let (bytes, size) = read(path, bytes_read())?;
        PolicyFile::of(Kind::of(path, &bytes), path, bytes, size, params)
    }

    /// The same for a file that is of one kind, whatever it is called.
    pub(crate) fn read_as(kind: Kind, path: &Path, params: Option<&Path>) -> Result<PolicyFile, Failure> {
        let (bytes, size) = read(path, bytes_read())?;
        PolicyFile::of(kind, path, bytes, size, params)
    }

    fn of(kind: Kind, path: &Path, bytes: Vec<u8>, size: usize, params: Option<&Path>) -> Result<PolicyFile, Failure> {
        let label = path.display().to_string();
        let params = match (kind, params) {
            (Kind::Table, Some(_)) => return Err(Failure::ParamsOfTable { path: path.into() }),
            (Kind::Table, None) => Params::new(),
            (Kind::Component, Some(file)) => params_in(file, &label)?,
            (Kind::Component, None) => params_beside(path, &label)?,
        };
        Ok(PolicyFile { label, kind, bytes, size, params })
    }

    /// Checks all that there is to check; `tell` hears of it as it goes on.
    pub(crate) fn load(&self, tell: &mut dyn FnMut(&News)) -> Result<Loaded, Failure> {
        match self.kind {
            Kind::Component => self.load_component(tell),
            Kind::Table => self.load_table(tell),
        }
    }

    /// All but the proof.
    pub(crate) fn load_unproven(&self) -> Result<Unproven, Failure> {
        match self.kind {
            Kind::Component => {
                self.component_fits()?;
                let unproven = load_unproven(&self.bytes, &self.params, &Limits::default());
                unproven.map_err(|error| self.refused(Refusal::Load(error)))
            }
            Kind::Table => self.read_table().map_err(|error| self.refused(Refusal::Table(error))),
        }
    }

    fn load_component(&self, tell: &mut dyn FnMut(&News)) -> Result<Loaded, Failure> {
        let mut reporter = Reporter::default();
        let mut hear = |progress| reporter.news(progress).iter().for_each(&mut *tell);
        if let Err(failure) = self.component_fits() {
            tell(&News::Passed(Stage::Parameters));
            return Err(failure);
        }
        let loaded = load_telling(&self.bytes, &self.params, &Limits::default(), &mut hear)
            .map_err(|error| self.refused(Refusal::Load(error)))?;
        let policy = Policy::from(&loaded);
        Ok(Loaded { policy, proof: loaded.proof, decide_fuel: Some(loaded.decide_fuel), took: loaded.took })
    }

    fn component_fits(&self) -> Result<(), Failure> {
        if self.size == self.bytes.len() {
            return Ok(());
        }
        let error = LoadError::TooLarge { bytes: self.size, max: Limits::default().file_bytes_max };
        Err(self.refused(Refusal::Load(error)))
    }

    fn load_table(&self, tell: &mut dyn FnMut(&News)) -> Result<Loaded, Failure> {
        let started = Instant::now();
        let unproven = self.read_table();
        let reached = unproven.as_ref().map_or_else(table_stage, |_| Stage::Laws);
        let passed = self.kind.stages().iter().filter(|stage| **stage < reached);
        passed.for_each(|stage| tell(&News::Passed(*stage)));
        let unproven = unproven.map_err(|error| self.refused(Refusal::Table(error)))?;
        let (mut proven, laws) = (0, unproven.table().manifest().laws.len());
        let proof = unproven.prove(&mut |law| {
            proven += 1;
            tell(&News::Busy(Stage::Laws, format!("{proven} of {laws} proven: {law}")));
        });
        let (policy, proof) = proof.map_err(|error| self.refused(Refusal::Table(error.into())))?;
        tell(&News::Passed(Stage::Laws));
        Ok(Loaded { policy, proof, decide_fuel: None, took: started.elapsed() })
    }

    fn read_table(&self) -> Result<Unproven, TableFileError> {
        if self.size == self.bytes.len() {
            return Unproven::from_table_bytes(&self.bytes);
        }
        Err(TableFileError::TooLarge { part: "whole", bytes: self.size, max: TABLE_FILE_BYTES_MAX })
    }

    fn refused(&self, refusal: Refusal) -> Failure {
        refused(&self.label, refusal)
    }
}

fn refused(label: &str, refusal: Refusal) -> Failure {
    Failure::Refused { label: label.into(), refusal: Box::new(refusal) }
}

fn params_beside(wasm: &Path, label: &str) -> Result<Params, Failure> {
    let beside = wasm.with_extension("toml");
    if beside.exists() { params_in(&beside, label) } else { Ok(Params::new()) }
}

/// More than any parameter file may have: the size in its refusal is then that of the file.
const PARAMS_BYTES_READ: usize = 1 << 20;

fn params_in(file: &Path, label: &str) -> Result<Params, Failure> {
    let (bytes, _) = read(file, PARAMS_BYTES_READ)?;
    read_params(&bytes).map_err(|error| refused(label, Refusal::ParamsFile { path: PathBuf::from(file), error }))
}

/// At most `bytes_max` bytes and one more, and the size of the file: what is too large is not read whole.
fn read(path: &Path, bytes_max: usize) -> Result<(Vec<u8>, usize), Failure> {
    let attempt = || -> io::Result<(Vec<u8>, usize)> {
        let file = File::open(path)?;
        let size = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        file.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
        Ok((bytes, size))
    };
    attempt().map_err(|error| match built_in_name(path).filter(|_| error.kind() == io::ErrorKind::NotFound) {
        Some(name) => Failure::NoFileButBuiltIn { name: name.into() },
        None => Failure::Read { path: path.into(), error },
    })
}

fn built_in_name(path: &Path) -> Option<&'static str> {
    builtin::NAMES.iter().copied().find(|name| path.as_os_str() == *name)
}
