//! The threads that drive a registry where the host has none to spare. The only file of the core that names a clock.

use std::{
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::{
    error::OpenError,
    registry::Registry,
    sync::{AtomicBool, Condvar, Mutex, Ordering},
    threads,
    time::{Now, STEP_MS},
};

const FLUSH_EVERY: Duration = Duration::from_millis(500);
const STACK_BYTES: usize = 512 * 1024;

/// Ticks a registry every 100 ms and writes what policies changed, on two threads of its own.
///
/// The threads are named, block all asynchronous signals (those belong to the host) and end with [`Driver::stop`].
pub struct Driver {
    registry: Registry,
    stop: Arc<Stop>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Stop {
    stopped: AtomicBool,
    lock: Mutex<()>,
    wake: Condvar,
}

impl Stop {
    /// Sleeps, but not past a stop; says whether to go on.
    fn sleep(&self, duration: Duration) -> bool {
        let mut lock = self.lock.lock();
        if !self.stopped.load(Ordering::Acquire) {
            self.wake.wait_for(&mut lock, duration);
        }
        !self.stopped.load(Ordering::Acquire)
    }

    fn stop(&self) {
        let lock = self.lock.lock();
        self.stopped.store(true, Ordering::Release);
        drop(lock);
        self.wake.notify_all();
    }
}

impl Driver {
    /// Starts the threads. The first tick has been taken when this returns.
    pub fn start(registry: &Registry) -> Result<Driver, OpenError> {
        let mut driver = Driver { registry: registry.clone(), stop: Arc::default(), threads: Vec::new() };
        let origin = Instant::now();
        registry.tick(now(origin));
        let (ticked, stop) = (registry.clone(), Arc::clone(&driver.stop));
        driver.spawn("steadfast-tick", move || {
            while stop.sleep(Duration::from_millis(STEP_MS)) {
                ticked.tick(now(origin));
            }
        })?;
        let (flushed, stop) = (registry.clone(), Arc::clone(&driver.stop));
        driver.spawn("steadfast-flush", move || {
            while stop.sleep(FLUSH_EVERY) {
                // A failure is announced where it happens, and tried again at a later turn.
                let _ = flushed.flush();
            }
        })?;
        Ok(driver)
    }

    /// Shuts the registry down and waits for the threads to end.
    pub fn stop(mut self) {
        self.halt();
    }

    fn halt(&mut self) {
        self.registry.shutdown();
        self.stop.stop();
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing more to do.
            let _ = thread.join();
        }
    }

    fn spawn(&mut self, name: &'static str, run: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
        let thread = threads::spawn(name, STACK_BYTES, run).map_err(|source| OpenError::Thread { name, source })?;
        self.threads.push(thread);
        Ok(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.halt();
    }
}

fn now(origin: Instant) -> Now {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now { mono_ms: millis(origin.elapsed()), wall_ms: millis(wall) }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
