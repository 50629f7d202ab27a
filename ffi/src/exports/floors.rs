//! Holds on a whole service, one cluster of it, or everything on one ip.

use std::ffi::c_char;

use steadfast_core::FloorReply;

use crate::{
    args::OutStruct,
    boundary::enter,
    codes::STEADFAST_OK,
    types::{Author, ErrorReport, FloorEffect, FloorTarget, Steadfast, Text},
};

/// Lays a hold as a floor under a service, one cluster of it, or an ip: whatever the policy says of an instance there,
/// its traffic is at least that restricted, and `STEADFAST_HOLD_BANNED` refuses registrations. Policies neither see nor
/// clear it. A second one by the same owner replaces the first. `kind`, `until_ms` and `effect` are as for
/// `steadfast_hold_place`.
///
/// It is durable, and visible in every service, when the call returns `STEADFAST_OK`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_floor_place(
    registry: *const Steadfast,
    target: *const FloorTarget,
    kind: u32,
    author: *const Author,
    until_ms: u64,
    effect: *mut FloorEffect,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let effect = caller.out_struct_optional(effect, "effect")?;
            let target = caller.floor_target(shell.core(), target)?;
            let order = caller.hold_order(kind, author, until_ms)?;
            Ok(done(effect, &shell.core().hold_floor(&target, &order)?))
        })
    }
}

/// Releases the hold of `author`'s owner on a service, a cluster or an ip. `effect` (may be NULL) says whether there was
/// one (`found`), and which others still lie there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_floor_release(
    registry: *const Steadfast,
    target: *const FloorTarget,
    author: *const Author,
    effect: *mut FloorEffect,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let effect = caller.out_struct_optional(effect, "effect")?;
            let target = caller.floor_target(shell.core(), target)?;
            Ok(done(effect, &shell.core().release_floor(&target, &caller.author(author)?)?))
        })
    }
}

/// Releases the hold of another owner on a service, a cluster or an ip. The audit keeps both names. `effect` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_floor_force_release(
    registry: *const Steadfast,
    target: *const FloorTarget,
    owner: Text,
    author: *const Author,
    effect: *mut FloorEffect,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let effect = caller.out_struct_optional(effect, "effect")?;
            let target = caller.floor_target(shell.core(), target)?;
            let (owner, author) = (caller.text(owner, "owner of the hold")?, caller.author(author)?);
            Ok(done(effect, &shell.core().force_release_floor(&target, owner, &author)?))
        })
    }
}

/// Every hold on a whole ip, in order of the ips, as a JSON array without a NUL; `*needed` becomes its length, also when
/// the answer is `STEADFAST_E_BUFFER_TOO_SMALL`. Those on a service and its clusters are in
/// `steadfast_explain_service`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_floors_of_ips(
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
            buffer.fill_json(&shell.core().ip_floors()?)
        })
    }
}

fn done(effect: OutStruct<'_, FloorEffect>, reply: &FloorReply) -> i32 {
    effect.write_with(|| FloorEffect::of(reply));
    STEADFAST_OK
}
