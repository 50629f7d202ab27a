//! `.table` files: a policy's answers, saved for hosts that carry no WebAssembly engine.
//!
//! # Format, version 1
//!
//! All numbers are little-endian. The parts follow each other without gaps.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | magic: `89 53 46 54 0D 0A 1A 0A`, that is `\x89SFT\r\n\x1A\n`; whatever translates line ends breaks it |
//! | 2 | version: 1 |
//! | 2 | D: bytes of the digest, 1 to 160 |
//! | 4 | M: bytes of the manifest, at most 256 KiB |
//! | 4 | E: number of entries |
//! | D | digest of the policy it was made from, UTF-8: what the registry shows, not a checksum of this file |
//! | M | manifest: one JSON object with the fields of [`Manifest`], every one of them known |
//! | 6 × E | entries: facts (4 bytes) and verdict (2 bytes) |
//! | 4 | CRC-32 (IEEE) of everything before it |
//!
//! Facts, lowest bit first: event 4 bits, present 1, ephemeral 1, band 2, claim 2, probe 2, hold 2, process 2, class 3,
//! memo 4, and 9 bits that are 0. Verdict, lowest bit first: present 1 bit, healthy 1, traffic 2, orders 1, memo 4,
//! reason 6, and one bit that is 0. The numbers of events and the like are those of
//! [`facts`](steadfast_policy::Facts). Entries stand in the order of [`Table::entries`], one for each facts value that a
//! policy with this manifest can be asked about.
//!
//! # What reading checks
//!
//! The checksum finds damage. Nothing else about a file is trusted either: lengths are compared with limits before
//! anything is allocated, the manifest is validated, each entry must answer the question whose turn it is, each answer
//! must keep the guard rails, and every claimed law is proven again. A file that somebody made by hand can be no worse
//! than a policy that somebody wrote. Its digest is only what its author says.

mod entry;
mod error;

use steadfast_policy::{Facts, Manifest, Order, Table};

use crate::{
    Policy, Unproven,
    limits::{TABLE_DIGEST_BYTES_MAX, TABLE_MANIFEST_BYTES_MAX},
};
use entry::ENTRY_BYTES;

pub use error::TableFileError;

/// The first bytes of every version.
const MAGIC: [u8; 8] = *b"\x89SFT\r\n\x1A\n";
/// The version that is written, and the only one that is read.
pub const TABLE_FILE_VERSION: u16 = 1;
/// Magic, version and the three lengths.
const HEADER_BYTES: usize = 20;
const CHECKSUM_BYTES: usize = 4;

/// Whether bytes start as a `.table` file does. A cut one may.
pub fn is_table_file(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

impl Policy {
    /// Reads a `.table` file and proves every law that it claims.
    pub fn from_table_bytes(bytes: &[u8]) -> Result<Policy, TableFileError> {
        let (policy, _) = Unproven::from_table_bytes(bytes)?.prove(&mut |_| {})?;
        Ok(policy)
    }

    /// The policy as a `.table` file. Fails only where a text is too long for one.
    pub fn to_table_bytes(&self) -> Result<Vec<u8>, TableFileError> {
        write(&self.table, &self.digest)
    }
}

impl Unproven {
    /// Reads a `.table` file without proving its laws.
    pub fn from_table_bytes(bytes: &[u8]) -> Result<Unproven, TableFileError> {
        let parts = Parts::of(bytes)?;
        let digest = digest(parts.digest)?;
        let manifest: Manifest = serde_json::from_slice(parts.manifest).map_err(|error| unreadable(&error))?;
        let expected = Table::questions(&manifest)?;
        let mut entries = parts.entries.chunks_exact(ENTRY_BYTES);
        if entries.len() != expected {
            return Err(TableFileError::Entries { entries: entries.len(), expected });
        }
        let answer = |facts: &Facts| entry::read(facts, entries.next().unwrap_or_default());
        let table = Table::tabulate(manifest, Order::Forward, answer)?;
        Ok(Unproven::new(table, digest))
    }
}

fn write(table: &Table, origin: &str) -> Result<Vec<u8>, TableFileError> {
    let origin = digest(origin.as_bytes())?;
    let manifest = serde_json::to_vec(table.manifest()).map_err(|error| unreadable(&error))?;
    within("manifest", manifest.len(), TABLE_MANIFEST_BYTES_MAX)?;
    let mut bytes = Vec::from(MAGIC);
    bytes.extend(TABLE_FILE_VERSION.to_le_bytes());
    // All three are far below what their fields hold: the first two by the checks above, a table by its layout.
    bytes.extend(&origin.len().to_le_bytes()[..2]);
    bytes.extend(&manifest.len().to_le_bytes()[..4]);
    bytes.extend(&table.entries().count().to_le_bytes()[..4]);
    bytes.extend(origin.as_bytes());
    bytes.extend(manifest);
    for (facts, verdict) in table.entries() {
        bytes.extend(entry::write(&facts, verdict));
    }
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    Ok(bytes)
}

/// A file cut into its parts. Their lengths are within limits and add up, and the checksum fits.
struct Parts<'a> {
    digest: &'a [u8],
    manifest: &'a [u8],
    entries: &'a [u8],
}

