//! How long each band takes: one answer for a whole policy, and another one where a client overrides it.

use steadfast_policy::{DURATION_MS_MAX, Manifest, THRESHOLD_MS_MIN, Threshold};

use crate::{
    metadata::Metadata,
    time::{Step, steps},
};

/// Durations until each band, in steps, one step longer than declared so that nothing fires early.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Thresholds {
    pub(crate) silence: Box<[Step]>,
    pub(crate) absence: Box<[Step]>,
}

impl Thresholds {
    /// The durations of a manifest, for every client that overrides none.
    pub(crate) fn declared(manifest: &Manifest) -> Thresholds {
        Thresholds::of(manifest, &Metadata::empty())
    }

    /// The durations for a client that names a key by which one of them can be overridden.
    pub(crate) fn overridden(manifest: &Manifest, client: &Metadata) -> Option<Thresholds> {
        let mut keys = manifest.silence.iter().chain(&manifest.absence).filter_map(|threshold| key(threshold));
        keys.any(|key| client.value(key).is_some()).then(|| Thresholds::of(manifest, client))
    }

    fn of(manifest: &Manifest, client: &Metadata) -> Thresholds {
        let steps = |thresholds: &[Threshold]| thresholds.iter().map(|one| threshold_steps(one, client)).collect();
        Thresholds { silence: steps(&manifest.silence), absence: steps(&manifest.absence) }
    }

    /// The highest band that `elapsed` has crossed.
    pub(crate) fn band(thresholds: &[Step], elapsed: Step) -> u8 {
        thresholds.iter().rposition(|after| *after <= elapsed).map_or(0, |index| index as u8 + 1)
    }

    /// When the next higher band is crossed. Overridden thresholds need not be ordered.
    pub(crate) fn next(thresholds: &[Step], band: u8) -> Option<Step> {
        thresholds.get(usize::from(band)..)?.iter().copied().min()
    }
}

fn key(threshold: &Threshold) -> Option<&str> {
    threshold.override_key.as_deref()
}

fn threshold_steps(threshold: &Threshold, client: &Metadata) -> Step {
    let overridden = key(threshold).and_then(|key| client.value(key)?.trim().parse::<u64>().ok());
    let after_ms = overridden.unwrap_or(threshold.after_ms).max(THRESHOLD_MS_MIN);
    // A beat is recorded at the tick before it, so one more step keeps every deadline from firing early.
    steps(after_ms.min(DURATION_MS_MAX)) + 1
}
