//! Between the records of the interface and the types of the kernel.

use steadfast_policy::{
    Claim, Condition, Event, Facts, Hold, Manifest, Orders, Probe, Process, Selector, Subject, Threshold, Traffic,
    Verdict,
};

use crate::bindings::{self, steadfast::policy::types as wit};

/// `None` for an event that is reserved for a later registry.
pub(crate) fn facts(facts: bindings::Facts) -> Option<Facts> {
    Some(Facts {
        event: event(facts.event)?,
        present: facts.present,
        ephemeral: facts.ephemeral,
        band: facts.band,
        claim: match facts.claim {
            wit::Claim::Unset => Claim::Unset,
            wit::Claim::Enabled => Claim::Enabled,
            wit::Claim::Disabled => Claim::Disabled,
        },
        probe: match facts.probe {
            wit::Probe::Unknown => Probe::Unknown,
            wit::Probe::Passing => Probe::Passing,
            wit::Probe::Failing => Probe::Failing,
        },
        hold: match facts.hold {
            wit::Hold::None => Hold::None,
            wit::Hold::Drain => Hold::Drain,
            wit::Hold::Offline => Hold::Offline,
            wit::Hold::Banned => Hold::Banned,
        },
        process: match facts.process {
            wit::Process::Same => Process::Same,
            wit::Process::Other => Process::Other,
            wit::Process::Unknown => Process::Unknown,
        },
        class: facts.class,
        memo: facts.memo,
    })
}

fn event(event: wit::Event) -> Option<Event> {
    Some(match event {
        wit::Event::Register => Event::Register,
        wit::Event::Beat => Event::Beat,
        wit::Event::Claim => Event::Claim,
        wit::Event::Deregister => Event::Deregister,
        wit::Event::Disconnect => Event::Disconnect,
        wit::Event::Silence => Event::Silence,
        wit::Event::Absence => Event::Absence,
        wit::Event::Hold => Event::Hold,
        wit::Event::Release => Event::Release,
        wit::Event::Overlay => Event::Overlay,
        wit::Event::Probe => Event::Probe,
        wit::Event::Recover => Event::Recover,
        wit::Event::Swap => Event::Swap,
        wit::Event::Remove => Event::Remove,
        wit::Event::HoldAge | wit::Event::Sync => return None,
    })
}

pub(crate) fn verdict(verdict: Verdict) -> bindings::Verdict {
    bindings::Verdict {
        present: verdict.present,
        healthy: verdict.healthy,
        traffic: match verdict.traffic {
            Traffic::Serve => wit::Traffic::Serve,
            Traffic::Drain => wit::Traffic::Drain,
            Traffic::Refuse => wit::Traffic::Refuse,
        },
        orders: match verdict.orders {
            Orders::Keep => wit::Orders::Keep,
            Orders::Clear => wit::Orders::Clear,
        },
        memo: verdict.memo,
        reason: verdict.reason,
        reserved: 0,
    }
}

/// Reason 0 is never accepted, so this cannot be mistaken for a decision.
pub(crate) fn no_opinion(present: bool) -> bindings::Verdict {
    let (traffic, orders) = (wit::Traffic::Refuse, wit::Orders::Keep);
    bindings::Verdict { present, healthy: false, traffic, orders, memo: 0, reason: 0, reserved: 0 }
}

pub(crate) fn manifest(manifest: Manifest) -> bindings::Manifest {
    bindings::Manifest {
        name: manifest.name,
        version: manifest.version,
        summary: manifest.summary,
        silence: manifest.silence.into_iter().map(threshold).collect(),
        unhealthy_from: manifest.unhealthy_from,
        absence: manifest.absence.into_iter().map(threshold).collect(),
        lapse_ms: manifest.lapse_ms,
        classes: manifest.classes.into_iter().map(selector).collect(),
        memo_size: manifest.memo_size,
        memo_layout: manifest.memo_layout,
        reasons: manifest.reasons,
        laws: manifest.laws.iter().map(|law| law.name().to_owned()).collect(),
        extras: Vec::new(),
    }
}

