//! One load from bytes to table, on a thread of its own.

use std::{
    any::Any,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use steadfast_policy::{
    Table,
    law::{self, Proof},
};
use wasmtime::Engine;

use steadfast_core::threads::spawn_scoped;

use crate::{
    Digest, Halt, Limits, LoadError, Params, digest,
    engine::{compile, engine},
    guest::Template,
    interface,
    scan::scan,
    tabulate::tabulate,
};

/// The compiler recurses with the depth of the code; the caller's stack may be a JVM's, and small.
const STACK_BYTES: usize = 8 << 20;
/// How often a waiting caller looks whether it is enough.
const PATIENCE: Duration = Duration::from_millis(20);

/// A policy that passed everything.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoadedPolicy {
    /// The name in its manifest.
    pub name: String,
    /// All its answers.
    pub table: Arc<Table>,
    /// Of the component and its parameters.
    pub digest: Digest,
    /// Bytes of the component.
    pub size: usize,
    /// How many facts it was asked about.
    pub facts: usize,
    /// What the proof of its laws has visited.
    pub proof: Proof,
    /// Fuel of its dearest answer.
    pub decide_fuel: u64,
    /// How long loading took.
    pub took: Duration,
}

/// A way to give up on a load from another thread. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Gives up: loads that carry this end soon with [`LoadError::Cancelled`].
    pub fn cancel(&self) {
        // Only the flag itself is communicated, so no ordering with other memory is needed.
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Loads a component. Blocks until it is done or refused, at most little more than
/// [`time_max`](Limits::time_max); the work is done on a thread of its own.
pub fn load(bytes: &[u8], params: &Params, limits: &Limits) -> Result<LoadedPolicy, LoadError> {
    load_until(bytes, params, limits, &Cancel::default())
}

/// The same, with a way to give up.
pub(crate) fn load_until(
    bytes: &[u8],
    params: &Params,
    limits: &Limits,
    cancel: &Cancel,
) -> Result<LoadedPolicy, LoadError> {
    let started = Instant::now();
    // Without any thread or compiler: most bad files end here.
    scan(bytes, limits)?;
    let engine = engine()?;
    thread::scope(|scope| {
        let (done, waiting) = mpsc::channel::<()>();
        let work = || {
            let _done = done;
            run(&engine, bytes, params, limits, started)
        };
        let worker = spawn_scoped(scope, "steadfast-load", STACK_BYTES, work).map_err(|error| no_thread(&error))?;
        let enough = wait(&waiting, &engine, limits, started, cancel);
        match worker.join().unwrap_or_else(|panic| Err(panicked(&*panic))) {
            // An interruption shows as a guest that failed; what counts is who interrupted it, and why.
            Err(error) if error.is_interruption() => Err(enough.unwrap_or(error)),
            result => result,
        }
    })
}

/// Waits for the worker. When it is enough, says so to the guest until the worker has noticed.
fn wait(
    done: &mpsc::Receiver<()>,
    engine: &Engine,
    limits: &Limits,
    started: Instant,
    cancel: &Cancel,
) -> Option<LoadError> {
    let mut enough = None;
    while let Err(RecvTimeoutError::Timeout) = done.recv_timeout(PATIENCE) {
        if cancel.is_cancelled() {
            enough = Some(LoadError::Cancelled);
        } else if enough.is_none() && started.elapsed() > limits.time_max {
            enough = Some(LoadError::TimedOut { after: limits.time_max });
        }
        if enough.is_some() {
            // Again each time: an instance that starts later counts its deadline from then.
            engine.increment_epoch();
        }
    }
    enough
}

fn run(
    engine: &Engine,
    bytes: &[u8],
    params: &Params,
    limits: &Limits,
    started: Instant,
) -> Result<LoadedPolicy, LoadError> {
    let component = compile(engine, bytes)?;
    interface::check(engine, &component)?;
    let template = Template::new(engine, &component, limits)?;
    let tabulated = tabulate(&template, params, limits)?;
    let proof = law::prove(&tabulated.table).map_err(LoadError::Law)?;
    Ok(LoadedPolicy {
        name: tabulated.table.manifest().name.clone(),
        digest: digest(bytes, params),
        size: bytes.len(),
        facts: tabulated.table.entries().count(),
        table: Arc::new(tabulated.table),
        proof,
        decide_fuel: tabulated.decide_fuel,
        took: started.elapsed(),
    })
}

impl LoadError {
    fn is_interruption(&self) -> bool {
        let (LoadError::Start(halt) | LoadError::Configure(halt) | LoadError::Decide { halt, .. }) = self else {
            return false;
        };
        *halt == Halt::Interrupted
    }
}

fn no_thread(error: &std::io::Error) -> LoadError {
    LoadError::Internal { reason: format!("cannot start a thread: {error}") }
}

fn panicked(panic: &(dyn Any + Send)) -> LoadError {
    LoadError::Internal { reason: panic_text(panic) }
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panic: {}", text.unwrap_or("without a message"))
}
