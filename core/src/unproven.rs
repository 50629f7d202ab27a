//! A policy before its laws are proven.

use std::sync::Arc;

use steadfast_policy::{
    Law, Table,
    law::{self, LawError, Proof},
};

use crate::Policy;

/// Answers that keep the guard rails, and claims that nobody has proven yet: it can be looked at, not installed.
#[derive(Clone, Debug)]
pub struct Unproven {
    table: Table,
    digest: String,
}

impl Unproven {
    /// `digest` tells two policies apart, as in [`Policy::digest`].
    pub fn new(table: Table, digest: impl Into<String>) -> Unproven {
        Unproven { table, digest: digest.into() }
    }

    /// Its answers.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// What tells it from another policy.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Proves every law that it claims; `proven` is told of each.
    pub fn prove(self, proven: &mut dyn FnMut(Law)) -> Result<(Policy, Proof), LawError> {
        let proof = law::prove_telling(&self.table, &self.table.manifest().laws, proven)?;
        Ok((Policy::new(Arc::new(self.table), self.digest), proof))
    }
}
