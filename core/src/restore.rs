//! Opening: what the store remembers, back in its services before the first lookup.

use std::sync::Arc;

use steadfast_policy::{Input, Process, Traffic};

use crate::{
    audit::StoredAudit,
    durable::{Place, StoredHold, StoredInstance, StoredOverlay, StoredProcess, decode},
    error::{OpenError, Unplaceable},
    floors::Floor,
    instance::Instance,
    metadata::Metadata,
    provenance::Writer,
    registry::Inner,
    session::Session,
    store::{Change, Store, StoreTable},
};

const BOOT: &[u8] = b"boot";

/// Counts this start. The boot number stands in the high bits of revisions, so they grow across restarts.
pub(crate) fn next_boot(store: &mut dyn Store) -> Result<u64, OpenError> {
    let mut last = 0;
    store.load(StoreTable::Settings, &mut |key, value| {
        if key == BOOT
            && let Ok(bytes) = value.try_into()
        {
            last = u64::from_le_bytes(bytes);
        }
    })?;
    let boot = last + 1;
    let value = Some(boot.to_le_bytes().to_vec());
    store.commit(&[Change { table: StoreTable::Settings, key: BOOT.to_vec(), value }])?;
    Ok(boot)
}

/// Everything that the store remembers.
pub(crate) struct Records {
    holds: Vec<StoredHold>,
    overlays: Vec<StoredOverlay>,
    processes: Vec<StoredProcess>,
    instances: Vec<StoredInstance>,
    floors: Vec<Floor>,
    audit: StoredAudit,
}

/// Reads and decodes every table. A record that cannot be read stops the start: an order that is silently skipped
/// would be an order that is lost.
pub(crate) fn read(store: &mut dyn Store) -> Result<Records, OpenError> {
    let mut audit = StoredAudit::default();
    store.load(StoreTable::Audit, &mut |key, value| audit.take(key, value))?;
    Ok(Records {
        holds: table(store, StoreTable::Holds)?,
        overlays: table(store, StoreTable::Overlays)?,
        processes: table(store, StoreTable::Processes)?,
        instances: table(store, StoreTable::Instances)?,
        floors: table(store, StoreTable::Floors)?,
        audit,
    })
}

fn table<T: serde::de::DeserializeOwned>(store: &mut dyn Store, table: StoreTable) -> Result<Vec<T>, OpenError> {
    let mut records = Vec::new();
    let mut problem = None;
    store.load(table, &mut |_, value| match decode(table, value) {
        Ok(record) => records.push(record),
        Err(error) => problem = problem.take().or(Some(error)),
    })?;
    problem.map_or(Ok(records), Err)
}

impl Records {
    pub(crate) fn take_audit(&mut self) -> StoredAudit {
        std::mem::take(&mut self.audit)
    }

    /// Puts everything back; orders first, so that recovering instances find them. What finds no place stops the start,
    /// like what cannot be read.
    pub(crate) fn restore(self, inner: &Arc<Inner>) -> Result<(), OpenError> {
        for floor in self.floors {
            inner.restore_floor(floor)?;
        }
        for StoredHold { place, record } in self.holds {
            at(inner, (StoreTable::Holds, &place), |session, slot| {
                let lapse = session.lapse();
                with(session, slot, |instance| {
                    instance.rare_mut().holds.push(record);
                    instance.state.hold = lapse.strongest(instance);
                });
                session.schedule_ends(slot);
            })?;
        }
        for StoredOverlay { place, record } in self.overlays {
            at(inner, (StoreTable::Overlays, &place), |session, slot| {
                with(session, slot, |instance| instance.rare_mut().overlays.push(record));
            })?;
        }
        for StoredProcess { place, record } in self.processes {
            at(inner, (StoreTable::Processes, &place), |session, slot| {
                with(session, slot, |instance| instance.set_process(Some(record.into())));
            })?;
        }
        for StoredInstance { place, record } in self.instances {
            at(inner, (StoreTable::Instances, &place), |session, slot| {
                let memo = record.memo.under(session.look().policy.table.manifest());
                with(session, slot, |instance| {
                    instance.set_weight(record.weight);
                    instance.set_metadata(record.metadata.as_ref().and_then(|pairs| {
                        Metadata::new(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))).ok()
                    }));
                    instance.set_process(record.process.as_deref().map(Box::from));
                    let state = &mut instance.state;
                    (state.present, state.ephemeral, state.healthy) = (true, false, true);
                    (state.claim, state.memo, state.traffic) = (record.claim, memo, Traffic::Serve);
                });
                let class = session.reclassify(slot);
                with(session, slot, |instance| instance.state.class = class);
                session.decide(slot, Input::Recover(Process::Same), Writer::Restart);
            })?;
        }
        Ok(())
    }
}

fn at(
    inner: &Arc<Inner>,
    (table, place): (StoreTable, &Place),
    put: impl FnOnce(&mut Session<'_>, u32),
) -> Result<(), OpenError> {
    let index = inner.service_or_create(&place.service).map_err(|error| Unplaceable::from(error).at_start(table))?;
    // A service that was created for this start is there, and not poisoned.
    let Ok(mut session) = inner.service_at(index).and_then(|service| Session::open(inner, service)) else {
        return Ok(());
    };
    let slot = session.find_or_create(&place.address).map_err(|error| error.at_start(table))?;
    put(&mut session, slot);
    let class = session.reclassify(slot);
    with(&mut session, slot, |instance| instance.state.class = class);
    session.refresh(slot);
    session.finish();
    Ok(())
}

fn with(session: &mut Session<'_>, slot: u32, change: impl FnOnce(&mut Instance)) {
    if let Some(instance) = session.instance_mut(slot) {
        change(instance);
    }
}
