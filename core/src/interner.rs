//! Names that many instances share, each kept once: clusters, host names, IPv6 addresses.
//!
//! Invariant: a number, once given out, means the same text for as long as the registry lives.

use std::{hash::BuildHasher, sync::Arc};

use crate::{
    garbage::Bin,
    hashing::RandomState,
    index::Index,
    sync::{AtomicU32, Mutex, OnceLock, Ordering},
};

const CHUNK: usize = 1024;

type Chunk = Box<[OnceLock<Box<str>>]>;

/// Texts by number and numbers by text, both without a lock.
pub(crate) struct Interner {
    index: Index,
    chunks: Box<[OnceLock<Chunk>]>,
    len: AtomicU32,
    writer: Mutex<()>,
    hasher: RandomState,
    capacity: usize,
}

impl Interner {
    pub(crate) fn new(capacity: usize, bin: &Arc<Bin>) -> Interner {
        Interner {
            index: Index::new(bin),
            chunks: (0..capacity.div_ceil(CHUNK)).map(|_| OnceLock::new()).collect(),
            len: AtomicU32::new(0),
            writer: Mutex::new(()),
            hasher: RandomState::default(),
            capacity,
        }
    }

    /// The number of a text that was interned before.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.index.find(self.hasher.hash_one(text), |number| self.text(number) == text)
    }

    /// The number of a text, new or not; `None` when the interner is full.
    pub(crate) fn intern(&self, text: &str) -> Option<u32> {
        if let Some(number) = self.find(text) {
            return Some(number);
        }
        let _writer = self.writer.lock();
        if let Some(number) = self.find(text) {
            return Some(number);
        }
        // Relaxed: only writers use the length, and the mutex orders them.
        let number = self.len.load(Ordering::Relaxed);
        if number as usize >= self.capacity {
            return None;
        }
        let chunk = self.chunks.get(number as usize / CHUNK)?;
        let chunk = chunk.get_or_init(|| (0..CHUNK).map(|_| OnceLock::new()).collect());
        chunk[number as usize % CHUNK].get_or_init(|| text.into());
        self.len.store(number + 1, Ordering::Relaxed);
        self.index.insert(self.hasher.hash_one(text), number);
        Some(number)
    }

    /// The text of a number; empty for one that was never given out.
    pub(crate) fn text(&self, number: u32) -> &str {
        let chunk = self.chunks.get(number as usize / CHUNK).and_then(OnceLock::get);
        chunk.and_then(|chunk| chunk[number as usize % CHUNK].get()).map_or("", |text| text)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bin, Interner};

    #[test]
    fn a_text_keeps_its_number_and_a_full_interner_says_so() {
        let interner = Interner::new(2_000, &Bin::new());
        let numbers: Vec<_> = (0..2_000).map(|n| interner.intern(&format!("host-{n}")).unwrap()).collect();
        assert_eq!(interner.intern("one too many"), None);
        for (n, number) in numbers.iter().enumerate() {
            assert_eq!(interner.text(*number), format!("host-{n}"));
            assert_eq!(interner.intern(&format!("host-{n}")), Some(*number));
        }
    }
}
