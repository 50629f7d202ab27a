//! The naive registry at one size: memory and beats.

use std::hint::black_box;

use anyhow::{Context, Result};

use super::{Effort, Size};
use crate::{
    machine::resident_bytes,
    naive::{Naive, Names},
    random::order,
    samples::tell,
    spread::{Spread, ns_each, repeated},
    town::PER_SERVICE,
};

#[allow(clippy::cast_precision_loss, reason = "bytes of this machine's memory are far below 2^52")]
pub(super) fn run(effort: Effort, size: Size) -> Result<()> {
    let before = resident_bytes().context("this system does not say what a process holds")?;
    let naive = Naive::build(size.instances, PER_SERVICE);
    let after = resident_bytes().unwrap_or(before);
    tell(&format!("memory naive {}", size.name), Spread::once((after - before) as f64 / size.instances as f64));

    let sample: Vec<Names> =
        order(size.instances).into_iter().take(100_000).map(|number| Names::of(number as usize, PER_SERVICE)).collect();
    let mut now_ms = 0;
    let beat = repeated(effort.runs, || {
        now_ms += 100;
        ns_each(sample.len(), || {
            let missed = sample.iter().filter(|names| !naive.beat(names, now_ms)).count();
            assert_eq!(black_box(missed), 0);
        })
    });
    tell(&format!("beat naive {}", size.name), beat);
    Ok(())
}
