//! What clients do: register, claim, beat, leave.

use std::ptr;

use steadfast_core::{Beat, Handle, Left, ServiceId, limits::BATCH_MAX};

use crate::{
    boundary::enter,
    codes::{self, STEADFAST_OK},
    failure::{Answer, Failure},
    types::{Address, Claim, Effect, ErrorReport, FullBeat, Registration, Steadfast, Text},
};

/// Handles that are copied to the stack at a time.
const BATCH_SLICE: usize = 256;

/// Registers an instance, or registers it again. `registration` may be NULL: ephemeral, lives by beats, no connection,
/// unknown process. `claim` may be NULL: nothing was sent.
///
/// `*handle` becomes the handle for beats, `*effect` (may be NULL) where the instance stands: under an operator's hold
/// it is registered and takes no traffic. `STEADFAST_E_REFUSED`: the policy did not let it in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_register(
    registry: *const Steadfast,
    service: u64,
    address: *const Address,
    registration: *const Registration,
    claim: *const Claim,
    handle: *mut u64,
    effect: *mut Effect,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let handle = caller.out(handle, "handle")?;
            let effect = caller.out_struct_optional(effect, "effect")?;
            let registration = caller.registration(address, registration, claim)?;
            let registered = shell.core().register(ServiceId::from_u64(service), &registration)?;
            handle.write(registered.handle.to_u64());
            effect.write_with(|| Effect::of(&registered.effect, registered.revision));
            Ok(STEADFAST_OK)
        })
    }
}

/// Changes what the client says of itself; only the fields that are named in the claim change. `effect` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_claim(
    registry: *const Steadfast,
    service: u64,
    address: *const Address,
    claim: *const Claim,
    effect: *mut Effect,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let effect = caller.out_struct_optional(effect, "effect")?;
            let address = caller.address(address)?;
            let claimed = shell.core().claim(ServiceId::from_u64(service), &address, &caller.claim(claim)?)?;
            effect.write_with(|| Effect::of(&claimed, 0));
            Ok(STEADFAST_OK)
        })
    }
}

/// A sign of life: the fastest function here, made to be called for every heartbeat. It neither allocates nor locks
/// while the instance is well.
///
/// `STEADFAST_REGISTER_AGAIN`: no instance has this handle (any more).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_beat(registry: *const Steadfast, handle: u64) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe { enter(registry, ptr::null_mut(), |shell, _| answer(shell.core().beat(Handle::from_u64(handle)))) }
}

/// Signs of life of `count` instances, at most 65536; 64 to 256 at a time use the call best.
///
/// `STEADFAST_PARTIAL`: some have to register again. `*rejected_count` becomes how many, and `rejected` receives the
/// positions of the first `rejected_capacity` of them in `handles`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_beat_batch(
    registry: *const Steadfast,
    handles: *const u64,
    count: usize,
    rejected: *mut u32,
    rejected_capacity: usize,
    rejected_count: *mut usize,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, ptr::null_mut(), |shell, caller| {
            if count > BATCH_MAX {
                return Err(Failure::plain(codes::STEADFAST_E_TOO_MANY));
            }
            let handles = caller.array(handles, count, "handles")?;
            let places = caller.array_out(rejected, rejected_capacity, "rejected")?;
            let rejected_count = caller.out(rejected_count, "rejected_count")?;
            let (mut rejections, mut closed) = (0, false);
            beat_all(shell.core(), handles, &mut |position, why| {
                closed |= why == Beat::Closed;
                if let (Some(place), Ok(position)) = (places.get_mut(rejections), u32::try_from(position)) {
                    place.write(position);
                }
                rejections += 1;
            });
            if closed {
                return Err(Failure::plain(codes::STEADFAST_E_CLOSED));
            }
            rejected_count.write(rejections);
            Ok(if rejections == 0 { STEADFAST_OK } else { codes::STEADFAST_PARTIAL })
        })
    }
}

fn beat_all(core: &steadfast_core::Registry, handles: &[u64], rejected: &mut dyn FnMut(usize, Beat)) {
    let mut copied = [Handle::from_u64(0); BATCH_SLICE];
    for (slice, raw) in handles.chunks(BATCH_SLICE).enumerate() {
        for (copy, handle) in copied.iter_mut().zip(raw) {
            *copy = Handle::from_u64(*handle);
        }
        core.beat_batch(&copied[..raw.len()], &mut |position, why| rejected(slice * BATCH_SLICE + position, why));
    }
}

/// A sign of life by address, for senders that have no handle. `full` may be NULL; what it carries is used only when
/// nothing is known about the address, which is then registered by it.
///
/// `STEADFAST_REGISTER_AGAIN`: no instance is there and the policy does not bring it back.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_beat_at(
    registry: *const Steadfast,
    service: u64,
    address: *const Address,
    full: *const FullBeat,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let address = caller.address(address)?;
            let full = caller.full_beat(full)?;
            answer(shell.core().beat_at(ServiceId::from_u64(service), &address, full.as_ref())?)
        })
    }
}

fn answer(beat: Beat) -> Answer {
    match beat {
        Beat::Alive => Ok(STEADFAST_OK),
        Beat::RegisterAgain => Ok(codes::STEADFAST_REGISTER_AGAIN),
        Beat::Closed => Err(Failure::plain(codes::STEADFAST_E_CLOSED)),
    }
}

/// The client takes its instance out. `connection` is the sender's, empty when it has none.
///
/// `STEADFAST_REMAINS`: other publishers keep it present, `*remaining` (may be NULL) says how many.
/// `STEADFAST_NOT_PUBLISHER`, `STEADFAST_NOT_PRESENT`: nothing changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_deregister(
    registry: *const Steadfast,
    service: u64,
    address: *const Address,
    connection: Text,
    remaining: *mut usize,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let remaining = caller.out_optional(remaining, "remaining")?;
            let (address, publisher) = (caller.address(address)?, caller.publisher(connection)?);
            let left = shell.core().deregister(ServiceId::from_u64(service), &address, &publisher)?;
            remaining.write(if let Left::Remaining(publishers) = left { publishers } else { 0 });
            Ok(left_code(left))
        })
    }
}

pub(super) fn left_code(left: Left) -> i32 {
    match left {
        Left::Gone => STEADFAST_OK,
        Left::Remaining(_) => codes::STEADFAST_REMAINS,
        Left::Stale => codes::STEADFAST_NOT_PUBLISHER,
        Left::Unknown => codes::STEADFAST_NOT_PRESENT,
    }
}

/// A connection is gone: every instance that it published loses that publisher. `*left` (may be NULL) becomes the
/// number of instances that it left.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_disconnect(
    registry: *const Steadfast,
    connection: Text,
    left: *mut usize,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let left = caller.out_optional(left, "left")?;
            left.write(shell.core().disconnect(caller.text(connection, "connection")?)?);
            Ok(STEADFAST_OK)
        })
    }
}
