//! What a policy is to the kernel: a manifest and a pure function.

use alloc::string::String;

use crate::{Facts, Manifest, Verdict};

/// A state policy.
///
/// `decide` must be a pure function of its argument: it is asked about every possible facts value once, in any order,
/// and its answers become a [`Table`](crate::Table).
pub trait StatePolicy {
    /// What the policy declares about itself.
    fn manifest(&self) -> Manifest;

    /// The answer to one facts value.
    fn decide(&self, facts: &Facts) -> Verdict;
}

/// A policy that is made from the `[params]` of its `.toml` file.
pub trait Configure: StatePolicy + Sized {
    /// Makes the policy, or says in one sentence which parameter is wrong and what would be right.
    fn configure(params: &[(String, String)]) -> Result<Self, String>;
}
