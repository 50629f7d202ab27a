//! A view as one block of bytes, for languages that cannot borrow one.
//!
//! Little endian, self describing; a reader takes `header_size` and `record_size` from the header, so that both can
//! grow. Layout, version 1:
//!
//! ```text
//! header  40 bytes  magic u32 "STF1", version u16, record_size u16, count u32, header_size u32, revision u64,
//!                   arena_offset u64 (from the start), total_len u64
//! record  48 bytes  handle u64, weight f64, ip_off u32, ip_len u32, cluster_off u32, cluster_len u32,
//!                   metadata_off u32, metadata_len u32, port u16, flags u8 (1 healthy, 2 ephemeral),
//!                   traffic u8 (0 serve, 1 drain, 2 refuse), class u8 (0 none), zero 3 bytes
//! arena             texts in UTF-8; offsets are from its start. Metadata: for each pair, in order of the keys,
//!                   key_len u16, value_len u16, key, value
//! ```

use std::collections::HashMap;

use crate::view::{Instance, View};

const MAGIC: u32 = u32::from_le_bytes(*b"STF1");
const VERSION: u16 = 1;
const HEADER: usize = 40;
const RECORD: usize = 48;

/// An immutable copy of one revision of a service, or of some of its instances.
#[derive(Debug)]
pub struct Packed {
    revision: u64,
    bytes: Box<[u8]>,
}

impl Packed {
    /// The whole block.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The revision it is a copy of.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) fn of(view: &View<'_>) -> Packed {
        Packed::pack(view.revision(), view.len(), view.iter())
    }

    fn pack<'a>(revision: u64, expected: usize, instances: impl Iterator<Item = Instance<'a>>) -> Packed {
        let mut bytes = Vec::with_capacity(HEADER + expected * RECORD);
        let mut arena = Arena::default();
        bytes.resize(HEADER, 0);
        for instance in instances {
            append(&mut bytes, &mut arena, &instance);
        }
        let arena_offset = bytes.len();
        bytes.extend_from_slice(&arena.bytes);
        write_header(&mut bytes, revision, arena_offset);
        Packed { revision, bytes: bytes.into() }
    }
}

impl View<'_> {
    /// A packed copy of some of this view's instances, such as those of a [`select`](View::select) or the one of a
    /// [`pick`](View::pick).
    ///
    /// ```
    /// # use steadfast_core::*;
    /// # let registry = Registry::open(Options::default(), Box::new(MemoryStore::new()))?;
    /// # let service = registry.service(&ServiceName::new("public", "g", "orders")?)?;
    /// # registry.register(service, &Registration::new(Address::new("10.0.0.1", 8080, "east")?))?;
    /// let (all, none) = registry.view(service, |view| (view.pack(view), view.pack(view.in_cluster("west"))))?;
    /// assert_eq!(all.bytes(), registry.packed(service)?.bytes());
    /// assert_eq!(none.bytes().len(), 40, "a header alone");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pack<'a>(&self, instances: impl IntoIterator<Item = Instance<'a>>) -> Packed {
        let instances = instances.into_iter();
        Packed::pack(self.revision(), instances.size_hint().0, instances)
    }
}

fn write_header(bytes: &mut [u8], revision: u64, arena_offset: usize) {
    let fields: [&[u8]; 8] = [
        &MAGIC.to_le_bytes(),
        &VERSION.to_le_bytes(),
        &(RECORD as u16).to_le_bytes(),
        &(((arena_offset - HEADER) / RECORD) as u32).to_le_bytes(),
        &(HEADER as u32).to_le_bytes(),
        &revision.to_le_bytes(),
        &(arena_offset as u64).to_le_bytes(),
        &(bytes.len() as u64).to_le_bytes(),
    ];
    bytes[..HEADER].copy_from_slice(&fields.concat());
}

fn append(records: &mut Vec<u8>, arena: &mut Arena, instance: &Instance<'_>) {
    records.extend_from_slice(&instance.handle().to_u64().to_le_bytes());
    records.extend_from_slice(&instance.weight().to_le_bytes());
    let ip = arena.add(|bytes| bytes.extend_from_slice(instance.ip().as_bytes()));
    let cluster = arena.add(|bytes| bytes.extend_from_slice(instance.cluster().as_bytes()));
    let metadata = arena.add(|bytes| instance.metadata().write_packed(bytes));
    for (offset, len) in [ip, cluster, metadata] {
        records.extend_from_slice(&offset.to_le_bytes());
        records.extend_from_slice(&len.to_le_bytes());
    }
    records.extend_from_slice(&instance.port().to_le_bytes());
    records.push(u8::from(instance.healthy()) | u8::from(instance.ephemeral()) << 1);
    records.push(instance.traffic() as u8);
    records.extend_from_slice(&[instance.class(), 0, 0, 0]);
}

/// Texts, equal ones once.
#[derive(Default)]
struct Arena {
    bytes: Vec<u8>,
    places: HashMap<Box<[u8]>, (u32, u32), crate::hashing::RandomState>,
}

impl Arena {
    /// The place of what `write` appends. What stands here already is taken back.
    fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> (u32, u32) {
        let start = self.bytes.len();
        write(&mut self.bytes);
        let text = &self.bytes[start..];
        if let Some(place) = self.places.get(text) {
            self.bytes.truncate(start);
            return *place;
        }
        let place = (start as u32, text.len() as u32);
        self.places.insert(text.into(), place);
        place
    }
}
