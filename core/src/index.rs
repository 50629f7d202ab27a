//! Key to number without a lock for readers: open addressing over `tag | number` cells.
//!
//! Where a search begins is told by the tag alone: its share of 2^32 is the place's share of the table, which may then
//! have any length, and grow by little. Cells stand nearly in the order of their tags, so a table is copied into a larger
//! one from front to back, without a look at any key.
//!
//! Invariant: a number is in the table from `insert` to `remove`, and a cell changes only under the writers' mutex.
//! Readers never write. A cell is a hint: the caller's `is_it` compares the real key.

use std::sync::Arc;

use crate::{
    garbage::Bin,
    pages::Pages,
    prefetch::prefetch,
    published::Published,
    sync::{AtomicU64, Mutex, Ordering},
};

/// A cell that was never used ends a search.
const EMPTY: u64 = 0;
/// A cell whose entry was removed does not.
const REMOVED: u64 = 1;
/// Tags below this would collide with the two marks.
const TAG_MIN: u64 = 2;
const CELLS_MIN: usize = 64;
/// Below this many entries a table grows to twice their number, and above it by little.
const SMALL: usize = 1 << 14;

/// A set of numbers, each under the hash of its key.
pub(crate) struct Index {
    cells: Published<Pages<AtomicU64>>,
    writer: Mutex<Load>,
}

/// How full the table is.
#[derive(Default)]
struct Load {
    entries: usize,
    /// Entries and removed cells: both make searches longer.
    used: usize,
}

impl Index {
    pub(crate) fn new(bin: &Arc<Bin>) -> Index {
        Index { cells: Published::new(empty(CELLS_MIN), bin), writer: Mutex::new(Load::default()) }
    }

    /// The number under `hash` for which `is_it` holds.
    #[inline]
    pub(crate) fn find(&self, hash: u64, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        self.cells.read(|cells| search(cells, hash, is_it).map(|(_, number)| number))
    }

    /// For each hash the first number with its tag: nearly always the right one, without a look at any key.
    #[inline]
    pub(crate) fn hints<const N: usize>(&self, hashes: &[Option<u64>; N]) -> [Option<u32>; N] {
        self.cells.read(|cells| {
            // All first cells are on their way before any search begins, so that one that goes astray does not have the
            // next one wait.
            for hash in hashes.iter().flatten() {
                prefetch(&cells[home(tag(*hash), cells)]);
            }
            hashes.map(|hash| search(cells, hash?, |_| true).map(|(_, number)| number))
        })
    }

    /// Adds a number that is not in the index yet.
    pub(crate) fn insert(&self, hash: u64, number: u32) {
        let mut load = self.writer.lock();
        // Above four fifths searches for what is not there grow long.
        let full = self.cells.read(|cells| (load.used + 1) * 5 > cells.len() * 4);
        if full {
            self.rebuild(&mut load);
        }
        let reused = self.cells.read(|cells| place(cells, tag(hash) << 32 | u64::from(number)));
        load.entries += 1;
        load.used += usize::from(!reused);
    }

    /// Takes a number out.
    pub(crate) fn remove(&self, hash: u64, number: u32) {
        let mut load = self.writer.lock();
        let found = self.cells.read(|cells| {
            let at = search(cells, hash, |found| found == number).map(|(at, _)| at)?;
            // Release is not needed for the mark itself; a reader that misses it compares keys and finds them gone.
            cells[at].store(REMOVED, Ordering::Relaxed);
            Some(())
        });
        load.entries -= usize::from(found.is_some());
    }

    /// Copies the entries into a table of the right size and publishes it; readers of the old one miss nothing.
    fn rebuild(&self, load: &mut Load) {
        let next = self.cells.read(|cells| {
            let next = empty(cells_for(load.entries + 1));
            for cell in
                cells.iter().map(|cell| cell.load(Ordering::Relaxed)).filter(|cell| *cell != EMPTY && *cell != REMOVED)
            {
                place(&next, cell);
            }
            next
        });
        load.used = load.entries;
        self.cells.replace(next);
    }
}

/// Cells for so many entries: 11 bytes for each of many. A tenth is free until the table grows again, so that an entry is
/// copied ten times in all, from front to back, a few nanoseconds each time.
fn cells_for(entries: usize) -> usize {
    if entries < SMALL { (entries * 2).max(CELLS_MIN) } else { entries * 11 / 8 }
}

