//! Key to number without a lock for readers: open addressing over `tag | number` cells.
//!
//! Invariant: a number is in the table from `insert` to `remove`, and a cell changes only under the writers' mutex.
//! Readers never write. A cell is a hint: the caller's `is_it` compares the real key.

use std::sync::Arc;

use crate::{
    garbage::Bin,
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

/// A set of numbers, each under the hash of its key.
pub(crate) struct Index {
    cells: Published<Box<[AtomicU64]>>,
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
            let mask = cells.len() - 1;
            // All first cells are on their way before any search begins, so that one that goes astray does not have the
            // next one wait.
            for hash in hashes.iter().flatten() {
                prefetch(&cells[*hash as usize & mask]);
            }
            hashes.map(|hash| search(cells, hash?, |_| true).map(|(_, number)| number))
        })
    }

    /// Adds a number that is not in the index yet; `hash_of` gives the hash of any number, for growing.
    pub(crate) fn insert(&self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        let mut load = self.writer.lock();
        let full = self.cells.read(|cells| (load.used + 1) * 4 > cells.len() * 3);
        if full {
            self.rebuild(&mut load, hash_of);
        }
        let reused = self.cells.read(|cells| place(cells, hash, number));
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
    fn rebuild(&self, load: &mut Load, hash_of: impl Fn(u32) -> u64) {
        let next = self.cells.read(|cells| {
            let next = empty(((load.entries + 1) * 2).next_power_of_two().max(CELLS_MIN));
            for cell in cells {
                let cell = cell.load(Ordering::Relaxed);
                if cell >= TAG_MIN << 32 {
                    place(&next, hash_of(cell as u32), cell as u32);
                }
            }
            next
        });
        load.used = load.entries;
        self.cells.replace(next);
    }
}

fn empty(cells: usize) -> Box<[AtomicU64]> {
    (0..cells).map(|_| AtomicU64::new(EMPTY)).collect()
}

fn tag(hash: u64) -> u64 {
    (hash >> 32).max(TAG_MIN)
}

fn search(cells: &[AtomicU64], hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<(usize, u32)> {
    let mask = cells.len() - 1;
    let tag = tag(hash);
    // A table is never full, so a search ends at an empty cell; the bound only guards against a bug elsewhere.
    for distance in 0..cells.len() {
        let at = (hash as usize).wrapping_add(distance) & mask;
        // Acquire pairs with the Release of `place`: who sees a number sees what was written before it was placed.
        let cell = cells[at].load(Ordering::Acquire);
        if cell == EMPTY {
            return None;
        }
        if cell >> 32 == tag && is_it(cell as u32) {
            return Some((at, cell as u32));
        }
    }
    None
}

/// Writes into the first free cell; says whether that was a removed one.
fn place(cells: &[AtomicU64], hash: u64, number: u32) -> bool {
    let mask = cells.len() - 1;
    let mut at = hash as usize & mask;
    loop {
        let cell = cells[at].load(Ordering::Relaxed);
        if cell == EMPTY || cell == REMOVED {
            cells[at].store(tag(hash) << 32 | u64::from(number), Ordering::Release);
            return cell == REMOVED;
        }
        at = (at + 1) & mask;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: u32) -> u64 {
        // Few distinct buckets, so that chains are long.
        u64::from(number % 7) | u64::from(number) << 33
    }

    #[test]
    fn what_was_inserted_is_found_until_removed() {
        let index = Index::new(&Bin::new());
        for number in 0..5_000 {
            index.insert(hash(number), number, hash);
        }
        for number in (0..5_000).step_by(2) {
            index.remove(hash(number), number);
        }
        for number in 0..5_000 {
            let found = index.find(hash(number), |found| found == number);
            assert_eq!(found, (number % 2 == 1).then_some(number));
            // The first two have one tag, and there a hint may be about the other one.
            assert!(number < 2 || index.hints(&[None, Some(hash(number))]) == [None, found]);
        }
    }

    #[test]
    fn removed_cells_are_used_again_and_do_not_grow_the_table() {
        let index = Index::new(&Bin::new());
        for turn in 0..100_000 {
            index.insert(hash(turn), turn, hash);
            index.remove(hash(turn), turn);
        }
        assert!(index.cells.read(|cells| cells.len()) <= CELLS_MIN);
    }
}
