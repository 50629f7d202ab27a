//! The journal of a registry in files: what was decided, for people who ask later, and for
//! [replays](crate::replay) through another policy.
//!
//! A thread of its own writes behind the registry, which never waits for it: what there is no room for is dropped,
//! counted, and marked at its place. Nothing is synced to the disk, so that a crash loses about the last second, and a
//! power cut perhaps more. No start reads it, so nothing that becomes of it stops one. Its size is bounded; the oldest
//! segment goes first. A disk that fails is tried again each second; the registry announces the outage and counts what
//! is missing.
//!
//! # Format, version 1
//!
//! A folder holds segments `000001.log`, `000002.log` and so on; each can be read without the others. All numbers are
//! little endian. A text is a `u16` with its length in bytes, then UTF-8.
//!
//! ```text
//! segment   header, then records up to the end of the file
//! header    magic "\x89SFJ\r\n\x1A\n", version u16, header size u16, zero u32, boot u64, number of the segment u64,
//!           number of the first decision u64, retain_ms u64, CRC-32 of all that u32
//! record    length of kind and payload u32, kind u8, payload, CRC-32 of all that u32
//!
//! kind 1    service:  namespace, group, name (texts)
//! kind 2    instance: service u32, port u16, ip, cluster (texts)
//! kind 3    policy:   epoch u64, digest (text), scope: count u8 and as many texts; then the manifest as JSON
//! kind 4    writer:   text
//! kind 5    decision: instance u32, policy u32, writer u32, time_ms u64, wall_ms u64, elapsed_ms u64, state before
//!           u32, input u32, verdict u16
//! kind 6    lost:     how many decisions are missing here, u64
//! ```
//!
//! Kinds 1 to 4 define; the first definition of a kind in a segment is number 0, the second number 1. Decisions count
//! from 1 in each boot, lost ones included, so that a reader knows how many are missing where a segment is.
//!
//! ```text
//! state     from the lowest bit: present 1, remembered 1, ephemeral 1, band 2, claim 2, probe 2, hold 2, class 3,
//!           memo 4, healthy 1, traffic 2, and whether own orders stood 1
//! input     event 4, ephemeral 1, enabled 2 (0 unsaid, 1 yes, 2 no), process 2, class 3, band 2, hold 2, probe 2, memo 4;
//!           what the event does not have is 0
//! verdict   present 1, healthy 1, traffic 2, orders 1, memo 4, reason 6
//! ```

// Lengths and counts are bounded where they enter (module `limits`, and the core's limits).
#![allow(clippy::cast_possible_truncation)]

mod batch;
mod bits;
mod error;
mod fields;
mod file_journal;
mod folder;
mod frame;
mod limits;
mod queue;
mod reader;
mod segment;
mod sink;

#[cfg(test)]
mod damage;
#[cfg(test)]
mod samples;

pub use error::JournalError;
pub use file_journal::{FileJournal, JournalOptions};
pub use reader::{Decision, JournalReader, Record, RecordedPolicy, Skipped};
