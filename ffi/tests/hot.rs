//! What hosts call for every heartbeat and every lookup allocates nothing.
#![allow(unsafe_code, reason = "the functions of the C ABI, and an allocator that counts")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    ptr,
};

use steadfast_ffi::{
    codes::{STEADFAST_NOT_MODIFIED, STEADFAST_OK, STEADFAST_PARTIAL, STEADFAST_REGISTER_AGAIN},
    exports::{
        clients::{steadfast_beat, steadfast_beat_batch, steadfast_register},
        lifetime::{steadfast_free, steadfast_open, steadfast_options_init},
        services::steadfast_service,
        views::{steadfast_revision, steadfast_view_acquire, steadfast_view_release},
    },
    types::{Address, Options, STEADFAST_THREADS_NONE, Steadfast, Text, View},
};

/// Counts the allocations of each thread, so that other threads of the test runner do not matter.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: everything is handed to the system's allocator; counting touches a plain cell of this thread only.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(block, layout) }
    }
}

fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

fn text(text: &str) -> Text {
    Text { data: text.as_ptr().cast(), len: text.len() }
}

/// A registry with one service and its instances' handles.
fn registry(instances: u32) -> (*mut Steadfast, u64, Vec<u64>) {
    let mut options = std::mem::MaybeUninit::<Options>::uninit();
    let (mut registry, mut service) = (ptr::null_mut(), 0);
    // SAFETY: all pointers are to locals; the options are filled before they are read.
    unsafe {
        assert_eq!(steadfast_options_init(options.as_mut_ptr(), size_of::<Options>()), STEADFAST_OK);
        let options = Options { threads: STEADFAST_THREADS_NONE, ..options.assume_init() };
        assert_eq!(steadfast_open(&raw const options, &raw mut registry, ptr::null_mut()), STEADFAST_OK);
        let names = (text("public"), text("DEFAULT_GROUP"), text("orders"));
        let code = steadfast_service(registry, names.0, names.1, names.2, &raw mut service, ptr::null_mut());
        assert_eq!(code, STEADFAST_OK);
    }
    let handles = (1..=instances).map(|port| register(registry, service, port)).collect();
    (registry, service, handles)
}

fn register(registry: *mut Steadfast, service: u64, port: u32) -> u64 {
    let address = Address { struct_size: 40, port, ip: text("10.0.0.7"), cluster: text("DEFAULT") };
    let mut handle = 0;
    let (none, out) = (ptr::null(), &raw mut handle);
    // SAFETY: all pointers are to locals.
    let code = unsafe {
        steadfast_register(
            registry,
            service,
            &raw const address,
            none,
            ptr::null(),
            out,
            ptr::null_mut(),
            ptr::null_mut(),
        )
    };
    assert_eq!(code, STEADFAST_OK);
    handle
}

#[test]
fn beats_and_revisions_allocate_nothing() {
    let (registry, service, mut handles) = registry(1000);
    let (mut rejected, mut count, mut revision) = ([0_u32; 8], 77, 0);
    assert!(allocations(|| drop(Box::new(1))) > 0, "the counter counts");

    // SAFETY: the registry is open until the end of the test; all pointers are to locals with their true lengths.
    unsafe {
        let single = allocations(|| {
            for handle in &handles {
                assert_eq!(steadfast_beat(registry, *handle), STEADFAST_OK);
            }
            assert_eq!(steadfast_beat(registry, 12_345), STEADFAST_REGISTER_AGAIN);
            assert_eq!(steadfast_revision(registry, service, &raw mut revision), STEADFAST_OK);
        });
        handles[500] = 0;
        let batch = allocations(|| {
            let (out, counted) = (rejected.as_mut_ptr(), &raw mut count);
            let code = steadfast_beat_batch(registry, handles.as_ptr(), handles.len(), out, 8, counted);
            assert_eq!(code, STEADFAST_PARTIAL);
        });
        assert_eq!((single, batch), (0, 0));
        assert_eq!((count, rejected[0]), (1, 500));
        steadfast_free(registry);
    }
}

#[test]
fn a_view_that_is_there_already_is_shared_without_allocating() {
    let (registry, service, _) = registry(10);
    let (mut first, mut view, mut revision): (*const View, *const View, u64) = (ptr::null(), ptr::null(), 0);
    // SAFETY: the registry is open until the end of the test; all pointers are to locals; views are released once.
    unsafe {
        let code = steadfast_view_acquire(registry, service, 0, &raw mut first, ptr::null_mut());
        assert_eq!((code, steadfast_revision(registry, service, &raw mut revision)), (STEADFAST_OK, STEADFAST_OK));
        let allocated = allocations(|| {
            let code = steadfast_view_acquire(registry, service, 0, &raw mut view, ptr::null_mut());
            assert_eq!(code, STEADFAST_OK);
            let code = steadfast_view_acquire(registry, service, revision, &raw mut view, ptr::null_mut());
            assert_eq!(code, STEADFAST_NOT_MODIFIED);
        });
        assert_eq!((allocated, view), (0, first));
        steadfast_view_release(first);
        steadfast_view_release(view);
        steadfast_free(registry);
    }
}
