//! Lookups of services of twenty: by one reader, by two, and while a writer changes the service that is read.

use std::{
    hint::black_box,
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use steadfast_core::{Registry, ServiceId, policy::Probe};

use super::Effort;
use crate::{
    machine::OwnWalks,
    naive::{Naive, Names},
    random::Random,
    samples::tell,
    spread::{Spread, by_turns, ns_each, quantile, repeated},
    town::{PER_SERVICE, Town, address},
};

const SERVICES: usize = 10_000;
const READS: usize = 1_000_000;
/// Reads whose time is taken one by one.
const TIMED_READS: usize = 500_000;
const CHANGE_EVERY: Duration = Duration::from_millis(1);

pub(super) fn run(effort: Effort) -> Result<()> {
    let town = Town::build(SERVICES * PER_SERVICE, PER_SERVICE)?;
    let naive = Naive::build(SERVICES * PER_SERVICE, PER_SERVICE);
    let mut random = Random(1);
    let asked: Vec<usize> = (0..READS).map(|_| random.below(SERVICES)).collect();
    let services: Vec<ServiceId> = asked.iter().map(|number| town.services[*number]).collect();
    let names: Vec<Names> = asked.iter().map(|number| Names::of(number * PER_SERVICE, PER_SERVICE)).collect();
    let registry = &town.registry;

    let walk = || ns_each(READS, || read_all(registry, &services));
    let naive_walk = || {
        ns_each(READS, || {
            black_box(names.iter().map(|names| naive.serving(names)).sum::<usize>());
        })
    };
    let (ours, theirs) = by_turns(effort.runs, walk, naive_walk);
    tell("lookup walk", ours);
    tell("lookup naive", theirs);
    let revision = || {
        ns_each(READS, || {
            let sum: u64 = services.iter().filter_map(|service| registry.revision(*service).ok()).sum();
            black_box(sum);
        })
    };
    // One service that everybody asks: what two readers share is in both caches.
    let hot = vec![town.services[0]; READS];
    let (revision, hot_alone) = by_turns(effort.runs, revision, || ns_each(READS, || read_all(registry, &hot)));
    tell("lookup revision", revision);
    let (one, two) = by_turns(effort.runs, walk, || together(|| ns_each(READS, || read_all(registry, &services))));
    tell("lookup one reader", one);
    tell("lookup two readers", two);
    let hot_two = repeated(effort.runs, || together(|| ns_each(READS, || read_all(registry, &hot))));
    tell("lookup hot one reader", hot_alone);
    tell("lookup hot two readers", hot_two);
    control(&asked, effort);
    under_a_writer(&town, effort)
}

fn read_all(registry: &Registry, services: &[ServiceId]) {
    let walked = |service: &ServiceId| registry.view(*service, |view| view.serving().count()).unwrap_or(0);
    black_box(services.iter().map(walked).sum::<usize>());
}

/// The mean of what two threads need when they do the same at the same time.
pub(super) fn together(work: impl Fn() -> f64 + Sync) -> f64 {
    let start = Barrier::new(2);
    let timed = || {
        start.wait();
        work()
    };
    thread::scope(|scope| {
        let other = scope.spawn(timed);
        let mine = timed();
        f64::midpoint(mine, other.join().unwrap_or(f64::NAN))
    })
}

/// The same two threads on memory of their own, for what the machine alone does to them.
fn control(asked: &[usize], effort: Effort) {
    for (name, order) in [("random", asked.to_vec()), ("hot", vec![0; READS])] {
        let walks = [OwnWalks::new(SERVICES, order.clone()), OwnWalks::new(SERVICES, order)];
        let next = AtomicUsize::new(0);
        // Relaxed: whoever takes which one, each is walked by one thread.
        let mine = || walks[next.fetch_add(1, Ordering::Relaxed) % 2].run();
        let (one, two) = by_turns(effort.runs, || walks[0].run(), || together(mine));
        tell(&format!("control {name} one"), one);
        tell(&format!("control {name} two"), two);
    }
}

/// One service is read while a thousand times a second an instance of it changes.
fn under_a_writer(town: &Town, effort: Effort) -> Result<()> {
    let (registry, service, changing) = (&town.registry, town.services[0], address(3)?);
    let calm = quantiles(registry, service, effort);
    let stop = AtomicBool::new(false);
    let busy = thread::scope(|scope| {
        scope.spawn(|| {
            let mut failing = false;
            // Relaxed: only the flag itself is communicated.
            while !stop.load(Ordering::Relaxed) {
                failing = !failing;
                let probe = if failing { Probe::Failing } else { Probe::Passing };
                let _ = registry.probe(service, &changing, probe);
                thread::sleep(CHANGE_EVERY);
            }
        });
        let busy = quantiles(registry, service, effort);
        stop.store(true, Ordering::Relaxed);
        busy
    });
    tell("lookup p99.9 calm", calm);
    tell("lookup p99.9 writer", busy);
    tell("clock", clock(effort));
    Ok(())
}

/// The time of a lookup that is longer than 999 of a thousand; the clock's own time is in it.
pub(super) fn quantiles(registry: &Registry, service: ServiceId, effort: Effort) -> Spread {
    let run = || {
        let mut took: Vec<u32> = (0..TIMED_READS).map(|_| timed(|| read_all(registry, &[service]))).collect();
        quantile(&mut took, 999)
    };
    Spread::of((0..effort.runs).map(|_| run()).collect())
}

fn timed(work: impl FnOnce()) -> u32 {
    let started = Instant::now();
    work();
    u32::try_from(started.elapsed().as_nanos()).unwrap_or(u32::MAX)
}

fn clock(effort: Effort) -> Spread {
    let run = || {
        let mut took: Vec<u32> = (0..TIMED_READS).map(|_| timed(|| ())).collect();
        quantile(&mut took, 500)
    };
    Spread::of((0..effort.runs).map(|_| run()).collect())
}
