//! The registry: what all services share, and how it opens, restores itself and closes.

use std::{hash::BuildHasher, sync::Arc};

#[cfg(shuttle)]
use crate::faults;
use crate::{
    announce::Announcements,
    audit::StoredAudit,
    barrier,
    connections::Connections,
    counters::Counting,
    error::{AccessError, OpenError, ServiceError},
    floor_holds::IpFloors,
    garbage::Bin,
    gate::Gate,
    handle::{Handle, ServiceId},
    hashing::RandomState,
    index::Index,
    interner::Interner,
    journal::{Journal, Opening},
    key::Key,
    ledger::Ledger,
    limits::{HOSTS_MAX, SERVICES_MAX},
    name::{Address, NameParts, ServiceName},
    namespaces::Namespaces,
    options::Options,
    outage::Outage,
    ring::Ring,
    routing::Routing,
    service::Service,
    slots::Slots,
    store::{Store, StoreError},
    sync::{AtomicBool, AtomicU32, AtomicU64, Mutex, OnceLock, Ordering},
    time::{Clock, Step, steps},
    wheel::{Inbox, Wheel},
};

const CHUNK: usize = 1024;

/// Services never move and stay until the registry is freed.
type Chunk = Box<[Place]>;

/// Room for one service. It begins where a cache line does, so that what lookups touch of a service is one.
#[derive(Default)]
#[repr(align(64))]
struct Place(OnceLock<Service>);

#[cfg(not(any(loom, shuttle)))]
const _: () = assert!(size_of::<Place>() == 128, "two cache lines");

/// Bits of a revision below the boot number: a trillion changes of one service in one boot.
const BOOT_SHIFT: u32 = 40;

/// A service registry. Cloning is cheap; all clones are the same registry.
#[derive(Clone)]
pub struct Registry {
    pub(crate) inner: Arc<Inner>,
}

/// What all services share.
pub(crate) struct Inner {
    now: AtomicU32,
    closed: AtomicBool,
    wall_ms: AtomicU64,
    pub(crate) slots: Slots,
    /// Where all that readers could reach ends.
    pub(crate) bin: Arc<Bin>,
    pub(crate) names: Interner,
    hasher: RandomState,
    pub(crate) keys: Index,
    service_index: Index,
    services: Box<[OnceLock<Chunk>]>,
    service_count: AtomicU32,
    services_max: usize,
    pub(crate) tombstones_max: u64,
    pub(crate) namespaces: Namespaces,
    creating: Mutex<()>,
    pub(crate) inbox: Inbox,
    pub(crate) ticker: Mutex<Ticker>,
    pub(crate) ring: Ring,
    pub(crate) ledger: Ledger,
    /// Floors of whole ips.
    pub(crate) ip_floors: IpFloors,
    pub(crate) announcements: Announcements,
    pub(crate) counters: Counting,
    pub(crate) connections: Connections,
    /// Which policy decides where. A leaf lock, taken to copy the pointer or to replace it.
    pub(crate) routing: Mutex<Arc<Routing>>,
    /// Installs and route changes are serial.
    pub(crate) installing: Mutex<()>,
    pub(crate) queues: AtomicU32,
    #[cfg(all(target_os = "linux", feature = "driver"))]
    pub(crate) herald: crate::herald::Herald,
    pub(crate) retain: Step,
    pub(crate) flush_in_tick: bool,
    pub(crate) journal: Option<Arc<dyn Journal>>,
    boot: u64,
}

/// What only the ticker uses.
pub(crate) struct Ticker {
    pub(crate) clock: Clock,
    pub(crate) wheel: Wheel,
    /// Service and slot of those whose deadline has come in the step that is being delivered.
    pub(crate) candidates: Vec<(u32, u32)>,
    pub(crate) outage: Outage,
}

impl Ticker {
    fn new(max_step_ms: u64) -> Ticker {
        let (clock, wheel) = (Clock::new(max_step_ms), Wheel::new());
        Ticker { clock, wheel, candidates: Vec::new(), outage: Outage::default() }
    }
}

impl Registry {
    /// Opens a registry on what its store remembers: orders and persistent instances are back before this returns.
    pub fn open(options: Options, mut store: Box<dyn Store>) -> Result<Registry, OpenError> {
        options.validate()?;
        barrier::register();
        let boot = crate::restore::next_boot(store.as_mut())?;
        let mut records = crate::restore::read(store.as_mut())?;
        if let Some(journal) = &options.journal {
            journal.opened(Opening { boot, retain_ms: options.retain_ms });
        }
        let quota = options.namespace_quota;
        let inner = Inner::new(options, store, boot, records.take_audit());
        let registry = Registry { inner: Arc::new(inner) };
        records.restore(&registry.inner)?;
        // What was acknowledged comes back whatever the quota is now.
        registry.inner.namespaces.bound_all(quota);
        Ok(registry)
    }

