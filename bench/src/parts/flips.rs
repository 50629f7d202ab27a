//! One change in a large service, and a hold on all of it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Instant,
};

use anyhow::{Result, ensure};
use steadfast_core::{Author, Beat, FloorTarget, HoldKind, HoldOrder, policy::Probe};

use super::Effort;
use crate::{
    naive::{Naive, Names},
    random::Random,
    samples::tell,
    spread::{Spread, by_turns, ns_each, repeated},
    town::{Town, address, service_name},
};

const FLIPS: usize = 2_000;

pub(super) fn run(effort: Effort) -> Result<()> {
    flips("10 k", 10_000, effort)?;
    let town = flips("100 k", 100_000, effort)?;
    hold(&town, effort)
}

/// Health checks that fail and pass by turns, each on another instance; every one of them is published.
fn flips(name: &str, instances: usize, effort: Effort) -> Result<Town> {
    let town = Town::build(instances, instances)?;
    let naive = Naive::build(instances, instances);
    let mut random = Random(1);
    let flipped: Vec<usize> = (0..FLIPS).map(|_| random.below(instances)).collect();
    let addresses = flipped.iter().map(|number| address(*number)).collect::<Result<Vec<_>>>()?;
    let names: Vec<Names> = flipped.iter().map(|number| Names::of(*number, instances)).collect();
    let service = town.services[0];
    let (mut failing, mut healthy) = (false, true);
    let (ours, theirs) = by_turns(
        effort.runs,
        || {
            failing = !failing;
            let probe = if failing { Probe::Failing } else { Probe::Passing };
            ns_each(FLIPS, || {
                for address in &addresses {
                    assert_eq!(town.registry.probe(service, address, probe).ok(), Some(true));
                }
            })
        },
        || {
            healthy = !healthy;
            ns_each(FLIPS, || names.iter().for_each(|names| naive.set_healthy(names, healthy)))
        },
    );
    tell(&format!("flip {name}"), ours);
    tell(&format!("flip naive {name}"), theirs);
    Ok(town)
}

/// A hold on the whole service and its release, alone and beside a thread that beats.
fn hold(town: &Town, effort: Effort) -> Result<()> {
    let registry = &town.registry;
    let target = FloorTarget::Service { service: service_name(0)? };
    let author = Author::new("bench", "bench", "how long does it take")?;
    let order = HoldOrder { kind: HoldKind::Offline, author: author.clone(), until_ms: None };
    let mut failure = None;
    let alone = repeated(effort.runs, || {
        let held = ns_each(1, || failure = registry.hold_floor(&target, &order).err().or(failure.take()));
        failure = registry.release_floor(&target, &author).err().or(failure.take());
        held
    });
    tell("hold service", alone);
    let beats = |handles: &[steadfast_core::Handle]| {
        ns_each(handles.len(), || registry.beat_batch(handles, &mut |_, beat| assert_eq!(beat, Beat::Alive)))
    };
    tell("hold beats calm", repeated(effort.runs, || beats(&town.handles)));
    let stop = AtomicBool::new(false);
    let beside = thread::scope(|scope| {
        scope.spawn(|| {
            // Relaxed: only the flag itself is communicated.
            while !stop.load(Ordering::Relaxed) {
                let _ = registry.hold_floor(&target, &order);
                let _ = registry.release_floor(&target, &author);
            }
        });
        let started = Instant::now();
        let mut runs = Vec::new();
        while runs.len() < effort.runs || started.elapsed().as_millis() < 500 {
            runs.push(beats(&town.handles));
        }
        stop.store(true, Ordering::Relaxed);
        Spread::of(runs)
    });
    tell("hold beats busy", beside);
    ensure!(failure.is_none(), "a hold failed: {failure:?}");
    Ok(())
}
