//! What a registry is opened with, and how much a namespace may hold.

use super::Text;

/// The registry keeps time with two threads of its own.
pub const STEADFAST_THREADS_OWN: u32 = 0;
/// The registry starts no thread by itself; the host calls `steadfast_tick`.
pub const STEADFAST_THREADS_NONE: u32 = 1;

/// A journal is kept where there is a data folder and the registry has threads of its own.
pub const STEADFAST_JOURNAL_AUTO: u32 = 0;
/// A journal is kept. It needs a data folder, and a thread that writes it, also under `STEADFAST_THREADS_NONE`.
pub const STEADFAST_JOURNAL_ON: u32 = 1;
/// No journal is kept.
pub const STEADFAST_JOURNAL_OFF: u32 = 2;

/// What a registry is opened with. Fill it with `steadfast_options_init` first.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// `sizeof(steadfast_options_t)`.
    pub struct_size: u32,
    /// `STEADFAST_THREADS_OWN` (default) or `STEADFAST_THREADS_NONE`.
    pub threads: u32,
    /// Where orders and persistent instances are kept; created when it is missing. Empty (default): in memory only.
    pub data_folder: Text,
    /// Where `.wasm` policies are looked for and watched, by a thread of the library. Empty (default): no folder.
    pub policies_folder: Text,
    /// The active policy, `admin-sticky` by default. With a policies folder it is the file of that name with the
    /// ending `.wasm`, and the built-in `admin-sticky` decides while there is none; without a folder it is the name of
    /// a built-in policy (`admin-sticky`, `heartbeat-wins`, `restart-clears`, `maintenance-window`, `nacos-1-4`,
    /// `nacos-2x`, `eureka-chain`). A file is named after its policy, but `active.wasm` may hold any: with `active`
    /// here, replacing that one file exchanges what decides.
    pub policy: Text,
    /// How long an absent instance is remembered, in milliseconds; one hour by default. Orders are kept regardless.
    pub retain_ms: u64,
    /// The longest step of registry time that one tick can make, in milliseconds; 5000 by default, so that a host that
    /// was suspended expires nobody. 0 trusts the caller, for virtual time.
    pub max_step_ms: u64,
    /// Zero.
    pub reserved: u64,
    /// Most instances, remembered ones and waiting orders included: 1 to 16777216; 0 (default) for the most. When they
    /// are there, whoever is new is refused with `STEADFAST_E_FULL`; everything else goes on.
    pub instances_max: u64,
    /// Most services: 1 to 1048576; 0 (default) for the most.
    pub services_max: u64,
    /// Most instances that left and are remembered: 1 to 1048576; 0 (default) for the most. When they are there, who
    /// leaves is forgotten at once and counted; orders stay.
    pub tombstones_max: u64,
    /// What bounds each namespace that `steadfast_quota_set` was not called for: `STEADFAST_QUOTA_*`, added up; 0
    /// (default) for nothing.
    pub quota_fields: u32,
    /// Most instances in one namespace; read only with `STEADFAST_QUOTA_INSTANCES`.
    pub quota_instances: u32,
    /// Most services in one namespace; read only with `STEADFAST_QUOTA_SERVICES`.
    pub quota_services: u32,
    /// `STEADFAST_JOURNAL_*`: whether every decision is written to the folder `journal` in the data folder, for people
    /// and for `steadfast replay`. It is written behind, nobody waits for it, and no start reads it.
    pub journal: u32,
    /// Most bytes of the journal, whose oldest part is deleted first: at least 4194304; 0 (default) for 268435456, which
    /// are some four million decisions.
    pub journal_bytes: u64,
}

/// A quota bounds instances.
pub const STEADFAST_QUOTA_INSTANCES: u32 = 1;
/// A quota bounds services.
pub const STEADFAST_QUOTA_SERVICES: u32 = 2;

/// How much a namespace may hold. A number whose bit is not in `fields` bounds nothing.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// `sizeof(steadfast_quota_t)`.
    pub struct_size: u32,
    /// What is bounded: `STEADFAST_QUOTA_*`, added up.
    pub fields: u32,
    /// Most instances: present ones, remembered ones, and addresses with orders that wait for somebody to come.
    pub instances: u32,
    /// Most services.
    pub services: u32,
}
