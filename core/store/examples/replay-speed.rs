//! How fast a journal is written and replayed on this machine:
//! `cargo run --release -p steadfast-store --example replay-speed -- <folder> [decisions]`.
//!
//! Health checks of 100 000 instances go through a registry without and with a journal, and the journal through another
//! policy. A folder that is there already is only replayed.

#![allow(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a program that prints rounded figures for people"
)]

use std::{env, error::Error, path::Path, sync::Arc, time::Instant};

use steadfast_core::{
    Address, Journal, MemoryStore, Now, Options, Policy, Registration, Registry, ServiceId, ServiceName, policy::Probe,
};
use steadfast_store::{
    journal::{FileJournal, JournalOptions, JournalReader},
    replay::{ReplayOptions, replay},
};

const INSTANCES: u32 = 100_000;
const PER_SERVICE: u32 = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let folder = args.next().ok_or("say where the journal is, or may be written: a folder")?;
    let decisions = args.next().map_or(Ok(4_000_000), |count| count.parse())?;
    if !Path::new(&folder).exists() {
        write(Path::new(&folder), decisions)?;
    }
    let reader = JournalReader::open(Path::new(&folder))?;
    let candidate = Policy::builtin("heartbeat-wins").ok_or("it is compiled in")??;
    let options = ReplayOptions { listed_max: 10, originals: vec![Policy::admin_sticky()] };
    let started = Instant::now();
    let found = replay(&reader, &candidate.table, &options, &mut |_| {});
    let each = started.elapsed().as_secs_f64() * 1e9 / found.decisions as f64;
    println!("replayed and checked:      {each:.0} ns each, {:.1} million each second", 1e3 / each);
    println!("{} decisions, {} would have differed, {} lost", found.decisions, found.differing, found.lost);
    Ok(())
}

fn write(folder: &Path, decisions: u64) -> Result<(), Box<dyn Error>> {
    let quiet = decide(None, decisions)?;
    println!("decided without a journal: {quiet:.0} ns each");
    let total_bytes = 100 * (decisions + u64::from(INSTANCES)) + (64 << 20);
    let journal = Arc::new(FileJournal::start(folder, JournalOptions { total_bytes, ..JournalOptions::default() })?);
    let told = decide(Some(Arc::clone(&journal) as Arc<dyn Journal>), decisions)?;
    let status = journal.status();
    println!("decided with a journal:    {told:.0} ns each; {} written, {} lost", status.written, status.lost);
    Ok(())
}

/// Nanoseconds for one decision.
fn decide(journal: Option<Arc<dyn Journal>>, decisions: u64) -> Result<f64, Box<dyn Error>> {
    let options = Options { max_step_ms: 0, journal, ..Options::default() };
    let registry = Registry::open(options, Box::new(MemoryStore::new()))?;
    registry.tick(Now { mono_ms: 0, wall_ms: 1_700_000_000_000 });
    let mut places: Vec<(ServiceId, Address)> = Vec::new();
    for number in 0..INSTANCES {
        let service = registry.service(&ServiceName::new("public", "g", &format!("s{}", number / PER_SERVICE))?)?;
        let address =
            Address::new(&format!("10.0.{}.{}", number >> 8 & 0xFF, number & 0xFF), 1 + number / 65_536, "c")?;
        registry.register(service, &Registration::new(address.clone()))?;
        places.push((service, address));
    }
    let started = Instant::now();
    for (turn, (service, address)) in (0..decisions).zip(places.iter().cycle()) {
        let failing = turn / u64::from(INSTANCES) % 2 == 0;
        registry.probe(*service, address, if failing { Probe::Failing } else { Probe::Passing })?;
    }
    let nanoseconds = started.elapsed().as_secs_f64() * 1e9;
    registry.shutdown();
    Ok(nanoseconds / decisions as f64)
}
