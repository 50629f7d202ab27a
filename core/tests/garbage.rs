//! Who frees what readers could reach: counted by thread, in the allocator.
//!
//! A test binary of its own, because the allocator counts for the whole process.
#![allow(unsafe_code, reason = "an allocator that counts")]

mod common;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use steadfast_core::{Address, Claim, Lookup, Metadata, Now, Policy, Registration};

use common::World;

/// Blocks of this size and larger are the epoch's own: a bag of what is deferred, one for each tick or thousand changes.
/// Nothing of a registry with so few instances is as large.
const EPOCH_BAG_BYTES: usize = 2048;

thread_local! {
    static COUNTED: Cell<bool> = const { Cell::new(false) };
}
static FREED_BY_READERS: AtomicUsize = AtomicUsize::new(0);
static FREED_BY_OTHERS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: everything is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if layout.size() < EPOCH_BAG_BYTES {
            // A thread that ends has no such variable any more, and reads nothing.
            let reader = COUNTED.try_with(Cell::get).unwrap_or(false);
            let freed = if reader { &FREED_BY_READERS } else { &FREED_BY_OTHERS };
            freed.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const INSTANCES: u32 = 40;

fn address(n: u32) -> Address {
    Address::new("10.0.0.7", n + 1, "DEFAULT").unwrap()
}

#[test]
fn readers_free_nothing_whatever_writers_unlink() {
    let world = World::new(Policy::admin_sticky());
    let (registry, service) = (&world.registry, world.service);
    for n in 0..INSTANCES {
        registry.register(service, &Registration::new(address(n))).unwrap();
    }
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut looked = 0_u64;
                    let lookup = Lookup { clusters: &["DEFAULT"], protect: 0.5, ..Lookup::default() };
                    while !stop.load(Ordering::Acquire) {
                        COUNTED.set(true);
                        let found = registry.view(service, |view| {
                            let picked = view.pick(looked << 32).unwrap();
                            view.select(&lookup).unwrap().iter().count() + picked.metadata().iter().count()
                        });
                        COUNTED.set(false);
                        assert!(found.unwrap() >= INSTANCES as usize);
                        looked += 1;
                    }
                    looked
                })
            })
            .collect();
        let freed = FREED_BY_OTHERS.load(Ordering::Relaxed);
        for turn in 0..20_000_u32 {
            let turned = turn.to_string();
            let metadata = Metadata::new([("turn", turned.as_str())]).unwrap();
            let claim = Claim { weight: Some(f64::from(turn % 9 + 1)), metadata: Some(metadata), ..Claim::default() };
            registry.claim(service, &address(turn % INSTANCES), &claim).unwrap();
            if turn % 100 == 0 {
                registry.tick(Now { mono_ms: 0, wall_ms: 0 });
            }
        }
        assert!(FREED_BY_OTHERS.load(Ordering::Relaxed) > freed + 20_000, "the writer freed what it replaced");
        stop.store(true, Ordering::Release);
        for reader in readers {
            assert!(reader.join().unwrap() > 100, "it read");
        }
    });
    assert_eq!(FREED_BY_READERS.load(Ordering::Relaxed), 0, "a reader freed something");
}
