//! A registry that shuts down does not wait for a policy that never ends. Alone in its process: it looks at threads.

mod guest;
mod watched;

use std::{fs, time::Instant};

use guest::Guest;
use steadfast_wasm::{FileError, FolderEvent, LoadError};
use watched::Watched;

#[test]
fn stopping_interrupts_a_load() {
    let watched = Watched::patient("alpha");
    let forever = Guest::named("alpha").configure("(loop $again (br $again))").component();
    fs::write(watched.path().join("alpha.wasm"), forever).unwrap();
    watched.until("loading began", |_| threads().iter().any(|name| name == "steadfast-load"));
    let stopping = Instant::now();
    let events = watched.stop();
    assert!(stopping.elapsed().as_secs() < 10, "{:?}", stopping.elapsed());
    let cancelled = |event: &FolderEvent| {
        matches!(event, FolderEvent::Refused { error: FileError::Load(LoadError::Cancelled), .. })
    };
    assert!(!events.iter().any(cancelled), "stopping is no fault of the file: {events:?}");
    assert!(threads().iter().all(|name| !name.starts_with("steadfast-")), "{:?}", threads());
}

/// Names of this process's threads, cut off at 15 bytes by the system.
#[cfg(target_os = "linux")]
fn threads() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux lists threads here");
    let name = |task: std::io::Result<fs::DirEntry>| fs::read_to_string(task.ok()?.path().join("comm")).ok();
    tasks.filter_map(name).map(|name| name.trim_end().to_owned()).collect()
}

/// Elsewhere the test still stops a folder that has a file to load.
#[cfg(not(target_os = "linux"))]
fn threads() -> Vec<String> {
    Vec::new()
}
