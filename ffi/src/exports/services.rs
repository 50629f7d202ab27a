//! Names of services: resolved once, then used as ids.

use serde_json::json;

use crate::{
    boundary::enter,
    codes::{STEADFAST_E_NOT_FOUND, STEADFAST_OK},
    failure::Failure,
    types::{ErrorReport, Steadfast, Text},
};
use std::ffi::c_char;

/// Finds or creates a service; `*service` becomes its id, which holds until the registry is freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_service(
    registry: *const Steadfast,
    name_space: Text,
    group: Text,
    name: Text,
    service: *mut u64,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let service = caller.out(service, "service")?;
            let id = shell.core().service(&caller.service_name(name_space, group, name)?)?;
            service.write(id.to_u64());
            Ok(STEADFAST_OK)
        })
    }
}

/// Finds a service and creates none: `STEADFAST_E_NOT_FOUND` when there is none of this name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_service_find(
    registry: *const Steadfast,
    name_space: Text,
    group: Text,
    name: Text,
    service: *mut u64,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let service = caller.out(service, "service")?;
            let wanted = caller.service_name(name_space, group, name)?;
            let found = shell.core().find_service(&wanted.namespace, &wanted.group, &wanted.name);
            let id = found.ok_or_else(|| Failure::new(STEADFAST_E_NOT_FOUND, format!("no service {wanted}")))?;
            service.write(id.to_u64());
            Ok(STEADFAST_OK)
        })
    }
}

/// Writes all services as a JSON array of `{"id", "namespace", "group", "name", "revision"}` into `buffer`, without a
/// NUL. `*needed` becomes its length, also when the answer is `STEADFAST_E_BUFFER_TOO_SMALL`; the list may have grown
/// by the next call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_service_list(
    registry: *const Steadfast,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let core = shell.core();
            let buffer = caller.buffer(buffer.cast(), capacity, needed)?;
            let mut services = Vec::new();
            for id in core.services() {
                let name = core.service_name(id)?;
                services.push(json!({
                    "id": id.to_u64(),
                    "namespace": name.namespace,
                    "group": name.group,
                    "name": name.name,
                    "revision": core.revision(id)?,
                }));
            }
            buffer.fill_json(&services)
        })
    }
}
