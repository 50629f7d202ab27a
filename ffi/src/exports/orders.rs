//! What operators do: holds, overlays, removal; and what outside health checks say.

use steadfast_core::{OrderReply, ServiceId};

use super::clients::left_code;
use crate::{
    args::OutStruct,
    boundary::enter,
    codes::{STEADFAST_NOT_PRESENT, STEADFAST_OK},
    read,
    types::{Address, Author, Effect, ErrorReport, Overlay, Steadfast, Text},
};

/// Places a hold, or updates the one of the same owner. `kind` is `STEADFAST_HOLD_*`; `until_ms` is the wall time at
/// which it ends by itself, 0 for never. `effect` may be NULL.
///
/// It is durable and visible when the call returns `STEADFAST_OK`. An address that is not there is no error: the effect
/// says `pending`, and the hold waits for the instance; its `hint` tells which other cluster may have been meant.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_hold_place(
    registry: *const Steadfast,
    service: u64,
    address: *const Address,
    kind: u32,
    author: *const Author,
    until_ms: u64,
    effect: *mut Effect,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let effect = caller.out_struct_optional(effect, "effect")?;
            let (address, order) = (caller.address(address)?, caller.hold_order(kind, author, until_ms)?);
            Ok(done(effect, &shell.core().hold(ServiceId::from_u64(service), &address, &order)?))
        })
    }
}

/// Releases the hold of `author`'s owner. `effect` (may be NULL) says where the instance stands, whether there was such
/// a hold (`found`), and what still refuses: another owner's hold, one on its cluster, service or ip, or the client's own
/// claim.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_hold_release(
    registry: *const Steadfast,
    service: u64,
    address: *const Address,
    author: *const Author,
    effect: *mut Effect,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let effect = caller.out_struct_optional(effect, "effect")?;
            let (address, author) = (caller.address(address)?, caller.author(author)?);
            Ok(done(effect, &shell.core().release(ServiceId::from_u64(service), &address, &author)?))
        })
    }
}

/// Releases the hold of another owner. The audit keeps both names, and `steadfast_explain` shows who forced it. `effect`
/// may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_hold_force_release(
    registry: *const Steadfast,
    service: u64,
    address: *const Address,
    owner: Text,
    author: *const Author,
    effect: *mut Effect,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let effect = caller.out_struct_optional(effect, "effect")?;
            let (address, owner) = (caller.address(address)?, caller.text(owner, "owner of the hold")?);
            let author = caller.author(author)?;
            Ok(done(effect, &shell.core().force_release(ServiceId::from_u64(service), &address, owner, &author)?))
        })
    }
}

/// Sets one field of an instance over what the client says, until it is released. `effect` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_overlay_set(
    registry: *const Steadfast,
    service: u64,
    address: *const Address,
    overlay: *const Overlay,
    author: *const Author,
    effect: *mut Effect,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let effect = caller.out_struct_optional(effect, "effect")?;
            let (address, author) = (caller.address(address)?, caller.author(author)?);
            let field = caller.overlay(overlay)?;
            Ok(done(effect, &shell.core().overlay(ServiceId::from_u64(service), &address, &field, &author)?))
        })
    }
}

/// Releases an overlay: the field follows the client again. Of `overlay` only `field` and `key` are read. `effect` may
/// be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_overlay_release(
    registry: *const Steadfast,
    service: u64,
    address: *const Address,
    overlay: *const Overlay,
    author: *const Author,
    effect: *mut Effect,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let effect = caller.out_struct_optional(effect, "effect")?;
            let (address, author) = (caller.address(address)?, caller.author(author)?);
            let field = caller.overlay_name(overlay)?;
            let reply = shell.core().release_overlay(ServiceId::from_u64(service), &address, &field, &author)?;
            Ok(done(effect, &reply))
        })
    }
}

fn done(effect: OutStruct<'_, Effect>, reply: &OrderReply) -> i32 {
    effect.write_with(|| Effect::of_order(reply));
    STEADFAST_OK
}

/// An operator takes an instance out, whoever publishes it. Its orders stay.
/// `STEADFAST_NOT_PRESENT`: it was not there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_remove(
    registry: *const Steadfast,
    service: u64,
    address: *const Address,
    author: *const Author,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let (address, author) = (caller.address(address)?, caller.author(author)?);
            Ok(left_code(shell.core().remove(ServiceId::from_u64(service), &address, &author)?))
        })
    }
}

/// What an outside health check says: `STEADFAST_PROBE_*`. `STEADFAST_NOT_PRESENT`: no instance is there to hear it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_probe(
    registry: *const Steadfast,
    service: u64,
    address: *const Address,
    probe: u32,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let address = caller.address(address)?;
            let delivered = shell.core().probe(ServiceId::from_u64(service), &address, read::probe(probe)?)?;
            Ok(if delivered { STEADFAST_OK } else { STEADFAST_NOT_PRESENT })
        })
    }
}
