//! The records of one segment.

use std::ops::ControlFlow;

use steadfast_core::{Address, ServiceName};

use super::{Decision, Record, RecordedPolicy};
use crate::journal::{
    bits::{input_of, state_of, verdict_of},
    fields::Fields,
    frame::{Kind, take_record},
};

/// Reads records, and refuses what refers to nothing.
pub(super) struct Decoder<'a> {
    rest: &'a [u8],
    /// The number of the next decision.
    next: u64,
    services: u32,
    instances: u32,
    policies: u32,
    writers: u32,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(rest: &'a [u8], first: u64) -> Decoder<'a> {
        Decoder { rest, next: first, services: 0, instances: 0, policies: 0, writers: 0 }
    }

    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Bytes that were not read.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Reads to the end; says what is wrong where that is not the end of the bytes.
    pub(super) fn read_all(
        &mut self,
        visit: &mut dyn FnMut(Record<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<(), Option<&'static str>> {
        while !self.rest.is_empty() {
            let mut after = self.rest;
            let record = match take_record(&mut after) {
                Ok((kind, payload)) => self.record(kind, Fields(payload)),
                Err(problem) => return ControlFlow::Continue(Some(problem)),
            };
            let Some(record) = record else {
                return ControlFlow::Continue(Some("holds a record that says nothing sensible"));
            };
            self.rest = after;
            visit(record)?;
        }
        ControlFlow::Continue(None)
    }

    fn record(&mut self, kind: Kind, mut fields: Fields<'a>) -> Option<Record<'a>> {
        let record = match kind {
            Kind::Decision => return self.decision(fields),
            Kind::Service => {
                self.services += 1;
                Record::Service(ServiceName::new(fields.text()?, fields.text()?, fields.text()?).ok()?)
            }
            Kind::Instance => {
                self.instances += 1;
                let (service, port) = (below(fields.u32()?, self.services)?, fields.u16()?);
                let (ip, cluster) = (fields.text()?, fields.text()?);
                Record::Instance { service, address: Address::new(ip, port.into(), cluster).ok()? }
            }
            Kind::Policy => {
                self.policies += 1;
                return policy(fields).map(|policy| Record::Policy(Box::new(policy)));
            }
            Kind::Writer => {
                self.writers += 1;
                let text = std::str::from_utf8(fields.0).ok()?;
                return (!text.chars().any(char::is_control)).then_some(Record::Writer(text));
            }
            Kind::Lost => {
                let count = fields.u64()?;
                self.next = self.next.checked_add(count)?;
                Record::Lost(count)
            }
        };
        fields.is_empty().then_some(record)
    }

    fn decision(&mut self, mut fields: Fields<'a>) -> Option<Record<'a>> {
        let instance = below(fields.u32()?, self.instances)?;
        let policy = below(fields.u32()?, self.policies)?;
        let writer = below(fields.u32()?, self.writers)?;
        let (time_ms, wall_ms, elapsed_ms) = (fields.u64()?, fields.u64()?, fields.u64()?);
        let (before, ordered) = state_of(fields.u32()?)?;
        let (input, verdict) = (input_of(fields.u32()?)?, verdict_of(fields.u16()?)?);
        self.next = self.next.checked_add(1)?;
        let decision =
            Decision { instance, policy, writer, time_ms, wall_ms, elapsed_ms, before, ordered, input, verdict };
        fields.is_empty().then_some(Record::Decision(decision))
    }
}

fn policy(mut fields: Fields<'_>) -> Option<RecordedPolicy> {
    let (epoch, digest) = (fields.u64()?, fields.text()?.to_owned());
    let count = fields.u8().filter(|count| *count <= 3)?;
    let scope = (0..count).map(|_| fields.text().map(str::to_owned)).collect::<Option<_>>()?;
    let manifest: steadfast_core::policy::Manifest = serde_json::from_slice(fields.0).ok()?;
    manifest.validate().ok()?;
    Some(RecordedPolicy { epoch, digest, scope, manifest })
}

/// A number that something has.
fn below(number: u32, count: u32) -> Option<u32> {
    (number < count).then_some(number)
}