fn threshold(threshold: Threshold) -> wit::Threshold {
    wit::Threshold { after_ms: threshold.after_ms, override_key: threshold.override_key }
}

fn selector(selector: Selector) -> wit::Selector {
    wit::Selector { name: selector.name, conditions: selector.conditions.into_iter().map(condition).collect() }
}

fn condition(condition: Condition) -> wit::Condition {
    let subject = match condition.subject {
        Subject::Namespace => wit::Subject::Namespace,
        Subject::Group => wit::Subject::Group,
        Subject::Service => wit::Subject::Service,
        Subject::Cluster => wit::Subject::Cluster,
        Subject::Ip => wit::Subject::Ip,
        Subject::Port => wit::Subject::Port,
        Subject::Metadata => wit::Subject::Metadata,
    };
    wit::Condition { subject, key: condition.key, pattern: condition.pattern }
}

#[cfg(test)]
pub(crate) mod tests {
    use steadfast_policy::{Law, StatePolicy, Table, builtin::HeartbeatWins};

    use super::*;

    /// The host's side of the border, by number: the interface promises that both sides count alike.
    pub(crate) fn wit_facts(facts: &Facts) -> bindings::Facts {
        const EVENTS: [wit::Event; 14] = {
            use wit::Event::{
                Absence, Beat, Claim, Deregister, Disconnect, Hold, Overlay, Probe, Recover, Register, Release, Remove,
                Silence, Swap,
            };
            [
                Register, Beat, Claim, Deregister, Disconnect, Silence, Absence, Hold, Release, Overlay, Probe,
                Recover, Swap, Remove,
            ]
        };
        bindings::Facts {
            event: EVENTS[facts.event as usize],
            present: facts.present,
            ephemeral: facts.ephemeral,
            band: facts.band,
            claim: [wit::Claim::Unset, wit::Claim::Enabled, wit::Claim::Disabled][facts.claim as usize],
            probe: [wit::Probe::Unknown, wit::Probe::Passing, wit::Probe::Failing][facts.probe as usize],
            hold: [wit::Hold::None, wit::Hold::Drain, wit::Hold::Offline, wit::Hold::Banned][facts.hold as usize],
            process: [wit::Process::Same, wit::Process::Other, wit::Process::Unknown][facts.process as usize],
            class: facts.class,
            memo: facts.memo,
            reserved: 0,
        }
    }

    #[test]
    fn facts_cross_the_border_unchanged() {
        let table = Table::of(&HeartbeatWins).expect("within the guard rails");
        for (before, _) in table.entries() {
            assert_eq!(facts(wit_facts(&before)), Some(before));
        }
    }

    #[test]
    fn reserved_events_are_no_facts() {
        let table = Table::of(&HeartbeatWins).expect("within the guard rails");
        let (some, _) = table.entries().next().expect("a table has entries");
        for event in [wit::Event::HoldAge, wit::Event::Sync] {
            assert_eq!(facts(bindings::Facts { event, ..wit_facts(&some) }), None);
        }
    }

    #[test]
    fn a_manifest_keeps_its_laws_by_name_and_its_selectors() {
        let condition = Condition { subject: Subject::Metadata, key: "zone".into(), pattern: "eu-*".into() };
        let classes = vec![Selector { name: "europe".into(), conditions: vec![condition] }];
        let manifest = manifest(Manifest { classes, lapse_ms: Some(5000), ..HeartbeatWins.manifest() });
        assert_eq!(manifest.laws[0], Law::Available.name());
        assert_eq!(manifest.classes[0].conditions[0].pattern, "eu-*");
        assert_eq!((manifest.memo_size, manifest.memo_layout, manifest.lapse_ms), (2, 1, Some(5000)));
        assert_eq!(manifest.silence[0].override_key.as_deref(), Some("preserved.heart.beat.timeout"));
    }
}