    /// Closes the registry: from here on every call answers that it is closed. Any thread, any number of times. What
    /// policies changed is written, and the store is let go.
    pub fn shutdown(&self) {
        if !self.inner.closed.swap(true, Ordering::SeqCst) {
            self.inner.ledger.close(&self.inner);
            if let Some(journal) = &self.inner.journal {
                journal.closed();
            }
        }
        self.inner.ring.notify();
    }

    /// Whether the registry was shut down.
    pub fn is_shut_down(&self) -> bool {
        self.inner.is_closed()
    }

    /// Writes what policies changed since the last flush. Orders never wait for this.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.inner.ledger.flush(&self.inner)
    }

    /// The service of a name; an unknown one is created.
    pub fn service(&self, name: &ServiceName) -> Result<ServiceId, ServiceError> {
        self.inner.check_open()?;
        name.validate()?;
        self.inner.service_or_create(name).map(ServiceId::at)
    }

    /// The service of a name, without creating it and without a lock.
    pub fn find_service(&self, namespace: &str, group: &str, name: &str) -> Option<ServiceId> {
        self.inner.find_service(namespace, group, name).map(ServiceId::at)
    }

    /// The name of a service.
    pub fn service_name(&self, service: ServiceId) -> Result<ServiceName, AccessError> {
        self.inner.service(service).map(|service| service.name().to_name())
    }

    /// Every service, in the order in which they came.
    pub fn services(&self) -> Vec<ServiceId> {
        (0..self.inner.service_count()).map(ServiceId::at).collect()
    }
}

impl Inner {
    fn new(options: Options, store: Box<dyn Store>, boot: u64, audit: StoredAudit) -> Inner {
        let Options { policy, retain_ms, max_step_ms, flush_in_tick, journal, .. } = options;
        let Options { instances_max, services_max, tombstones_max, .. } = options;
        let hasher = RandomState::default();
        let bin = Bin::new();
        Inner {
            now: AtomicU32::new(0),
            closed: AtomicBool::new(false),
            wall_ms: AtomicU64::new(0),
            slots: Slots::new(hasher.hash_one(boot) as u32, instances_max),
            names: Interner::new(HOSTS_MAX, &bin),
            hasher,
            keys: Index::new(&bin),
            service_index: Index::new(&bin),
            bin,
            services: (0..SERVICES_MAX / CHUNK).map(|_| OnceLock::new()).collect(),
            service_count: AtomicU32::new(0),
            services_max,
            tombstones_max: tombstones_max as u64,
            namespaces: Namespaces::default(),
            creating: Mutex::default(),
            inbox: Inbox::default(),
            ticker: Mutex::new(Ticker::new(max_step_ms)),
            ring: Ring::new(),
            ledger: Ledger::new(store, boot, audit),
            ip_floors: IpFloors::default(),
            announcements: Announcements::default(),
            counters: Counting::default(),
            connections: Connections::default(),
            routing: Mutex::new(Arc::new(Routing::new(policy))),
            installing: Mutex::default(),
            queues: AtomicU32::new(0),
            #[cfg(all(target_os = "linux", feature = "driver"))]
            herald: crate::herald::Herald::default(),
            retain: steps(retain_ms) + 1,
            flush_in_tick,
            journal,
            boot,
        }
    }

    /// Registry time of the last tick.
    #[inline]
    pub(crate) fn now(&self) -> Step {
        // Relaxed: a beat that sees the time before a tick is a beat before that tick.
        self.now.load(Ordering::Relaxed)
    }

    pub(crate) fn set_now(&self, now: Step) {
        self.now.store(now, Ordering::Relaxed);
    }

    pub(crate) fn wall_ms(&self) -> u64 {
        self.wall_ms.load(Ordering::Relaxed)
    }

