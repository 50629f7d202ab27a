//! Everybody of one service falls silent at once: how long it is locked for one slice of them.

use anyhow::{Result, ensure};
use steadfast_core::{Beat, limits::SLICE_MAX};

use super::Effort;
use crate::{
    samples::tell,
    spread::{Spread, ns_each},
    town::{TICK_MS, Town},
};

const INSTANCES: usize = 100_000;
/// Longer than the silence after which the default policy takes an instance for unhealthy, and shorter than the next one.
const SILENCE_MS: u64 = 16_000;

pub(super) fn run(effort: Effort) -> Result<()> {
    let all = silence(INSTANCES, effort)?;
    tell("silence all", all);
    tell("silence slice", silence(SLICE_MAX, effort)?);
    Ok(())
}

/// The longest tick while all of a service become unhealthy in one moment.
fn silence(instances: usize, effort: Effort) -> Result<Spread> {
    let mut town = Town::build(instances, instances)?;
    let mut longest = Vec::new();
    for _ in 0..effort.runs {
        let mut alive = 0;
        for handle in &town.handles {
            alive += usize::from(town.registry.beat(*handle) == Beat::Alive);
        }
        ensure!(alive == instances, "{alive} of {instances} came back");
        let ticks = (SILENCE_MS / TICK_MS) as usize;
        let took = (0..ticks).map(|_| ns_each(1, || town.pass(TICK_MS))).fold(0.0, f64::max);
        let serving = town.registry.view(town.services[0], |view| view.serving().count())?;
        ensure!(serving == 0, "{serving} of {instances} still serve");
        longest.push(took);
    }
    Ok(Spread::of(longest))
}
