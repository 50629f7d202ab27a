//! `cargo xtask sim`: plays histories until one breaks a promise, or all events are played.

use std::{
    hash::{BuildHasher, RandomState},
    io::Write,
    process::ExitCode,
    time::Instant,
};

use clap::Parser;
use steadfast_sim::{Setup, Summary, run};

/// Play one seed's history of clients, operators, clocks, swaps and crashes against the registry
#[derive(Debug, Parser)]
#[command(name = "cargo xtask sim", bin_name = "cargo xtask sim")]
struct CommandLine {
    /// Where all chance comes from; a fresh one if it is not given
    #[arg(long)]
    seed: Option<u64>,
    /// How many events to play
    #[arg(long, default_value_t = 20_000)]
    events: u64,
    /// Print nothing but the seed and the end
    #[arg(long)]
    quiet: bool,
}

/// Combinations that are worth reading one by one.
const TOLD_MAX: usize = 30;

fn main() -> ExitCode {
    let CommandLine { seed, events, quiet } = CommandLine::parse();
    let seed = seed.unwrap_or_else(|| RandomState::new().hash_one("seed"));
    say(&format!("seed {seed}, {events} events"));
    let setup = Setup::new(seed, events);
    let started = Instant::now();
    let rate = |summary: &Summary| u128::from(summary.events) * 1_000 / started.elapsed().as_millis().max(1);
    let mut progress = |summary: &Summary| {
        if !quiet && summary.events.is_multiple_of(10_000) {
            say(&format!("  {:>9} events, {} a second, {} starts", summary.events, rate(summary), summary.starts));
        }
    };
    match run(&setup, &mut progress) {
        Ok(summary) => {
            if !quiet {
                say(&format!("{}", summary.coverage));
                tell_missing(&summary);
            }
            let Summary { events, starts, digest, .. } = &summary;
            let rate = rate(&summary);
            say(&format!(
                "every promise was kept: {events} events, {starts} starts, {rate} a second, digest {digest:016x}"
            ));
            ExitCode::SUCCESS
        }
        Err(violation) => {
            say(&violation.to_string());
            if let Some(story) = setup.shrink(&violation) {
                say(&story.to_string());
            }
            ExitCode::FAILURE
        }
    }
}

fn tell_missing(summary: &Summary) {
    let missing = summary.coverage.missing();
    let few = if missing.len() <= TOLD_MAX { format!(": {}", missing.join(", ")) } else { String::new() };
    say(&format!("  {} combinations of these never happened{few}", missing.len()));
}

/// A reader that went away (`| head`) is no reason to stop.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
