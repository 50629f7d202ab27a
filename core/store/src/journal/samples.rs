//! Decisions for tests, written without a registry and a thread, and what is read back of them.

use std::{ops::ControlFlow, path::Path, sync::Arc, time::Duration};

use steadfast_core::{
    Address, Decided, Opening, Policy, PolicyInForce, ServiceName,
    policy::{Input, Process, State, Table, step},
};

use super::{JournalOptions, JournalReader, Record, Skipped, batch::Batch, limits::SEGMENT_BYTES_MIN, sink::Sink};

pub(super) const OPENING: Opening = Opening { boot: 3, retain_ms: 3_600_000 };

/// A decision about one of seven instances; `time_ms` tells it from all others.
pub(super) fn with_decision(table: &Arc<Table>, time_ms: u64, hear: impl FnOnce(&Decided<'_>)) {
    let service = ServiceName::new("public", "g", ["orders", "billing"][time_ms as usize % 2]).unwrap();
    let address = Address::new("10.0.0.1", 1 + (time_ms % 7) as u32, "DEFAULT").unwrap();
    let input = Input::Register { ephemeral: true, enabled: Some(true), process: Process::Same, class: 0 };
    let verdict = step(table, &State::EMPTY, input).unwrap().verdict;
    hear(&Decided {
        service: &service,
        address: &address,
        time_ms,
        wall_ms: 1_700_000_000_000 + time_ms,
        elapsed_ms: 0,
        before: State::EMPTY,
        input,
        verdict,
        ordered: false,
        writer: "client",
        policy: PolicyInForce { epoch: 1 + time_ms % 2, table, digest: "builtin:admin-sticky", scope: None },
    });
}

/// Decisions with the times from `times`, in one batch.
pub(super) fn batch(times: impl IntoIterator<Item = u64>) -> Batch {
    let table = Policy::admin_sticky().table;
    let mut batch = Batch::default();
    batch.opening = Some(OPENING);
    for time_ms in times {
        with_decision(&table, time_ms, |decided| batch.push(decided));
    }
    batch
}

pub(super) fn sink(folder: &Path, segment_bytes: u64) -> Sink {
    let total_bytes = 64 * SEGMENT_BYTES_MIN;
    Sink::new(folder.to_owned(), JournalOptions { segment_bytes, total_bytes }, Duration::ZERO)
}

/// What a reader says of a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The boot of each segment.
    pub(super) boots: Vec<u64>,
    pub(super) times_ms: Vec<u64>,
    pub(super) lost: u64,
    pub(super) skipped: Vec<Skipped>,
}

pub(super) fn found(folder: &Path) -> Found {
    let mut found = Found::default();
    let mut addresses = Vec::new();
    let read = JournalReader::open(folder).unwrap().read(&mut |record| {
        match record {
            Record::Segment { opening, .. } => {
                assert_eq!(opening.retain_ms, OPENING.retain_ms);
                found.boots.push(opening.boot);
                addresses.clear();
            }
            Record::Instance { address, .. } => addresses.push(address),
            Record::Decision(decision) => {
                let port = 1 + (decision.time_ms % 7) as u16;
                assert_eq!(addresses[decision.instance as usize].port, port, "it is about the instance it was about");
                assert_eq!(decision.wall_ms, 1_700_000_000_000 + decision.time_ms);
                found.times_ms.push(decision.time_ms);
            }
            Record::Lost(count) => found.lost += count,
            Record::Skipped(skipped) => found.skipped.push(skipped.clone()),
            Record::Service(_) | Record::Policy(_) | Record::Writer(_) => {}
        }
        ControlFlow::Continue(())
    });
    assert_eq!(read, ControlFlow::Continue(()));
    found
}