fn empty(cells: usize) -> Pages<AtomicU64> {
    Pages::new(cells, true)
}

/// The upper half of a hash, spread once more: the fast hasher leaves neighbours in it, which crowd a dense table.
fn tag(hash: u64) -> u64 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    (hash.wrapping_mul(SPREAD) >> 32).max(TAG_MIN)
}

/// Where a search for a tag begins.
#[inline]
fn home(tag: u64, cells: &[AtomicU64]) -> usize {
    ((tag * cells.len() as u64) >> 32) as usize
}

/// The cell after this one, in a circle.
#[inline]
fn after(at: usize, cells: &[AtomicU64]) -> usize {
    if at + 1 == cells.len() { 0 } else { at + 1 }
}

fn search(cells: &[AtomicU64], hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<(usize, u32)> {
    let tag = tag(hash);
    let mut at = home(tag, cells);
    // A table is never full, so a search ends at an empty cell; the bound only guards against a bug elsewhere.
    for _ in 0..cells.len() {
        // Acquire pairs with the Release of `place`: who sees a number sees what was written before it was placed.
        let cell = cells[at].load(Ordering::Acquire);
        if cell == EMPTY {
            return None;
        }
        if cell >> 32 == tag && is_it(cell as u32) {
            return Some((at, cell as u32));
        }
        at = after(at, cells);
    }
    None
}

/// Writes an entry into the first free cell; says whether that was a removed one.
fn place(cells: &[AtomicU64], entry: u64) -> bool {
    let mut at = home(entry >> 32, cells);
    loop {
        let cell = cells[at].load(Ordering::Relaxed);
        if cell == EMPTY || cell == REMOVED {
            cells[at].store(entry, Ordering::Release);
            return cell == REMOVED;
        }
        at = after(at, cells);
    }
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, reason = "counts of a test")]
mod tests {
    use super::*;

    /// Seven numbers have one hash, so that chains are long.
    fn hash(number: u32) -> u64 {
        u64::from(number / 7) << 33
    }

    #[test]
    fn what_was_inserted_is_found_until_removed() {
        let index = Index::new(&Bin::new());
        for number in 0..5_000 {
            index.insert(hash(number), number);
        }
        for number in (0..5_000).step_by(2) {
            index.remove(hash(number), number);
        }
        for number in 0..5_000 {
            let found = index.find(hash(number), |found| found == number);
            assert_eq!(found, (number % 2 == 1).then_some(number));
            let [none, hint] = index.hints(&[None, Some(hash(number))]);
            assert!(none.is_none() && hint.is_some_and(|hint| hint / 7 == number / 7), "a hint is one of its hash");
        }
    }

    #[test]
    fn removed_cells_are_used_again_and_do_not_grow_the_table() {
        let index = Index::new(&Bin::new());
        for turn in 0..100_000 {
            index.insert(hash(turn), turn);
            index.remove(hash(turn), turn);
        }
        assert!(index.cells.read(|cells| cells.len()) <= CELLS_MIN);
    }

    /// How many cells a search for each of `entries` looks at, and how many bytes the table takes for one.
    fn grown(entries: u32) -> (f64, f64) {
        use std::hash::BuildHasher;
        let (index, hasher) = (Index::new(&Bin::new()), foldhash::fast::RandomState::default());
        for number in 0..entries {
            index.insert(hasher.hash_one(number), number);
        }
        index.cells.read(|cells| {
            let looked_at = |number| {
                let hash = hasher.hash_one(number);
                let (at, _) = search(cells, hash, |found| found == number).expect("inserted");
                (at + cells.len() - home(tag(hash), cells)) % cells.len() + 1
            };
            let all: usize = (0..entries).map(looked_at).sum();
            (all as f64 / f64::from(entries), cells.len() as f64 * 8.0 / f64::from(entries))
        })
    }

    #[test]
    fn a_large_table_is_dense_and_searches_are_short() {
        for entries in [30_000, 111_111, 300_000] {
            let (looked_at, bytes) = grown(entries);
            assert!(looked_at < 3.5, "{entries}: {looked_at} cells for a search");
            assert!(bytes < 11.01, "{entries}: {bytes} bytes for an entry");
        }
    }
}
