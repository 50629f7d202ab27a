//! Which policy decides.

use std::ffi::c_char;

use steadfast_core::ServiceId;

use super::bulk::keep;
use crate::{
    args,
    boundary::enter,
    codes::STEADFAST_OK,
    engine,
    types::{ErrorReport, Install, Report, Route, Routed, Steadfast, Text},
};

/// Loads a policy from the bytes of a `.wasm` component or of a `.table` file, proves it, and installs it; it returns
/// when the last service has moved. `params` is a JSON object of texts, or empty; for a `.table` file, which was made
/// with its parameters, it is empty. `install` may be NULL.
///
/// A policy that is refused leaves the one before it in place, and the message says why. With a policies folder a
/// change of the active file replaces what was installed here. A library built without WebAssembly takes `.table`
/// files, and answers `STEADFAST_E_UNSUPPORTED` to everything else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_policy_install(
    registry: *const Steadfast,
    policy: *const u8,
    policy_len: usize,
    params: Text,
    install: *mut Install,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let install = caller.out_struct_optional(install, "install")?;
            let bytes = caller.array(policy, policy_len, "policy")?;
            let policy = engine::from_file(shell.engine(), bytes, caller.text(params, "params")?)?;
            let report = shell.core().install(policy)?;
            install.write_with(|| Install::of(&report));
            Ok(STEADFAST_OK)
        })
    }
}

/// Replaces the routes, all or nothing: each gives a part of the registry a policy of its own, beside the active one.
/// It returns when the last service has moved. `count` 0 removes them all; at most 4096 are allowed.
///
/// `effect` (may be NULL) receives the numbers. `*report` (`report` may be NULL) becomes all of it, to be released with
/// `steadfast_report_release`: a JSON object with one report in `moves` for each pair of policies between which services
/// moved, and the exact difference of the two.
///
/// Any error leaves every route as it was; the message says which one is wrong. With a policies folder a change of its
/// `routes.toml`, or of a file that is named there, replaces what was routed here.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_route(
    registry: *const Steadfast,
    routes: *const Route,
    count: usize,
    effect: *mut Routed,
    report: *mut *const Report,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let effect = caller.out_struct_optional(effect, "effect")?;
            let report = caller.out_optional(report, "report")?;
            let done = shell.core().route(&caller.routes(shell.engine(), routes, count)?)?;
            keep(report, || args::json(&done))?;
            effect.write_with(|| Routed::of(&done));
            Ok(STEADFAST_OK)
        })
    }
}

/// Writes the policy that decides for a service, as a JSON object without a NUL, into `buffer`; its `scope` is that of
/// the route, null for the active policy. `*needed` becomes its length, also when the answer is
/// `STEADFAST_E_BUFFER_TOO_SMALL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_policy_of(
    registry: *const Steadfast,
    service: u64,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let buffer = caller.buffer(buffer.cast(), capacity, needed)?;
            buffer.fill_json(&shell.core().policy_of(ServiceId::from_u64(service))?)
        })
    }
}

/// Writes what decides now, and what the policies folder holds, as a JSON object `{"active", "routes", "folder"}` into
/// `buffer`, without a NUL; `routes` are the policies that decide for a part of the registry, each with its `scope`.
/// `*needed` becomes its length, also when the answer is `STEADFAST_E_BUFFER_TOO_SMALL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_policy_status(
    registry: *const Steadfast,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let buffer = caller.buffer(buffer.cast(), capacity, needed)?;
            buffer.fill_json(&shell.policy_status())
        })
    }
}

impl Install {
    fn of(report: &steadfast_core::InstallReport) -> Install {
        Install {
            struct_size: 0,
            unchanged: report.unchanged.into(),
            epoch: report.epoch,
            services: report.services,
            instances: report.instances,
            changed: report.changed,
            left: report.left,
        }
    }
}
