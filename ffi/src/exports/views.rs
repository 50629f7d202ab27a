//! Lookups: immutable, refcounted, contiguous pictures of a service.

use std::{ptr, sync::Arc};

use steadfast_core::{Packed, ServiceId};

use crate::{
    boundary::{enter, guard},
    codes::{STEADFAST_NOT_MODIFIED, STEADFAST_OK},
    types::{ErrorReport, Lookup, Steadfast, View},
};

/// The picture of a service as it is now. `*view` becomes it; release it with `steadfast_view_release`.
///
/// `STEADFAST_NOT_MODIFIED`, and no view, when the service's revision is not greater than `if_newer_than`; 0 always
/// gives a view. All views of one revision share their memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_view_acquire(
    registry: *const Steadfast,
    service: u64,
    if_newer_than: u64,
    view: *mut *const View,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let (view, service) = (caller.out(view, "view")?, ServiceId::from_u64(service));
            if if_newer_than > 0 && shell.core().revision(service)? <= if_newer_than {
                return Ok(STEADFAST_NOT_MODIFIED);
            }
            view.write(Arc::into_raw(shell.core().packed(service)?).cast());
            Ok(STEADFAST_OK)
        })
    }
}

/// The bytes of a view: a `steadfast_view_header_t`, records, arena; 8-aligned. They are readable until the view is
/// released, also after the registry is freed. `len` and `revision` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_view_read(
    view: *const View,
    data: *mut *const u8,
    len: *mut usize,
    revision: *mut u64,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        guard(ptr::null_mut(), |caller| {
            let (data, len) = (caller.out(data, "data")?, caller.out_optional(len, "len")?);
            let revision = caller.out_optional(revision, "revision")?;
            let packed = caller.view(view)?;
            data.write(packed.bytes().as_ptr());
            len.write(packed.bytes().len());
            revision.write(packed.revision());
            Ok(STEADFAST_OK)
        })
    }
}

/// Releases a view. (transfer full) NULL is ignored. Any thread may release it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_view_release(view: *const View) {
    if view.is_null() {
        return;
    }
    // SAFETY: it was made by `Arc::into_raw` in `steadfast_view_acquire`, and this is its one release (promised).
    drop(unsafe { Arc::from_raw(view.cast::<Packed>()) });
}

/// Writes the instances that a lookup names into `buffer`, as a view of them alone: a `steadfast_view_header_t`, records,
/// arena. `*needed` becomes its length, also when the answer is `STEADFAST_E_BUFFER_TOO_SMALL`. `lookup` may be NULL:
/// everybody who takes traffic now. `*protecting` (may be NULL) becomes 1 when so few are healthy that unhealthy ones
/// are in there too, else 0.
///
/// Who looks again and again for the same keeps a view and filters it, or at least compares revisions.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_lookup(
    registry: *const Steadfast,
    service: u64,
    lookup: *const Lookup,
    buffer: *mut u8,
    capacity: usize,
    needed: *mut usize,
    protecting: *mut u32,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let protecting = caller.out_optional(protecting, "protecting")?;
            let buffer = caller.buffer(buffer, capacity, needed)?;
            let (packed, is_protecting) =
                caller.lookup(lookup)?.found_in(shell.core(), service, |view, selection| {
                    (view.pack(selection.iter()), selection.is_protecting())
                })?;
            buffer.fill(packed.bytes())?;
            protecting.write(is_protecting.into());
            Ok(STEADFAST_OK)
        })
    }
}

/// Writes one of the instances that a lookup names into `buffer`, as a view of it alone, or of nobody when there is none
/// with a weight above 0. `random` comes from the caller and is uniform over all 64 bits; an instance is picked for as
/// large a share of all numbers as its weight is of all weights. `lookup`, `buffer`, `capacity` and `needed` are as for
/// `steadfast_lookup`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_pick(
    registry: *const Steadfast,
    service: u64,
    lookup: *const Lookup,
    random: u64,
    buffer: *mut u8,
    capacity: usize,
    needed: *mut usize,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let buffer = caller.buffer(buffer, capacity, needed)?;
            let lookup = caller.lookup(lookup)?;
            let packed = lookup.found_in(shell.core(), service, |view, selection| view.pack(selection.pick(random)))?;
            buffer.fill(packed.bytes())
        })
    }
}

/// The service's revision: it grows exactly when the bytes of its view change. One load; made to be polled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_revision(registry: *const Steadfast, service: u64, revision: *mut u64) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, ptr::null_mut(), |shell, caller| {
            let revision = caller.out(revision, "revision")?;
            revision.write(shell.core().revision(ServiceId::from_u64(service))?);
            Ok(STEADFAST_OK)
        })
    }
}
