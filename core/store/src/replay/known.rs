//! A policy that decided, against the one that would have: what their events have in common.

use std::sync::Arc;

use steadfast_core::{
    Address, Policy, ServiceName,
    policy::{Manifest, Subject, Table, Threshold},
};

use crate::journal::RecordedPolicy;

/// A recorded policy and how it relates to the candidate.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent yes-or-no answers about two manifests")]
pub(super) struct Known {
    pub(super) recorded: RecordedPolicy,
    /// The policy itself, where it is at hand: then the recording can be checked.
    pub(super) original: Option<Arc<Table>>,
    pub(super) decisions: u64,
    pub(super) same_silence: bool,
    pub(super) same_absence: bool,
    pub(super) same_lapse: bool,
    pub(super) same_classes: bool,
    pub(super) keeps_memo: bool,
}

impl Known {
    pub(super) fn new(recorded: RecordedPolicy, candidate: &Manifest, originals: &[Policy]) -> Known {
        let old = &recorded.manifest;
        let original = originals.iter().find(|policy| policy.digest == recorded.digest).map(|policy| &policy.table);
        // A policy of the same digest and another manifest would be another policy.
        let original = original.filter(|table| table.manifest() == old).cloned();
        Known {
            original,
            decisions: 0,
            same_silence: old.silence == candidate.silence,
            same_absence: old.absence == candidate.absence,
            same_lapse: old.lapse_ms == candidate.lapse_ms,
            same_classes: old.classes == candidate.classes,
            keeps_memo: old.name == candidate.name && old.memo_layout == candidate.memo_layout,
            recorded,
        }
    }

    /// What of the candidate this recording cannot show, in sentences.
    pub(super) fn notes(&self, candidate: &Manifest) -> Vec<String> {
        let (old, mut notes) = (&self.recorded.manifest, Vec::new());
        let name = &old.name;
        if !self.same_silence {
            let first = old.silence.first().map(|threshold| threshold.after_ms);
            let shorter =
                candidate.silence.iter().find(|threshold| first.is_none_or(|first| threshold.after_ms < first));
            match (shorter, first) {
                (Some(shorter), Some(first)) => notes.push(format!(
                    "silence of {} ms: {name} notices silence from {first} ms on, so shorter ones are not in the journal; \
                     the threshold is crossed here only where and when that one was",
                    shorter.after_ms
                )),
                (Some(_), None) => notes.push(format!("{name} notices no silence, so the journal knows of none")),
                _ => {}
            }
        }
        let overridden = |thresholds: &[Threshold]| thresholds.iter().any(|threshold| threshold.override_key.is_some());
        if (!self.same_silence && overridden(&candidate.silence))
            || (!self.same_absence && overridden(&candidate.absence))
        {
            notes.push(
                "thresholds are taken as declared; what clients say in their metadata is not in a journal".into(),
            );
        }
        let by_metadata = |manifest: &Manifest| {
            let mut conditions = manifest.classes.iter().flat_map(|class| &class.conditions);
            conditions.any(|condition| condition.subject == Subject::Metadata)
        };
        if !self.same_classes && by_metadata(candidate) {
            notes.push("classes that look at metadata match nobody: metadata is not in a journal".into());
        }
        if !self.same_lapse {
            notes.push(format!(
                "orders do not lapse here: how old each is is not in a journal, and {name} lets them lapse otherwise"
            ));
        }
        notes
    }
}

/// The class of an instance by its names alone.
pub(super) fn class_by_name(manifest: &Manifest, service: &ServiceName, address: &Address) -> u8 {
    let port = address.port.to_string();
    let matches = |class: &steadfast_core::policy::Selector| {
        class.matches(|subject, _| match subject {
            Subject::Namespace => Some(service.namespace.as_str()),
            Subject::Group => Some(service.group.as_str()),
            Subject::Service => Some(service.name.as_str()),
            Subject::Cluster => Some(address.cluster.as_str()),
            Subject::Ip => Some(address.ip.as_str()),
            Subject::Port => Some(port.as_str()),
            Subject::Metadata => None,
        })
    };
    // Classes are at most 7.
    manifest.classes.iter().position(matches).map_or(0, |at| at as u8 + 1)
}
