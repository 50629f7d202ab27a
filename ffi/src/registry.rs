//! What a `steadfast_t` is: a registry of the core, its threads, its store, its queues.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};
use steadfast_core::{Now, Options, Policy, Registry, driver::Driver};

use crate::{
    engine::{self, Engine},
    failure::Failure,
    fork::ForkGuard,
    queues::Queues,
    storage::Keeping,
};

/// What a registry is opened with, read and checked.
pub(crate) struct Opening {
    pub(crate) keeping: Keeping,
    pub(crate) policies_folder: Option<PathBuf>,
    pub(crate) policy: String,
    /// With neither policy nor journal yet: both are made while it opens.
    pub(crate) core: Options,
    pub(crate) host_ticks: bool,
}

/// One registry with all that belongs to it.
pub(crate) struct Shell {
    core: Registry,
    fork: ForkGuard,
    queues: Queues,
    engine: Engine,
    host_ticks: bool,
    /// Taken by the first shutdown; a second one waits here until the first is done.
    driver: Mutex<Option<Driver>>,
}

impl Shell {
    pub(crate) fn open(opening: &Opening) -> Result<Shell, Failure> {
        let policy = first_policy(opening)?;
        let store = opening.keeping.open_store()?;
        let journal = opening.keeping.start_journal()?;
        let core = Registry::open(Options { policy, journal, ..opening.core.clone() }, store)?;
        let shell = Shell {
            engine: Engine::new(),
            fork: ForkGuard::new(),
            queues: Queues::default(),
            host_ticks: opening.host_ticks,
            driver: Mutex::new(None),
            core,
        };
        // From here on dropping the shell ends what was started. The driver's first tick comes before the folder's first
        // install, which then knows the time.
        if !opening.host_ticks {
            *locked(&shell.driver) = Some(Driver::start(&shell.core)?);
        }
        if let Some(folder) = &opening.policies_folder {
            shell.engine.watch(&shell.core, folder, &opening.policy)?;
        }
        Ok(shell)
    }

    pub(crate) fn core(&self) -> &Registry {
        &self.core
    }

    pub(crate) fn queues(&self) -> &Queues {
        &self.queues
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn host_ticks(&self) -> bool {
        self.host_ticks
    }

    pub(crate) fn is_shut_down(&self) -> bool {
        self.core.is_shut_down()
    }

    pub(crate) fn is_forked(&self) -> bool {
        self.fork.is_forked()
    }

    pub(crate) fn tick(&self, now: Now) {
        self.core.tick(now);
    }

    /// Ends everything, once; later calls return when the first has.
    pub(crate) fn shutdown(&self) {
        let mut driver = locked(&self.driver);
        // First the core: it answers "closed" from here on, wakes pollers, writes what is unwritten and lets go of the
        // data folder.
        self.core.shutdown();
        self.engine.stop();
        if let Some(driver) = driver.take() {
            driver.stop();
        }
    }

    pub(crate) fn policy_status(&self) -> Value {
        let policies = self.core.policies();
        let (active, routes) = policies.split_at(policies.len().min(1));
        json!({ "active": active.first(), "routes": routes, "folder": self.engine.folder_status() })
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        self.shutdown();
    }
}

/// What decides until the policies folder says otherwise.
fn first_policy(opening: &Opening) -> Result<Policy, Failure> {
    match opening.policies_folder {
        // The folder's first scan is done before the registry is handed out.
        Some(_) => Ok(Policy::admin_sticky()),
        None => engine::built_in(&opening.policy, "no policies folder is given"),
    }
}

/// A lock whose data is whole after a panic, because nothing is changed in steps under it.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
