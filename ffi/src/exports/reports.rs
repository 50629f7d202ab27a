//! Answers for people, as JSON in the caller's buffer.

use std::ffi::c_char;

use steadfast_core::ServiceId;

use crate::{
    boundary::enter,
    codes::STEADFAST_E_NOT_FOUND,
    failure::Failure,
    types::{Address, ErrorReport, Steadfast},
};

/// Why an instance is as it is: effective values, orders, claim, last decision. JSON without a NUL; `*needed` becomes
/// its length, also when the answer is `STEADFAST_E_BUFFER_TOO_SMALL`.
///
/// `STEADFAST_E_NOT_FOUND`: nothing is known about the address, not even an order.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_explain(
    registry: *const Steadfast,
    service: u64,
    address: *const Address,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let buffer = caller.buffer(buffer.cast(), capacity, needed)?;
            let address = caller.address(address)?;
            let Some(explanation) = shell.core().explain(ServiceId::from_u64(service), &address)? else {
                return Err(Failure::new(STEADFAST_E_NOT_FOUND, format!("nothing is known about {address}")));
            };
            buffer.fill_json(&explanation)
        })
    }
}

/// Why a service is as it is, in numbers: who decides, every hold from above that reaches it, its instances by health,
/// traffic and reason, and why nothing serves when nobody does. A JSON object without a NUL; `*needed` as above. It
/// walks all instances of the service.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_explain_service(
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
            buffer.fill_json(&shell.core().explain_service(ServiceId::from_u64(service))?)
        })
    }
}

/// Every address of a service that has orders, pending ones too, as a JSON array without a NUL; `*needed` as above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_orders(
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
            buffer.fill_json(&shell.core().orders(ServiceId::from_u64(service))?)
        })
    }
}

/// The latest orders that were carried out, at most `limit`, oldest first, those before a restart included: who ordered
/// what, when and why, and whose hold it ended by force. Only the latest 1000 are at hand. A JSON array without a NUL;
/// `*needed` as above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_audit(
    registry: *const Steadfast,
    limit: usize,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let buffer = caller.buffer(buffer.cast(), capacity, needed)?;
            buffer.fill_json(&shell.core().audit(limit)?)
        })
    }
}

/// What happened to the registry itself (installs, refused policies, clock jumps), numbered, the last few hundred: all
/// with a number above `after`, as a JSON array without a NUL; `*needed` as above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_announcements(
    registry: *const Steadfast,
    after: u64,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let buffer = caller.buffer(buffer.cast(), capacity, needed)?;
            buffer.fill_json(&shell.core().announcements(after))
        })
    }
}

/// How much there is of everything, as a JSON object of numbers without a NUL; `*needed` as above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_counters(
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
            buffer.fill_json(&shell.core().counters())
        })
    }
}

/// How often each policy that decides now gave each of its reasons, since it was installed: the active one first, then
/// those of the routes. A JSON array of `{"policy", "digest", "epoch", "scope", "reason", "count"}` without a NUL;
/// `*needed` as above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_decisions(
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
            buffer.fill_json(&shell.core().decisions())
        })
    }
}
