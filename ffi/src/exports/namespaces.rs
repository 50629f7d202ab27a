//! Namespaces: what is in each of them, and how much of it there may be.

use std::ffi::c_char;

use crate::{
    boundary::enter,
    codes::STEADFAST_OK,
    types::{ErrorReport, Quota, Steadfast, Text},
};

/// Bounds a namespace, known or not, from here on, instead of what the options say. What is there already stays, also
/// above the bound; nothing comes in until enough of it has gone: `STEADFAST_E_FULL`. It holds until it is replaced or
/// the registry is freed: a host that wants it again says so after each start.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_quota_set(
    registry: *const Steadfast,
    name_space: Text,
    quota: *const Quota,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let quota = caller.quota(quota)?;
            shell.core().set_namespace_quota(caller.text(name_space, "namespace")?, quota)?;
            Ok(STEADFAST_OK)
        })
    }
}

/// What there is in each namespace, by name, and how much there may be: a JSON array of `{"namespace", "services",
/// "instances", "present", "quota": {"instances_max", "services_max"}}` without a NUL, where `null` bounds nothing.
/// `*needed` becomes its length, also when the answer is `STEADFAST_E_BUFFER_TOO_SMALL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_namespaces(
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
            buffer.fill_json(&shell.core().namespaces())
        })
    }
}
