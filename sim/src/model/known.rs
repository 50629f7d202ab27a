//! What is known of one place.

use std::collections::BTreeMap;

use steadfast_core::{Field, FieldName, Hold, Liveness, Overlay, Publisher};
use steadfast_policy::{
    Claim, DURATION_MS_MAX, Event, Facts, Hold as Strongest, Manifest, Orders, Probe, Process, THRESHOLD_MS_MIN,
    Threshold, Traffic, Verdict,
};

use crate::event::{Pairs, Says};

/// A present instance, a tombstone, or orders that wait.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts, not a state machine")]
pub(crate) struct Known {
    /// Counts entries: a handle of an earlier one is stale.
    pub(crate) incarnation: u64,
    pub(crate) present: bool,
    pub(crate) remembered: bool,
    pub(crate) ephemeral: bool,
    pub(crate) band: u8,
    pub(crate) claim: Claim,
    pub(crate) probe: Probe,
    /// The strongest hold that counts, as the policy was told last.
    pub(crate) counted: Strongest,
    pub(crate) class: u8,
    pub(crate) memo: u8,
    pub(crate) healthy: bool,
    pub(crate) traffic: Traffic,
    /// The last decision's event and epoch.
    pub(crate) decision: Option<(Event, u64)>,
    pub(crate) reason: String,
    pub(crate) weight: Option<f64>,
    pub(crate) metadata: Option<Pairs>,
    pub(crate) publishers: BTreeMap<Publisher, Liveness>,
    /// Its only publisher was inferred from a beat.
    pub(crate) assumed: bool,
    pub(crate) process: Option<String>,
    /// A beat was answered with "register again", and nothing came since.
    pub(crate) asked: bool,
    pub(crate) holds: BTreeMap<String, Hold>,
    pub(crate) overlays: BTreeMap<FieldName, Overlay>,
    /// Step of registry time at which silence or absence began.
    pub(crate) clock: u32,
    /// The same in milliseconds of registry time, and when its thresholds changed last.
    pub(crate) clock_ms: u64,
    pub(crate) rules_ms: u64,
}

/// What a reply says of a place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) present: bool,
    pub(crate) healthy: bool,
    pub(crate) traffic: Traffic,
    pub(crate) reason: String,
}

impl Shown {
    /// Nothing is known.
    pub(crate) fn nothing() -> Shown {
        Shown { present: false, healthy: false, traffic: Traffic::Refuse, reason: "not registered".into() }
    }
}

impl Known {
    pub(crate) fn new(incarnation: u64) -> Known {
        Known {
            incarnation,
            present: false,
            remembered: false,
            ephemeral: true,
            band: 0,
            claim: Claim::Unset,
            probe: Probe::Unknown,
            counted: Strongest::None,
            class: 0,
            memo: 0,
            healthy: false,
            traffic: Traffic::Refuse,
            decision: None,
            reason: "not registered".into(),
            weight: None,
            metadata: None,
            publishers: BTreeMap::new(),
            assumed: false,
            process: None,
            asked: false,
            holds: BTreeMap::new(),
            overlays: BTreeMap::new(),
            clock: 0,
            clock_ms: 0,
            rules_ms: 0,
        }
    }

    pub(crate) fn shown(&self) -> Shown {
        let Known { present, healthy, traffic, reason, .. } = self;
        Shown { present: *present, healthy: *healthy, traffic: *traffic, reason: reason.clone() }
    }

    /// Whether a policy would see the same, and answered the same.
    pub(crate) fn looks_like(&self, other: &Known) -> bool {
        let seen = |known: &Known| (known.facts(Event::Beat), known.remembered, known.healthy, known.traffic);
        seen(self) == seen(other)
    }

    /// The same, and the orders too: everything but texts and times.
    pub(crate) fn is_as(&self, other: &Known) -> bool {
        self.looks_like(other) && self.holds == other.holds && self.overlays == other.overlays
    }

    pub(crate) fn has_orders(&self) -> bool {
        !self.holds.is_empty() || !self.overlays.is_empty()
    }

    pub(crate) fn is_nothing(&self) -> bool {
        !self.present && !self.remembered && !self.has_orders()
    }

    pub(crate) fn is_worth_remembering(&self) -> bool {
        self.memo != 0 || self.claim == Claim::Disabled || self.counted != Strongest::None || self.has_orders()
    }

    /// Silence runs for ephemeral instances that no living connection publishes.
    pub(crate) fn lives_by_beats(&self) -> bool {
        self.ephemeral && !self.publishers.values().any(|liveness| *liveness == Liveness::Connection)
    }

    /// Before folding.
    pub(crate) fn facts(&self, event: Event) -> Facts {
        Facts {
            event,
            present: self.present,
            ephemeral: self.ephemeral,
            band: self.band,
            claim: self.claim,
            probe: self.probe,
            hold: self.counted,
            process: Process::Same,
            class: self.class,
            memo: self.memo,
        }
    }

