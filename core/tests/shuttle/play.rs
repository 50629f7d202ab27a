//! How schedules are chosen, kept and played again.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
};

use shuttle::{
    Config, FailurePersistence, Runner,
    scheduler::{PctScheduler, RandomScheduler, ReplayScheduler},
};

/// As many as CI has time for.
const SCHEDULES: usize = 100;
/// A fault that hides for longer than this is not found.
const SCHEDULES_PER_FAULT: usize = 3_000;
const STACK_BYTES: usize = 512 * 1024;
/// Each of so many places is where the running task loses its turn for good.
const SWITCHES: usize = 4;

#[derive(Clone, Copy)]
pub enum Scheduling {
    /// Anybody may be next, everywhere.
    Random,
    /// Tasks run by priority, which changes in a few places: it finds what needs few but certain switches.
    FewSwitches,
}

fn config(kept: FailurePersistence) -> Config {
    let mut config = Config::new();
    config.stack_size = STACK_BYTES;
    config.failure_persistence = kept;
    // That all orders are taken for the strongest is known; loom tries the others.
    config.silence_warnings = true;
    config
}

/// Plays so many schedules, or the one that is asked for.
pub fn schedules(scheduling: Scheduling, scene: impl Fn() + Send + Sync + 'static) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let config = config(FailurePersistence::File(Some(folder)));
    if let Some(file) = std::env::var_os("STEADFAST_SCHEDULE") {
        let scheduler = ReplayScheduler::new_from_file(file).expect("a schedule that was kept");
        Runner::new(scheduler, config).run(scene);
        return;
    }
    let count = std::env::var("STEADFAST_SCHEDULES").map_or(SCHEDULES, |count| count.parse().expect("a number"));
    let played = match scheduling {
        Scheduling::Random => Runner::new(RandomScheduler::new(count), config).run(scene),
        Scheduling::FewSwitches => Runner::new(PctScheduler::new(SWITCHES, count), config).run(scene),
    };
    println!("{played} schedules held");
}

/// What the first schedule that fails says; `None` if none does. Some faults need few switches, others many.
pub fn until_one_fails(scene: impl Fn() + Clone + Send + Sync + 'static) -> Option<String> {
    let config = || config(FailurePersistence::None);
    let few = || PctScheduler::new_from_seed(1, 3, SCHEDULES_PER_FAULT);
    let many = || RandomScheduler::new_from_seed(1, SCHEDULES_PER_FAULT);
    let failure = catch_unwind(AssertUnwindSafe(|| Runner::new(few(), config()).run(scene.clone())))
        .and_then(|_| catch_unwind(AssertUnwindSafe(|| Runner::new(many(), config()).run(scene.clone()))))
        .err()?;
    let text = failure.downcast_ref::<String>().cloned();
    Some(text.or_else(|| failure.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default())
}
