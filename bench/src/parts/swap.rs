//! Installing policies while clients beat and readers read.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
};

use anyhow::{Result, ensure};
use steadfast_core::{Beat, Policy, Registry, policy::builtin::HeartbeatWins};

use super::{Effort, lookups::quantiles};
use crate::{
    samples::tell,
    spread::{Spread, ns_each, repeated},
    town::{PER_SERVICE, Town},
};

const INSTANCES: usize = 100_000;

#[allow(clippy::cast_precision_loss, reason = "some lost beats")]
pub(super) fn run(effort: Effort) -> Result<()> {
    let town = Town::build(INSTANCES, PER_SERVICE)?;
    let registry = &town.registry;
    let policies = [Policy::native(&HeartbeatWins)?, Policy::admin_sticky()];
    let mut next = policies.iter().cycle();
    let mut install = || next.next().is_some_and(|policy| registry.install(policy.clone()).is_ok());
    let mut installed = true;
    tell("swap install", repeated(effort.runs, || ns_each(1, || installed &= install())));
    ensure!(installed, "an install failed");

    let lost = AtomicU64::new(0);
    let calm = beside(registry, &town, effort, &lost, thread::yield_now);
    let busy = beside(registry, &town, effort, &lost, || {
        install();
    });
    tell("swap p99.9 calm", calm);
    tell("swap p99.9 busy", busy);
    tell("swap lost beats", Spread::once(lost.load(Ordering::Relaxed) as f64));
    Ok(())
}

/// How long lookups take while one thread beats for everybody and another one does something.
fn beside(registry: &Registry, town: &Town, effort: Effort, lost: &AtomicU64, mut work: impl FnMut() + Send) -> Spread {
    let stop = AtomicBool::new(false);
    // Relaxed: only the flag itself is communicated.
    let goes_on = || !stop.load(Ordering::Relaxed);
    thread::scope(|scope| {
        scope.spawn(|| {
            while goes_on() {
                registry.beat_batch(&town.handles, &mut |_, beat| {
                    if beat != Beat::Alive {
                        lost.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        scope.spawn(|| {
            while goes_on() {
                work();
            }
        });
        let spread = quantiles(registry, town.services[0], effort);
        stop.store(true, Ordering::Relaxed);
        spread
    })
}
