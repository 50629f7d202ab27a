//! Memory beside the instances: the copies that bindings keep, and the store with its cache.

use std::{fs, hint::black_box, path::Path, sync::Arc};

use anyhow::{Context, Result};
use steadfast_core::{Change, Packed, Store, StoreTable};
use steadfast_store::RedbStore;

use crate::{
    machine::resident_bytes,
    samples::tell,
    spread::Spread,
    town::{PER_SERVICE, Town},
};

const INSTANCES: u32 = 100_000;
/// Orders of a large company: each commit holds as many as wait at one time.
const ORDERS: usize = 100_000;
const ORDERS_PER_COMMIT: usize = 256;

pub(super) fn run() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("steadfast-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    // First: afterwards there is memory at hand that the store would not have to ask for.
    let stored = store(&folder);
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    stored?;
    packed()
}

/// What a reader in another language keeps alive: one copy of each service.
fn packed() -> Result<()> {
    let town = Town::build(INSTANCES as usize, PER_SERVICE)?;
    let mut copies: Vec<Arc<Packed>> = Vec::with_capacity(town.services.len());
    let before = resident()?;
    for service in &town.services {
        copies.push(town.registry.packed(*service)?);
    }
    tell("memory packed", Spread::once(more_than(before)? / f64::from(INSTANCES)));
    black_box(copies);
    Ok(())
}

/// A store that has written and read back many orders; what it holds then is its cache and little else.
fn store(folder: &Path) -> Result<()> {
    let before = resident()?;
    let mut store = RedbStore::open(folder)?;
    let mut orders = (0..ORDERS).map(|number| Change {
        table: StoreTable::Holds,
        key: format!("public/DEFAULT_GROUP/com.example.service-{:07}/10.0.0.1:8080/DEFAULT/ops-{number}", number / 20)
            .into_bytes(),
        value: Some(vec![b'x'; 160]),
    });
    loop {
        let changes: Vec<Change> = orders.by_ref().take(ORDERS_PER_COMMIT).collect();
        if changes.is_empty() {
            break;
        }
        store.commit(&changes)?;
    }
    let mut read = 0_usize;
    store.load(StoreTable::Holds, &mut |_, value| {
        read += value.len();
    })?;
    black_box(read);
    tell("memory store", Spread::once(more_than(before)?));
    Ok(())
}

fn resident() -> Result<u64> {
    resident_bytes().context("this system does not say what a process holds")
}

#[allow(clippy::cast_precision_loss, reason = "bytes of this machine's memory are far below 2^52")]
fn more_than(before: u64) -> Result<f64> {
    Ok(resident()?.saturating_sub(before) as f64)
}
