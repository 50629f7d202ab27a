//! Decisions on their way from the deciding threads to the writer: whole in themselves, one behind the other.
//!
//! ```text
//! entry     length of the rest u32, place of the policy u32, decision (34 bytes, as in the file),
//!           service (length u16, payload), instance (length u16, payload without the service), writer (the rest)
//! ```
//!
//! An entry names its instance in full, because only the writer knows what a segment has defined already. The length is
//! 0 for a mark of lost decisions, and their number, a u64, follows.

use std::sync::Arc;

use steadfast_core::{Decided, Opening, PolicyInForce, Scope, policy::Table};

use super::{
    bits::{input_bits, state_bits, verdict_bits},
    fields::{Fields, put_text},
};

/// Times, state, input and verdict, as they stand in a segment.
pub(super) const DECISION_BYTES: usize = 34;

/// What is handed to the writer at once.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) opening: Option<Opening>,
    bytes: Vec<u8>,
    pub(super) policies: Vec<Policy>,
}

/// A policy behind decisions of a batch.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    pub(super) epoch: u64,
    pub(super) digest: String,
    pub(super) scope: Option<Scope>,
    pub(super) table: Arc<Table>,
}

/// What a batch holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry<'a> {
    Decision(RawDecision<'a>),
    Lost(u64),
}

/// A decision as it waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawDecision<'a> {
    /// Its place in the batch's list.
    pub(super) policy: u32,
    pub(super) decision: &'a [u8],
    /// Service and instance in one, as a key.
    pub(super) place: &'a [u8],
    pub(super) service: &'a [u8],
    pub(super) instance: &'a [u8],
    pub(super) writer: &'a [u8],
}

impl Batch {
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.policies.clear();
    }

    pub(super) fn push(&mut self, decided: &Decided<'_>) {
        let policy = self.place_of(&decided.policy);
        let bytes = &mut self.bytes;
        let start = bytes.len();
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&policy.to_le_bytes());
        for time in [decided.time_ms, decided.wall_ms, decided.elapsed_ms] {
            bytes.extend_from_slice(&time.to_le_bytes());
        }
        bytes.extend_from_slice(&state_bits(&decided.before, decided.ordered).to_le_bytes());
        bytes.extend_from_slice(&input_bits(decided.input).to_le_bytes());
        bytes.extend_from_slice(&verdict_bits(decided.verdict).to_le_bytes());
        with_length(bytes, |bytes| {
            let name = decided.service;
            for text in [&name.namespace, &name.group, &name.name] {
                put_text(bytes, text);
            }
        });
        with_length(bytes, |bytes| {
            bytes.extend_from_slice(&decided.address.port.to_le_bytes());
            put_text(bytes, &decided.address.ip);
            put_text(bytes, &decided.address.cluster);
        });
        bytes.extend_from_slice(decided.writer.as_bytes());
        let len = (bytes.len() - start - 4) as u32;
        bytes[start..start + 4].copy_from_slice(&len.to_le_bytes());
    }

    pub(super) fn push_lost(&mut self, count: u64) {
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(&count.to_le_bytes());
    }

    fn place_of(&mut self, policy: &PolicyInForce<'_>) -> u32 {
        // Routes are few, and the latest is most often the next.
        if let Some(at) = self.policies.iter().rposition(|known| known.epoch == policy.epoch) {
            return at as u32;
        }
        self.policies.push(Policy {
            epoch: policy.epoch,
            digest: policy.digest.to_owned(),
            scope: policy.scope.cloned(),
            table: Arc::clone(policy.table),
        });
        self.policies.len() as u32 - 1
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut fields = Fields(&self.bytes);
        std::iter::from_fn(move || entry(&mut fields))
    }
}

/// A part with its length before it.
fn with_length(bytes: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; 2]);
    fill(bytes);
    // Names are bounded at 512 bytes, so three of them fit.
    let len = (bytes.len() - start - 2) as u16;
    bytes[start..start + 2].copy_from_slice(&len.to_le_bytes());
}

/// The next entry; `None` at the end.
fn entry<'a>(fields: &mut Fields<'a>) -> Option<Entry<'a>> {
    let len = fields.u32()?;
    if len == 0 {
        return fields.u64().map(Entry::Lost);
    }
    let mut fields = Fields(fields.bytes(len as usize)?);
    let (policy, decision) = (fields.u32()?, fields.bytes(DECISION_BYTES)?);
    let places = fields.0;
    let (service, instance) = (part(&mut fields)?, part(&mut fields)?);
    let place = &places[..places.len() - fields.0.len()];
    Some(Entry::Decision(RawDecision { policy, decision, place, service, instance, writer: fields.0 }))
}

fn part<'a>(fields: &mut Fields<'a>) -> Option<&'a [u8]> {
    let len = fields.u16()?;
    fields.bytes(usize::from(len))
}
