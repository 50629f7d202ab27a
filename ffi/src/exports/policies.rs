//! Which policy decides.

use std::ffi::c_char;

use crate::{
    boundary::enter,
    codes::STEADFAST_OK,
    engine,
    types::{ErrorReport, Install, Steadfast, Text},
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

/// Writes what decides now, and what the policies folder holds, as a JSON object `{"active", "folder"}` into `buffer`,
/// without a NUL. `*needed` becomes its length, also when the answer is `STEADFAST_E_BUFFER_TOO_SMALL`.
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
