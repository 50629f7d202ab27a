//! Orders that end by themselves when nobody ends them.

use alloc::string::String;

use super::admin_sticky::AdminSticky;
use crate::{Configure, Facts, Manifest, StatePolicy, Verdict, only_duration_ms};

/// As [`AdminSticky`], but an order counts only for a limited time: a hold that somebody forgot ends with the window.
#[derive(Clone, Copy, Debug)]
pub struct MaintenanceWindow {
    /// How long an order counts, in milliseconds.
    pub lapse_ms: u64,
}

const EIGHT_HOURS_MS: u64 = 8 * 60 * 60 * 1000;

/// In the order of the reasons of `admin-sticky`, which decides.
const REASONS: [&str; 10] = [
    "in service",
    "drained by an operator until the maintenance window ends",
    "taken offline by an operator until the maintenance window ends",
    "banned by an operator until the maintenance window ends",
    "the client disabled itself",
    "silent for too long",
    "the health check fails",
    "the client left",
    "removed by an operator",
    "not registered",
];

impl StatePolicy for MaintenanceWindow {
    fn manifest(&self) -> Manifest {
        Manifest {
            // When an order lapses, the registry releases it in the eyes of this policy: a release like any other.
            lapse_ms: Some(self.lapse_ms),
            reasons: REASONS.map(Into::into).into(),
            laws: AdminSticky.manifest().laws,
            ..Manifest::new(
                "maintenance-window",
                "0.1.0",
                "An operator's order stands until an operator ends it or the maintenance window is over.",
            )
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        AdminSticky.decide(facts)
    }
}

impl Default for MaintenanceWindow {
    fn default() -> MaintenanceWindow {
        MaintenanceWindow { lapse_ms: EIGHT_HOURS_MS }
    }
}

impl Configure for MaintenanceWindow {
    fn configure(params: &[(String, String)]) -> Result<Self, String> {
        let lapse_ms = only_duration_ms(params, "lapse", EIGHT_HOURS_MS)?;
        Ok(MaintenanceWindow { lapse_ms })
    }
}
