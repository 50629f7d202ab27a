//! One hot path of the registry, for a counter of instructions: `cargo xtask instructions`.
//!
//! Called with the name of a path, it builds a small town, does the work once so that everything that is made once is
//! made, and a second time inside the function `counted`. It prints how many operations that were. Called without a name,
//! it lists the names.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a program")]

use std::{env, error::Error, hint::black_box, process::ExitCode};

use steadfast_core::{
    Address, Handle, MemoryStore, Now, Options, Policy, Registration, Registry, ServiceId, ServiceName, policy::Facts,
};

const SERVICES: usize = 200;
const PER_SERVICE: usize = 20;
const TICK_MS: u64 = 100;

struct Town {
    registry: Registry,
    services: Vec<ServiceId>,
    handles: Vec<Handle>,
    policy: Policy,
    asked: Vec<Facts>,
}

/// A path, and how many operations one round of it is.
struct HotPath {
    name: &'static str,
    round: fn(&Town) -> usize,
}

const PATHS: [HotPath; 5] = [
    HotPath { name: "beat", round: beats },
    HotPath { name: "beat in a batch", round: batch },
    HotPath { name: "revision", round: revisions },
    HotPath { name: "walk of twenty", round: walks },
    HotPath { name: "decision", round: decisions },
];

fn main() -> ExitCode {
    let Some(name) = env::args().nth(1) else {
        for path in &PATHS {
            println!("{}", path.name);
        }
        return ExitCode::SUCCESS;
    };
    match run(&name) {
        Ok(operations) => {
            println!("{operations}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(name: &str) -> Result<usize, Box<dyn Error>> {
    let path = PATHS.iter().find(|path| path.name == name).ok_or_else(|| format!("there is no path {name:?}"))?;
    let town = Town::build()?;
    town.tick(1);
    (path.round)(&town);
    // Another time than at the last beat, or there is nothing to store.
    town.tick(2);
    Ok(counted(path.round, &town))
}

/// What the counter is told to count: this function and all that it calls.
#[inline(never)]
fn counted(round: fn(&Town) -> usize, town: &Town) -> usize {
    black_box(round(town))
}

impl Town {
    fn build() -> Result<Town, Box<dyn Error>> {
        let policy = Policy::admin_sticky();
        let options = Options { policy: policy.clone(), max_step_ms: 0, ..Options::default() };
        let registry = Registry::open(options, Box::new(MemoryStore::new()))?;
        let asked = policy.table.entries().map(|(facts, _)| facts).collect();
        let mut town = Town { registry, services: Vec::new(), handles: Vec::new(), policy, asked };
        town.tick(0);
        for number in 0..SERVICES {
            let name = ServiceName::new("public", "DEFAULT_GROUP", &format!("service-{number}"))?;
            let service = town.registry.service(&name)?;
            town.services.push(service);
            for host in 0..PER_SERVICE {
                let address = Address::new(&format!("10.0.{number}.{host}"), 8080, "DEFAULT")?;
                town.handles.push(town.registry.register(service, &Registration::new(address))?.handle);
            }
        }
        Ok(town)
    }

    fn tick(&self, ticks: u64) {
        let mono_ms = 1_000 + ticks * TICK_MS;
        self.registry.tick(Now { mono_ms, wall_ms: 1_700_000_000_000 + mono_ms });
    }
}

fn beats(town: &Town) -> usize {
    for handle in &town.handles {
        black_box(town.registry.beat(*handle));
    }
    town.handles.len()
}

fn batch(town: &Town) -> usize {
    town.registry.beat_batch(&town.handles, &mut |place, beat| panic!("beat {place} was answered {beat:?}"));
    town.handles.len()
}

fn revisions(town: &Town) -> usize {
    for service in &town.services {
        let _ = black_box(town.registry.revision(*service));
    }
    town.services.len()
}

fn walks(town: &Town) -> usize {
    for service in &town.services {
        let serving = town.registry.view(*service, |view| view.serving().count());
        assert_eq!(black_box(serving).ok(), Some(PER_SERVICE));
    }
    town.services.len()
}

fn decisions(town: &Town) -> usize {
    for facts in &town.asked {
        black_box(town.policy.table.decide(facts));
    }
    town.asked.len()
}
