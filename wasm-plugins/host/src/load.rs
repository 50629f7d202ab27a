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

use steadfast_core::{Policy, Unproven, threads::spawn_scoped};
use steadfast_policy::{Table, law::Proof};
use wasmtime::Engine;

use crate::{
    Digest, Halt, Limits, LoadError, Params, Progress, digest,
    engine::{compile, engine},
    guest::Template,
    interface,
    scan::scan,
    tabulate::{Tabulated, tabulate},
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
    load_telling(bytes, params, limits, &mut |_| {})
}

/// The same, and tells what it is doing, on the caller's thread.
pub fn load_telling(
    bytes: &[u8],
    params: &Params,
    limits: &Limits,
    tell: &mut dyn FnMut(Progress),
) -> Result<LoadedPolicy, LoadError> {
    load_until(bytes, params, limits, &Cancel::default(), tell)
}

/// Does everything that [`load`] does but the proof, so that a policy which breaks a law it claims can be looked at.
pub fn load_unproven(bytes: &[u8], params: &Params, limits: &Limits) -> Result<Unproven, LoadError> {
    let work = |engine: &Engine, tell: &dyn Fn(Progress)| {
        let tabulated = ask(engine, bytes, params, limits, tell)?;
        Ok(Unproven::new(tabulated.table, digest(bytes, params).to_string()))
    };
    on_a_thread(bytes, limits, &Cancel::default(), &mut |_| {}, work)
}

/// Loads, with a way to give up.
pub(crate) fn load_until(
    bytes: &[u8],
    params: &Params,
    limits: &Limits,
    cancel: &Cancel,
    tell: &mut dyn FnMut(Progress),
) -> Result<LoadedPolicy, LoadError> {
    let started = Instant::now();
    let work = |engine: &Engine, tell: &dyn Fn(Progress)| {
        let Tabulated { table, decide_fuel } = ask(engine, bytes, params, limits, tell)?;
        tell(Progress::Prove { laws: table.manifest().laws.len() });
        let digest = digest(bytes, params);
        let unproven = Unproven::new(table, digest.to_string());
        let (Policy { table, .. }, proof) =
            unproven.prove(&mut |law| tell(Progress::Proven(law))).map_err(LoadError::Law)?;
        tell(Progress::Done);
        let (name, facts) = (table.manifest().name.clone(), table.entries().count());
        Ok(LoadedPolicy { name, table, digest, size: bytes.len(), facts, proof, decide_fuel, took: started.elapsed() })
    };
    on_a_thread(bytes, limits, cancel, tell, work)
}

/// Scans, and does the rest of the work on a thread of its own while the caller waits, listens and may give up.
fn on_a_thread<T: Send>(
    bytes: &[u8],
    limits: &Limits,
    cancel: &Cancel,
    tell: &mut dyn FnMut(Progress),
    work: impl FnOnce(&Engine, &dyn Fn(Progress)) -> Result<T, LoadError> + Send,
) -> Result<T, LoadError> {
    let started = Instant::now();
    tell(Progress::Scan);
    // Without any thread or compiler: most bad files end here.
    scan(bytes, limits)?;
    let engine = engine()?;
    thread::scope(|scope| {
        let (told, hearing) = mpsc::channel::<Progress>();
        let engine = &engine;
        let work = move || {
            work(engine, &|progress| {
                // The caller hears everything until this closure is gone.
                let _ = told.send(progress);
            })
        };
        let worker = spawn_scoped(scope, "steadfast-load", STACK_BYTES, work).map_err(|error| no_thread(&error))?;
        let enough = wait(&hearing, engine, limits, started, cancel, tell);
        match worker.join().unwrap_or_else(|panic| Err(panicked(&*panic))) {
            // An interruption shows as a guest that failed; what counts is who interrupted it, and why.
            Err(error) if error.is_interruption() => Err(enough.unwrap_or(error)),
            result => result,
        }
    })
}

/// Waits for the worker and passes on what it tells. When it is enough, says so to the guest until the worker has
/// noticed.
fn wait(
    hearing: &mpsc::Receiver<Progress>,
    engine: &Engine,
    limits: &Limits,
    started: Instant,
    cancel: &Cancel,
    tell: &mut dyn FnMut(Progress),
) -> Option<LoadError> {
    let mut enough = None;
    loop {
        match hearing.recv_timeout(PATIENCE) {
            Ok(progress) => tell(progress),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return enough,
        }
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
}

/// Everything between the scan and the proof.
fn ask(
    engine: &Engine,
    bytes: &[u8],
    params: &Params,
    limits: &Limits,
    tell: &dyn Fn(Progress),
) -> Result<Tabulated, LoadError> {
    tell(Progress::Compile);
    let component = compile(engine, bytes)?;
    tell(Progress::Interface);
    interface::check(engine, &component)?;
    let template = Template::new(engine, &component, limits)?;
    tabulate(&template, params, limits, tell)
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