    /// Takes a verdict.
    pub(crate) fn settle(&mut self, facts: &Facts, verdict: Verdict, (now, now_ms): (u32, u64)) {
        let (was_present, was_remembered) = (self.present, self.remembered);
        let refused = facts.event == Event::Register && !was_present && !verdict.present;
        self.present = verdict.present;
        self.remembered = !verdict.present && (was_present || was_remembered || verdict.memo != 0);
        self.ephemeral = facts.ephemeral;
        self.band = if was_present == verdict.present { facts.band } else { 0 };
        self.claim = if refused { self.claim } else { facts.claim };
        self.probe = if was_present && verdict.present { facts.probe } else { Probe::Unknown };
        self.counted = facts.hold;
        (self.class, self.memo) = (facts.class, verdict.memo);
        (self.healthy, self.traffic) = (verdict.healthy, verdict.traffic);
        if verdict.orders == Orders::Clear {
            self.counted = Strongest::None;
            self.holds.clear();
            self.overlays.clear();
        }
        if was_present != verdict.present || matches!(facts.event, Event::Register | Event::Beat | Event::Recover) {
            (self.clock, self.clock_ms, self.rules_ms) = (now, now_ms, now_ms);
        }
        if !self.present {
            self.publishers.clear();
        } else if self.publishers.is_empty() {
            self.publishers.insert(Publisher::Keyless, Liveness::Beats);
            self.assumed = true;
        }
    }

    /// The tombstone is dropped: orders stay, and the program that they were given to.
    pub(crate) fn forget(&mut self) {
        (self.remembered, self.band, self.memo, self.asked) = (false, 0, 0, false);
        (self.claim, self.probe) = (Claim::Unset, Probe::Unknown);
        (self.healthy, self.traffic) = (false, Traffic::Refuse);
        (self.weight, self.metadata) = (None, None);
    }

    /// Named fields replace.
    pub(crate) fn take(&mut self, says: &Says) {
        self.weight = says.weight.or(self.weight);
        if let Some(metadata) = &says.metadata {
            self.metadata = Some(metadata.clone());
        }
    }

    pub(crate) fn effective_weight(&self) -> f64 {
        let overlaid = self.overlays.values().find_map(|overlay| match overlay.field {
            Field::Weight(weight) => Some(weight),
            Field::Metadata { .. } => None,
        });
        overlaid.or(self.weight).unwrap_or(1.0)
    }

    pub(crate) fn effective_metadata(&self) -> Pairs {
        effective(self.metadata.clone().unwrap_or_default(), &self.overlays)
    }

    /// Without what merely repeats an overlay.
    pub(crate) fn without_echoes(&self, mut says: Says) -> Says {
        for overlay in self.overlays.values() {
            match &overlay.field {
                Field::Weight(weight) if says.weight == Some(*weight) => says.weight = None,
                Field::Weight(_) => {}
                Field::Metadata { key, value } => {
                    let Some(sent) = &mut says.metadata else { continue };
                    if sent.get(key) == Some(value) {
                        match self.metadata.as_ref().and_then(|own| own.get(key)) {
                            Some(own) => drop(sent.insert(key.clone(), own.clone())),
                            None => drop(sent.remove(key)),
                        }
                    }
                }
            }
        }
        says
    }

    /// Milliseconds of silence or absence at each band from 1 up, with the client's own overrides.
    pub(crate) fn thresholds_ms(&self, manifest: &Manifest) -> Vec<u64> {
        let declared: &[Threshold] = if self.present { &manifest.silence } else { &manifest.absence };
        let of = |threshold: &Threshold| {
            let key = threshold.override_key.as_ref();
            let named = key.and_then(|key| self.metadata.as_ref()?.get(key)?.trim().parse::<u64>().ok());
            named.unwrap_or(threshold.after_ms).clamp(THRESHOLD_MS_MIN, DURATION_MS_MAX)
        };
        declared.iter().map(of).collect()
    }
}

/// A client's metadata under the operators' overlays.
pub(crate) fn effective(mut pairs: Pairs, overlays: &BTreeMap<FieldName, Overlay>) -> Pairs {
    for overlay in overlays.values() {
        if let Field::Metadata { key, value } = &overlay.field {
            pairs.insert(key.clone(), value.clone());
        }
    }
    pairs
}

/// Whether a hold has stopped counting.
pub(crate) fn lapsed(hold: &Hold, lapse_ms: Option<u64>, wall_ms: u64) -> bool {
    lapse_ms.is_some_and(|lapse_ms| hold.since_ms.saturating_add(lapse_ms) <= wall_ms)
}
