//! Opening, keeping time, ending.

use std::{ffi::c_char, ptr};

use steadfast_core::Now;

use crate::{
    args::Caller,
    boundary::{enter, guard},
    codes::{self, STEADFAST_OK},
    failure::Failure,
    registry::Shell,
    types::{ErrorReport, Options, STEADFAST_JOURNAL_AUTO, STEADFAST_THREADS_OWN, Steadfast, Text},
};

/// Programs and library must agree on it; it grows with every incompatible change of this header.
pub const STEADFAST_ABI_MAJOR: u32 = 0;
/// While the major number is 0, programs and library must agree on it too.
pub const STEADFAST_ABI_MINOR: u32 = 1;

const VERSION: &str = concat!("steadfast ", env!("CARGO_PKG_VERSION"), "\0");
const EMPTY: Text = Text { data: ptr::null(), len: 0 };

/// The library's `STEADFAST_ABI_MAJOR << 16 | STEADFAST_ABI_MINOR`. A program compares it with its header's before it
/// calls anything else.
#[unsafe(no_mangle)]
pub extern "C" fn steadfast_abi_version() -> u32 {
    STEADFAST_ABI_MAJOR << 16 | STEADFAST_ABI_MINOR
}

/// Name and version of the library, NUL-terminated; never freed.
#[unsafe(no_mangle)]
pub extern "C" fn steadfast_version_string() -> *const c_char {
    VERSION.as_ptr().cast()
}

/// The fixed English text of a code, NUL-terminated; never freed. Codes that this version does not know have one text.
#[unsafe(no_mangle)]
pub extern "C" fn steadfast_error_message(code: i32) -> *const c_char {
    codes::text_with_nul(code).as_ptr().cast()
}

/// Fills `options` with the defaults. `size` is `sizeof(steadfast_options_t)`; `struct_size` becomes it. A program that
/// was compiled with fewer options leaves the others at their defaults.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_options_init(options: *mut Options, size: usize) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe { guard(ptr::null_mut(), |caller| caller.options_init(options, size, defaults())) }
}

fn defaults() -> Options {
    let core = steadfast_core::Options::default();
    Options {
        struct_size: 0,
        threads: STEADFAST_THREADS_OWN,
        data_folder: EMPTY,
        policies_folder: EMPTY,
        policy: EMPTY,
        retain_ms: core.retain_ms,
        max_step_ms: core.max_step_ms,
        reserved: 0,
        instances_max: 0,
        services_max: 0,
        tombstones_max: 0,
        quota_fields: 0,
        quota_instances: 0,
        quota_services: 0,
        journal: STEADFAST_JOURNAL_AUTO,
        journal_bytes: 0,
    }
}

/// Opens a registry: reads the data folder back, loads the active policy and starts the threads, as the options say.
///
/// `*out` becomes the registry; the caller ends it with `steadfast_shutdown` and `steadfast_free`. One process at a
/// time can have a data folder open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_open(
    options: *const Options,
    out: *mut *mut Steadfast,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        guard(error, |caller| {
            let out = caller.out(out, "out")?;
            let shell = Shell::open(&caller.opening(options)?)?;
            out.write(Box::into_raw(Box::new(Steadfast(shell))));
            Ok(STEADFAST_OK)
        })
    }
}

/// Ends the registry: wakes pollers, writes what is still unwritten, stops and joins the library's threads, releases
/// the data folder. Any thread may call it, any number of times; it returns when the end is reached.
///
/// Calls that are under way finish; later ones answer `STEADFAST_E_CLOSED`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_shutdown(registry: *const Steadfast) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        guard(ptr::null_mut(), |caller| {
            caller.registry(registry)?.shutdown();
            Ok(STEADFAST_OK)
        })
    }
}

/// Releases the registry, after a shutdown if there was none. NULL is ignored.
///
/// (transfer full) No other call on this registry may be under way or follow. Views stay readable. In a forked child
/// nothing is released.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_free(registry: *mut Steadfast) {
    // SAFETY: the caller keeps the header's promises; after this call the pointer is gone.
    unsafe {
        guard(ptr::null_mut(), |caller| {
            if !registry.is_null() && caller.registry(registry).is_ok() {
                // It was made by `Box::into_raw` in `steadfast_open`, and this is its one release (promised).
                drop(Box::from_raw(registry));
            }
            Ok(STEADFAST_OK)
        });
    }
}

/// Tells a registry opened with `STEADFAST_THREADS_NONE` what time it is: `mono_ms` of a clock that never jumps, from
/// any origin, and `wall_ms` since 1970. The first tick only sets the origin. All deadlines up to now are decided before
/// it returns.
///
/// One thread at a time. A registry with threads of its own answers `STEADFAST_E_OWN_THREADS`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_tick(registry: *const Steadfast, mono_ms: u64, wall_ms: u64) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, ptr::null_mut(), |shell, _: &Caller| {
            if !shell.host_ticks() {
                return Err(Failure::plain(codes::STEADFAST_E_OWN_THREADS));
            }
            shell.tick(Now { mono_ms, wall_ms });
            Ok(STEADFAST_OK)
        })
    }
}

/// Writes what policies changed (cleared orders, for example) to the data folder now instead of within a second.
/// Orders are durable before their call returns and need no flush.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_flush(registry: *const Steadfast, error: *mut ErrorReport) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, _| {
            shell.core().flush()?;
            Ok(STEADFAST_OK)
        })
    }
}
