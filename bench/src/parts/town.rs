//! A town of one size: memory, registration, beats by handle and by name, expiry.

use std::hint::black_box;

use anyhow::{Context, Result, ensure};
use steadfast_core::{Address, Beat, Handle, NamedBeat, ServiceId};

use super::{Effort, Size};
use crate::{
    machine::{StoreLimit, resident_bytes},
    random::order,
    samples::tell,
    spread::{Spread, by_turns, ns_each, repeated},
    town::{BEAT_EVERY_MS, PER_SERVICE, TICK_MS, Town, address},
};

/// Names at hand: more would measure the memory of their texts.
const NAMED_MAX: usize = 1_000_000;
const BATCH: usize = 256;

#[allow(clippy::cast_precision_loss, reason = "bytes of this machine's memory are far below 2^52")]
pub(super) fn run(effort: Effort, size: Size) -> Result<()> {
    let handles = vec![Handle::from_u64(u64::MAX); size.instances];
    let before = resident_bytes().context("this system does not say what a process holds")?;
    let mut built = None;
    let each = ns_each(size.instances, || built = Some(Town::build_into(size.instances, PER_SERVICE, handles)));
    let mut town = built.context("it was built")??;
    let after = resident_bytes().unwrap_or(before);
    tell(&format!("register {}", size.name), Spread::once(each));
    tell(&format!("memory {}", size.name), Spread::once((after - before) as f64 / size.instances as f64));
    expiry(&mut town, size);
    // Everybody has beaten for some periods, and every timer was filed again.
    let beating = resident_bytes().unwrap_or(after);
    tell(&format!("memory beating {}", size.name), Spread::once((beating - before) as f64 / size.instances as f64));
    by_handle(&mut town, effort, size);
    by_name(&mut town, effort, size)?;
    let present = town.registry.counters().instances;
    ensure!(
        present == size.instances as u64,
        "{present} of {} are left: somebody who beat was taken for silent",
        size.instances
    );
    Ok(())
}

/// Ticks while everybody beats every five seconds, for four periods of beats: the share of a core, and the longest tick.
fn expiry(town: &mut Town, size: Size) {
    let periods = 4;
    let ticks = (BEAT_EVERY_MS / TICK_MS) as usize;
    let share = town.handles.len().div_ceil(ticks);
    let mut took = Vec::new();
    for _ in 0..periods {
        for at in 0..ticks {
            let handles = &town.handles[(at * share).min(size.instances)..((at + 1) * share).min(size.instances)];
            town.registry.beat_batch(handles, &mut |_, beat| assert_eq!(beat, Beat::Alive));
            took.push(ns_each(1, || town.pass(TICK_MS)));
        }
    }
    let mean = took.iter().sum::<f64>() / f64::from(u32::try_from(took.len()).unwrap_or(1));
    let longest = took.iter().copied().fold(0.0, f64::max);
    // A tick comes every 100 ms.
    tell(&format!("expiry share {}", size.name), Spread::once(mean / 1e8 * 100.0));
    tell(&format!("expiry longest {}", size.name), Spread::once(longest));
}

fn by_handle(town: &mut Town, effort: Effort, size: Size) {
    let order = order(size.instances);
    let shuffled: Vec<Handle> = order.iter().map(|at| town.handles[*at as usize]).collect();
    let limit = StoreLimit::new(&order);
    drop(order);
    let mut round = 0;
    let registry = town.registry.clone();
    let (single, first_limit) = by_turns(
        effort.runs,
        || {
            // Another time than at the last beat, or there is nothing to store.
            town.pass(TICK_MS);
            ns_each(shuffled.len(), || {
                let lost = shuffled.iter().filter(|handle| registry.beat(**handle) != Beat::Alive).count();
                assert_eq!(black_box(lost), 0);
            })
        },
        || {
            round += 1;
            limit.run(round)
        },
    );
    let (batch, second_limit) = by_turns(
        effort.runs,
        || {
            town.pass(TICK_MS);
            ns_each(shuffled.len(), || {
                for handles in shuffled.chunks(BATCH) {
                    registry.beat_batch(handles, &mut |_, beat| assert_eq!(beat, Beat::Alive));
                }
            })
        },
        || {
            round += 1;
            limit.run(round)
        },
    );
    tell(&format!("beat single {}", size.name), single);
    tell(&format!("limit single {}", size.name), first_limit);
    tell(&format!("beat batch {}", size.name), batch);
    tell(&format!("limit batch {}", size.name), second_limit);
}

fn by_name(town: &mut Town, effort: Effort, size: Size) -> Result<()> {
    let named: Vec<(ServiceId, Address)> = order(size.instances)
        .into_iter()
        .take(NAMED_MAX)
        .map(|number| Ok((town.services[number as usize / PER_SERVICE], address(number as usize)?)))
        .collect::<Result<_>>()?;
    let registry = town.registry.clone();
    let beat = repeated(effort.runs, || {
        town.pass(TICK_MS);
        ns_each(named.len(), || {
            let alive = |(service, address): &&(ServiceId, Address)| {
                registry.beat_at(*service, address, None).is_ok_and(|beat| beat == Beat::Alive)
            };
            assert_eq!(black_box(named.iter().filter(alive).count()), named.len());
        })
    });
    let beats: Vec<NamedBeat<'_>> =
        named.iter().map(|(service, address)| NamedBeat { service: *service, address, full: None }).collect();
    let batch = repeated(effort.runs, || {
        town.pass(TICK_MS);
        ns_each(beats.len(), || {
            for beats in beats.chunks(BATCH) {
                registry.beat_batch_at(beats, &mut |place, beat| panic!("{place}: {beat:?}"));
            }
        })
    });
    tell(&format!("beat by name {}", size.name), beat);
    tell(&format!("beat by name batch {}", size.name), batch);
    Ok(())
}
