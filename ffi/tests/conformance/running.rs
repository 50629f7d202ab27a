//! A registry that was opened by the C ABI: its services, its watch queue, and where it keeps what outlives it.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    mem::MaybeUninit,
    path::{Path, PathBuf},
    process, ptr,
};

use steadfast_conformance::{Broken, Chosen, Opening};
use steadfast_core::ServiceName;
use steadfast_ffi::{
    codes::STEADFAST_OK,
    exports::{
        lifetime::{steadfast_free, steadfast_open, steadfast_options_init},
        services::steadfast_service,
        watches::{steadfast_queue_new, steadfast_queue_poll, steadfast_watch},
    },
    types::{Event, Options, STEADFAST_EVENT_ANNOUNCED, STEADFAST_EVENT_CHANGED, STEADFAST_THREADS_NONE, Steadfast},
};

use crate::{given::text, seen::code};

const EVENTS_AT_ONCE: usize = 64;

pub(crate) struct Running {
    pub(crate) registry: *mut Steadfast,
    queue: u64,
    services: BTreeMap<ServiceName, u64>,
}

impl Running {
    /// Opens a registry with a built-in policy, or for the empty name with the default one.
    pub(crate) fn open(opening: &Opening, policy: &str, data: Option<&Scratch>) -> Result<Running, Broken> {
        let folder = data.map(|folder| folder.0.to_string_lossy().into_owned()).unwrap_or_default();
        let mut options = MaybeUninit::<Options>::uninit();
        let (mut registry, mut queue) = (ptr::null_mut(), 0);
        // SAFETY: the options are filled before they are read; the texts outlive the call; all pointers are to locals.
        code(None, |error| unsafe {
            assert_eq!(steadfast_options_init(options.as_mut_ptr(), size_of::<Options>()), STEADFAST_OK);
            let options = options.assume_init();
            let (policy, data_folder, threads) = (text(policy), text(&folder), STEADFAST_THREADS_NONE);
            let retain_ms = opening.retain_ms.unwrap_or(options.retain_ms);
            let options = Options { threads, policy, data_folder, retain_ms, max_step_ms: 0, ..options };
            steadfast_open(&raw const options, &raw mut registry, error)
        })?;
        // From here on dropping it frees the registry.
        let mut running = Running { registry, queue, services: BTreeMap::new() };
        // SAFETY: the registry is open, and the pointer is to a local.
        code(None, |error| unsafe { steadfast_queue_new(registry, &raw mut queue, error) })?;
        running.queue = queue;
        Ok(running)
    }

    /// The id of a service, which is watched from here on.
    pub(crate) fn service(&mut self, name: &ServiceName) -> Result<u64, Broken> {
        if let Some(id) = self.services.get(name) {
            return Ok(*id);
        }
        let (namespace, group, service) = (text(&name.namespace), text(&name.group), text(&name.name));
        let mut id = 0;
        // SAFETY: the registry is open; the texts outlive the calls; all other pointers are to locals.
        code(None, |error| unsafe { steadfast_service(self.registry, namespace, group, service, &raw mut id, error) })?;
        // SAFETY: as above.
        code(None, |error| unsafe { steadfast_watch(self.registry, self.queue, id, 0, error) })?;
        self.services.insert(name.clone(), id);
        // The first poll after watching says where the service is, which is no change.
        self.changed()?;
        Ok(id)
    }

    /// The services that changed since this was last asked.
    pub(crate) fn changed(&self) -> Result<BTreeSet<ServiceName>, Broken> {
        let blank = Event { kind: 0, flags: 0, cookie: 0, object: 0, revision: 0, aux: 0 };
        let (mut events, mut count) = ([blank; EVENTS_AT_ONCE], 0);
        // SAFETY: the registry is open, and there is room for as many events as it is told.
        code(None, |_| unsafe {
            let places = events.as_mut_ptr();
            steadfast_queue_poll(self.registry, self.queue, places, EVENTS_AT_ONCE, 0, &raw mut count)
        })?;
        let mut changed = BTreeSet::new();
        for event in events.iter().take(count) {
            match event.kind {
                STEADFAST_EVENT_CHANGED => {
                    let named = self.services.iter().filter(|(_, id)| **id == event.object);
                    changed.extend(named.map(|(name, _)| name.clone()));
                }
                STEADFAST_EVENT_ANNOUNCED => {}
                kind => return Err(Broken::new(format!("event {kind} of a watch queue"))),
            }
        }
        Ok(changed)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SAFETY: opened once, freed once, and nobody else has it.
        unsafe { steadfast_free(self.registry) };
    }
}

/// A folder that is gone when it is dropped.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Result<Scratch, Broken> {
        let folder = env::temp_dir().join(format!("steadfast-conformance-{}", process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(Broken::new)?;
        Ok(Scratch(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What C is told about a policy: the name of a built-in one, or the bytes of a file and its parameters.
pub(crate) struct Source<'a> {
    pub(crate) name: &'a str,
    pub(crate) file: Vec<u8>,
    /// A JSON object, or empty where there is no file.
    pub(crate) params: String,
}

impl Source<'_> {
    pub(crate) fn of(policy: &Chosen) -> Result<Source<'_>, Broken> {
        let built_in = built_in(policy).map(|name| Source { name, file: Vec::new(), params: String::new() });
        built_in.map_or_else(|| Source::file(policy), Ok)
    }

    pub(crate) fn file(policy: &Chosen) -> Result<Source<'static>, Broken> {
        let params = serde_json::to_string(&policy.params).map_err(Broken::new)?;
        Ok(Source { name: "", file: guest(&policy.name)?, params })
    }
}

/// A built-in policy runs with its defaults; with parameters it comes as a file, like any other.
pub(crate) fn built_in(policy: &Chosen) -> Option<&str> {
    policy.params.is_empty().then_some(policy.name.as_str())
}

/// A policy as a file; the guests' workspace has built it.
fn guest(name: &str) -> Result<Vec<u8>, Broken> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/policies").join(name).with_extension("wasm");
    let missing = |error| Broken::new(format!("{}: {error}; run `cargo xtask wasm` first", file.display()));
    fs::read(&file).map_err(missing)
}
