//! Orders belong to the program they were given to: another one starts without them.

use alloc::{format, string::String};

use super::admin_sticky::{self, AdminSticky};
use crate::{Configure, Facts, Hold, Law, Manifest, Orders, Process, StatePolicy, Verdict, only_param};

/// As [`AdminSticky`] while the same program is there; another program at the address ends the orders.
#[derive(Clone, Copy, Debug, Default)]
pub struct RestartClears {
    /// What a registration by a program that names itself nowhere does to the orders.
    pub unknown: UnknownProgram,
}

/// What becomes of the orders when nobody can say whether it is another program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownProgram {
    /// It counts as another one. Parameter value `clear`.
    #[default]
    Clears,
    /// It counts as the same. Parameter value `keep`.
    Keeps,
}

const CLEARED: &str = "in service: another program came, and the orders for the earlier one ended";
const CLEARED_REASON: u8 = admin_sticky::REASONS.len() as u8 + 1;

impl StatePolicy for RestartClears {
    fn manifest(&self) -> Manifest {
        Manifest {
            reasons: admin_sticky::REASONS.into_iter().chain([CLEARED]).map(Into::into).collect(),
            laws: [
                Law::Sticky,
                Law::NoInheritance,
                Law::Available,
                Law::Honest,
                Law::InertBeat,
                Law::ClaimRespected,
                Law::Idempotent,
                Law::ReleaseRestores,
            ]
            .into(),
            ..Manifest::new(
                "restart-clears",
                "0.1.0",
                "An operator's order stands until an operator ends it or another program takes the address.",
            )
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        if !self.is_another_program(facts) {
            return AdminSticky.decide(facts);
        }
        // A ban ends like every other order: it was meant for the program that was here.
        let verdict = AdminSticky.decide(&Facts { hold: Hold::None, ..*facts });
        let freed = facts.hold != Hold::None && verdict.reason == admin_sticky::SERVES;
        let reason = if freed { CLEARED_REASON } else { verdict.reason };
        Verdict { orders: Orders::Clear, reason, ..verdict }
    }
}

impl RestartClears {
    fn is_another_program(self, facts: &Facts) -> bool {
        match facts.process {
            Process::Same => false,
            Process::Other => true,
            Process::Unknown => self.unknown == UnknownProgram::Clears,
        }
    }
}

impl Configure for RestartClears {
    fn configure(params: &[(String, String)]) -> Result<Self, String> {
        let unknown = match only_param(params, "unknown")? {
            None | Some("clear") => UnknownProgram::Clears,
            Some("keep") => UnknownProgram::Keeps,
            Some(other) => return Err(format!("parameter \"unknown\" is {other:?}; it takes \"clear\" or \"keep\"")),
        };
        Ok(RestartClears { unknown })
    }
}
