//! A registry that shuts down does not wait for a policy that never ends. Alone in its process: it looks at threads.
#![cfg(target_os = "linux")]

mod guest;
mod watched;

use std::{fs, io, time::Instant};

use guest::Guest;
use steadfast_wasm::{FileError, FolderEvent, LoadError};
use watched::Watched;

const SIGSEGV: u64 = 11;
const SIGTERM: u64 = 15;
const SIGPROF: u64 = 27;

#[test]
fn stopping_interrupts_a_load() {
    let watched = Watched::patient("alpha");
    let forever = Guest::named("alpha").configure("(loop $again (br $again))").component();
    fs::write(watched.path().join("alpha.wasm"), forever).unwrap();
    watched.until("loading began", |_| threads().iter().any(|thread| thread.name == "steadfast-load"));
    for thread in threads().iter().filter(|thread| thread.is_ours()) {
        assert!(thread.blocks(SIGTERM) && thread.blocks(SIGPROF), "{} would run the host's handlers", thread.name);
        assert!(!thread.blocks(SIGSEGV), "{} would end the process without a word", thread.name);
    }
    let stopping = Instant::now();
    let events = watched.stop();
    assert!(stopping.elapsed().as_secs() < 10, "{:?}", stopping.elapsed());
    let cancelled = |event: &FolderEvent| {
        matches!(event, FolderEvent::Refused { error: FileError::Load(LoadError::Cancelled), .. })
    };
    assert!(!events.iter().any(cancelled), "stopping is no fault of the file: {events:?}");
    // A joined thread is listed until the system has swept it away.
    while threads().iter().any(Thread::is_ours) {
        assert!(stopping.elapsed().as_secs() < 20, "a thread of ours is left");
        std::thread::yield_now();
    }
}

struct Thread {
    name: String,
    blocked: u64,
}

impl Thread {
    fn is_ours(&self) -> bool {
        self.name.starts_with("steadfast-")
    }

    fn blocks(&self, signal: u64) -> bool {
        self.blocked >> (signal - 1) & 1 == 1
    }
}

/// This process's threads; one that ends meanwhile is left out.
fn threads() -> Vec<Thread> {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux lists threads here");
    tasks.filter_map(|task| thread(task).ok()).collect()
}

fn thread(task: io::Result<fs::DirEntry>) -> io::Result<Thread> {
    let status = fs::read_to_string(task?.path().join("status"))?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.map(str::trim).ok_or(io::ErrorKind::NotFound)
    };
    let blocked = u64::from_str_radix(field("SigBlk:")?, 16).map_err(io::Error::other)?;
    Ok(Thread { name: field("Name:")?.to_owned(), blocked })
}
