//! Header and records of a segment, as bytes.

use steadfast_core::Opening;

use super::{fields::Fields, limits::RECORD_BYTES_MAX};

const MAGIC: [u8; 8] = *b"\x89SFJ\r\n\x1A\n";
const VERSION: u16 = 1;
pub(super) const HEADER_BYTES: usize = 52;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Service = 1,
    Instance = 2,
    Policy = 3,
    Writer = 4,
    Decision = 5,
    Lost = 6,
}

impl Kind {
    fn from_number(number: u8) -> Option<Kind> {
        use Kind::{Decision, Instance, Lost, Policy, Service, Writer};
        [Service, Instance, Policy, Writer, Decision, Lost].into_iter().find(|kind| *kind as u8 == number)
    }
}

/// What a segment says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) opening: Opening,
    pub(super) segment: u64,
    /// The number of its first decision.
    pub(super) first: u64,
}

impl Header {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&(HEADER_BYTES as u16).to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        for number in [self.opening.boot, self.segment, self.first, self.opening.retain_ms] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        let checksum = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// The header and what comes after it, or what is wrong.
    pub(super) fn read(bytes: &[u8]) -> Result<(Header, &[u8]), String> {
        let mut fields = Fields(bytes);
        match fields.bytes(MAGIC.len()) {
            Some(magic) if magic == MAGIC => {}
            Some(_) => return Err("is no segment of a journal".into()),
            None => return Err("is cut inside its header".into()),
        }
        let version = fields.u16().ok_or("is cut inside its header")?;
        if version != VERSION {
            return Err(format!("is of version {version} or damaged; this program reads version {VERSION}"));
        }
        let whole = bytes.split_at_checked(HEADER_BYTES).ok_or("is cut inside its header")?;
        let (content, checksum) = whole.0.split_at(HEADER_BYTES - 4);
        if crc32fast::hash(content).to_le_bytes() != checksum {
            return Err("has a damaged header".into());
        }
        let header = Header::of(fields).ok_or("has a damaged header")?;
        Ok((header, whole.1))
    }

    fn of(mut fields: Fields<'_>) -> Option<Header> {
        let (_size, _zero) = (fields.u16()?, fields.u32()?);
        let (boot, segment, first, retain_ms) = (fields.u64()?, fields.u64()?, fields.u64()?, fields.u64()?);
        Some(Header { opening: Opening { boot, retain_ms }, segment, first })
    }
}

/// Appends a record; `fill` appends its payload.
pub(super) fn put_record(bytes: &mut Vec<u8>, kind: Kind, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; 4]);
    bytes.push(kind as u8);
    fill(bytes);
    let len = (bytes.len() - start - 4) as u32;
    bytes[start..start + 4].copy_from_slice(&len.to_le_bytes());
    let checksum = crc32fast::hash(&bytes[start..]);
    bytes.extend_from_slice(&checksum.to_le_bytes());
}

/// Takes the next record off the front: its kind and payload; or what is wrong with it.
pub(super) fn take_record<'a>(rest: &mut &'a [u8]) -> Result<(Kind, &'a [u8]), &'static str> {
    const CUT: &str = "ends inside a record";
    const DAMAGED: &str = "holds a damaged record";
    let len = Fields(rest).u32().ok_or(CUT)? as usize;
    if len == 0 || len > RECORD_BYTES_MAX {
        return Err(DAMAGED);
    }
    let (content, after) = rest.split_at_checked(4 + len).ok_or(CUT)?;
    let (checksum, after) = after.split_first_chunk::<4>().ok_or(CUT)?;
    if crc32fast::hash(content).to_le_bytes() != *checksum {
        return Err(DAMAGED);
    }
    let kind = Kind::from_number(content[4]).ok_or("holds a record of an unknown kind")?;
    *rest = after;
    Ok((kind, &content[5..]))
}