    pub(crate) fn set_wall_ms(&self, wall_ms: u64) {
        self.wall_ms.store(wall_ms, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        // Acquire: who sees the registry closed sees everything that was done before it was closed.
        self.closed.load(Ordering::Acquire)
    }

    pub(crate) fn check_open(&self) -> Result<(), AccessError> {
        if self.is_closed() { Err(AccessError::Closed) } else { Ok(()) }
    }

    /// The service of an id that a host kept.
    pub(crate) fn service(&self, id: ServiceId) -> Result<&Service, AccessError> {
        self.check_open()?;
        self.service_at(id.index().ok_or(AccessError::UnknownService)?)
    }

    pub(crate) fn service_at(&self, index: u32) -> Result<&Service, AccessError> {
        let chunk = self.services.get(index as usize / CHUNK).and_then(OnceLock::get);
        chunk.and_then(|chunk| chunk[index as usize % CHUNK].0.get()).ok_or(AccessError::UnknownService)
    }

    pub(crate) fn service_count(&self) -> u32 {
        // Acquire: a counted service is there.
        self.service_count.load(Ordering::Acquire)
    }

    /// How many services there are, such that every later one is created by somebody who sees what the caller did
    /// before this call.
    pub(crate) fn count_services_created(&self) -> u32 {
        let _creating = self.creating.lock();
        self.service_count()
    }

    pub(crate) fn find_service(&self, namespace: &str, group: &str, name: &str) -> Option<u32> {
        let name = NameParts { namespace, group, name };
        let is_it = |index| self.service_at(index).is_ok_and(|service| service.name() == name);
        self.service_index.find(self.hash_name(name), is_it)
    }

    pub(crate) fn service_or_create(&self, name: &ServiceName) -> Result<u32, ServiceError> {
        let find = || self.find_service(&name.namespace, &name.group, &name.name);
        if let Some(index) = find() {
            return Ok(index);
        }
        let _creating = self.creating.lock();
        #[cfg(shuttle)]
        let find = || find().filter(|_| !faults::is(faults::Fault::CreatedTwice));
        if let Some(index) = find() {
            return Ok(index);
        }
        let index = self.service_count.load(Ordering::Relaxed);
        let full = ServiceError::Full(self.services_max);
        let chunk = self.services.get(index as usize / CHUNK).filter(|_| (index as usize) < self.services_max);
        let chunk = chunk.ok_or(full)?;
        let namespace = self.namespaces.of(&name.namespace).map_err(ServiceError::Namespaces)?;
        namespace.take_service()?;
        let chunk = chunk.get_or_init(|| (0..CHUNK).map(|_| Place::default()).collect());
        let policy = Arc::clone(self.routing().resolve(name.parts()));
        let service = Service::new(index, name, namespace, policy, self.boot << BOOT_SHIFT, &self.bin);
        let _ = chunk[index as usize % CHUNK].0.set(service);
        self.service_count.store(index + 1, Ordering::Release);
        self.service_index.insert(self.hash_of(index), index);
        // A policy that was installed between the two lines above visits listed services only.
        self.catch_up(index);
        Ok(index)
    }

    fn hash_of(&self, service: u32) -> u64 {
        self.service_at(service).map_or(0, |service| self.hash_name(service.name()))
    }

    fn hash_name(&self, name: NameParts<'_>) -> u64 {
        self.hasher.hash_one((name.namespace, name.group, name.name))
    }

    #[inline]
    pub(crate) fn hash_key(&self, key: Key) -> u64 {
        self.hasher.hash_one(key)
    }

    /// The slot of a key. Without a lock.
    #[inline]
    pub(crate) fn find_slot(&self, key: Key) -> Option<u32> {
        self.keys.find(self.hash_key(key), |slot| self.slots.key(slot) == Some(key))
    }

    pub(crate) fn insert_key(&self, key: Key, slot: u32) {
        self.keys.insert(self.hash_key(key), slot);
    }

    pub(crate) fn remove_key(&self, key: Key, slot: u32) {
        self.keys.remove(self.hash_key(key), slot);
    }

    /// The key of a slot that is in use; of one that never was, a key that nobody has.
    pub(crate) fn key(&self, slot: u32) -> Key {
        self.slots.key(slot).unwrap_or(Key::from_words([u64::MAX; 2]))
    }

    /// The handle of an instance, under its service's mutex: nobody else frees its slot, so the generation is its own.
    pub(crate) fn handle(&self, slot: u32) -> Handle {
        Handle::new(self.slots.gate(slot).map_or(0, Gate::generation), slot)
    }

    /// The address of a slot that is in use.
    pub(crate) fn address(&self, slot: u32) -> Address {
        self.key(slot).address(&self.names)
    }

    pub(crate) fn set_open(&self, slot: u32, open: bool) {
        if let Some(gate) = self.slots.gate(slot) {
            gate.set_open(open);
        }
    }

    pub(crate) fn restart_clock(&self, slot: u32, now: Step) {
        if let Some(gate) = self.slots.gate(slot) {
            gate.restart_clock(now);
        }
    }

    /// Sets the next deadline of a slot, from the start of its clock.
    pub(crate) fn arm(&self, slot: u32, timeout: Option<Step>) {
        let (Some(gate), Some(timer)) = (self.slots.gate(slot), self.slots.timer(slot)) else { return };
        if timer.arm(timeout)
            && let Some(timeout) = timeout
        {
            self.inbox.push(slot, gate.last_beat().saturating_add(timeout));
        }
    }
}
