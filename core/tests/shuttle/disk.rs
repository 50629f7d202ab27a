//! A disk that fails now and then, and survives its registry.

use std::sync::{Arc, Mutex};

use shuttle::rand::{Rng, thread_rng};
use steadfast_core::{Change, MemoryStore, Store, StoreError, StoreTable};

/// No task is switched while it holds one of these, so `std`'s mutex never waits.
#[derive(Clone, Default)]
pub struct Disk(Arc<Mutex<Platter>>);

#[derive(Default)]
struct Platter {
    records: MemoryStore,
    fragile: bool,
    failures: u64,
}

impl Disk {
    /// It may fail from now on, or not any more.
    pub fn set_fragile(&self, fragile: bool) {
        self.0.lock().unwrap().fragile = fragile;
    }

    pub fn failures(&self) -> u64 {
        self.0.lock().unwrap().failures
    }
}

impl Store for Disk {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.0.lock().unwrap().records.load(table, visit)
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        // A commit takes its time, and others see what is there meanwhile.
        shuttle::thread::yield_now();
        let mut platter = self.0.lock().unwrap();
        let (doing, source) = ("writing".to_owned(), "worn out".into());
        match if platter.fragile { thread_rng().gen_range(0..12) } else { 3 } {
            0 => {
                platter.failures += 1;
                Err(StoreError::Failed { doing, source })
            }
            1 => {
                platter.failures += 1;
                Err(StoreError::InDoubt { doing, source })
            }
            2 => {
                platter.failures += 1;
                platter.records.commit(changes)?;
                Err(StoreError::InDoubt { doing, source })
            }
            _ => platter.records.commit(changes),
        }
    }
}