impl Parts<'_> {
    fn of(bytes: &[u8]) -> Result<Parts<'_>, TableFileError> {
        if !bytes.starts_with(&MAGIC[..bytes.len().min(MAGIC.len())]) || bytes.is_empty() {
            let starts = String::from_utf8_lossy(&bytes[..bytes.len().min(MAGIC.len())]).into_owned();
            return Err(TableFileError::NotATable { starts });
        }
        let Some((header, body)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
            return Err(TableFileError::Cut { bytes: bytes.len(), expected: HEADER_BYTES });
        };
        let [.., v0, v1, d0, d1, m0, m1, m2, m3, e0, e1, e2, e3] = *header;
        let version = u16::from_le_bytes([v0, v1]);
        if version != TABLE_FILE_VERSION {
            return Err(TableFileError::Version { version });
        }
        let digest = within("digest", u16::from_le_bytes([d0, d1]).into(), TABLE_DIGEST_BYTES_MAX)?;
        let manifest = within("manifest", length(u32::from_le_bytes([m0, m1, m2, m3])), TABLE_MANIFEST_BYTES_MAX)?;
        let entries = length(u32::from_le_bytes([e0, e1, e2, e3])).saturating_mul(ENTRY_BYTES);
        let expected = (HEADER_BYTES + digest + manifest + CHECKSUM_BYTES).saturating_add(entries);
        if bytes.len() < expected {
            return Err(TableFileError::Cut { bytes: bytes.len(), expected });
        }
        if bytes.len() > expected {
            return Err(TableFileError::Tail { bytes: bytes.len(), expected });
        }
        check_sum(bytes)?;
        let (digest, rest) = body.split_at(digest);
        let (manifest, rest) = rest.split_at(manifest);
        Ok(Parts { digest, manifest, entries: &rest[..entries] })
    }
}

fn length(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn within(part: &'static str, bytes: usize, max: usize) -> Result<usize, TableFileError> {
    if bytes <= max { Ok(bytes) } else { Err(TableFileError::TooLarge { part, bytes, max }) }
}

fn check_sum(bytes: &[u8]) -> Result<(), TableFileError> {
    let Some((summed, sum)) = bytes.split_last_chunk::<CHECKSUM_BYTES>() else {
        return Err(TableFileError::Cut { bytes: bytes.len(), expected: CHECKSUM_BYTES });
    };
    let (written, computed) = (u32::from_le_bytes(*sum), crc32fast::hash(summed));
    if written == computed { Ok(()) } else { Err(TableFileError::Checksum { written, computed }) }
}

/// How much is repeated of what the parser says: it quotes the file.
const REASON_CHARS_MAX: usize = 200;

/// One line, whatever the file holds.
fn unreadable(error: &serde_json::Error) -> TableFileError {
    let text = error.to_string();
    let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    TableFileError::Manifest(printable.take(REASON_CHARS_MAX).collect())
}

/// It is shown to operators and written to logs, so it is one line of text.
fn digest(bytes: &[u8]) -> Result<&str, TableFileError> {
    within("digest", bytes.len(), TABLE_DIGEST_BYTES_MAX)?;
    let text = std::str::from_utf8(bytes).map_err(|_| TableFileError::Digest)?;
    if text.is_empty() || text.chars().any(char::is_control) { Err(TableFileError::Digest) } else { Ok(text) }
}
