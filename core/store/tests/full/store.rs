//! The store: orders are refused until there is room, and what was acknowledged is there after all of it.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use steadfast_core::{
    Address, AnnouncementKind, Author, Beat, HoldKind, HoldOrder, Now, Options, Registration, Registry, ServiceId,
    ServiceName, limits::REASON_BYTES_MAX,
};
use steadfast_store::RedbStore;

use crate::child;

/// Orders that fit nowhere if nothing can grow: more than the file has room for.
const ORDERS: u32 = 3_000;

struct Host {
    registry: Registry,
    service: ServiceId,
    now_ms: u64,
}

impl Host {
    fn open(folder: &Path) -> Host {
        let registry = Registry::open(Options::default(), Box::new(RedbStore::open(folder).unwrap())).unwrap();
        let service = registry.service(&ServiceName::new("public", "g", "orders").unwrap()).unwrap();
        let mut host = Host { registry, service, now_ms: 0 };
        host.pass_ms(100);
        host
    }

    fn pass_ms(&mut self, ms: u64) {
        self.now_ms += ms;
        self.registry.tick(Now { mono_ms: self.now_ms, wall_ms: self.now_ms });
    }

    fn hold(&self, port: u32) -> Result<(), String> {
        let author = Author::new("console", "ann", &"x".repeat(REASON_BYTES_MAX)).unwrap();
        let order = HoldOrder { kind: HoldKind::Offline, author, until_ms: None };
        self.registry.hold(self.service, &address(port), &order).map(drop).map_err(|error| error.to_string())
    }

    fn announced(&self, kind: AnnouncementKind) -> usize {
        self.registry.announcements(0).iter().filter(|announcement| announcement.kind == kind).count()
    }
}

fn address(port: u32) -> Address {
    Address::new("10.0.0.1", port, "c").unwrap()
}

/// Orders until the disk is full, makes room, and orders on; what was acknowledged is there after all of it.
fn story(folder: &Path, advice: &str, make_full: impl FnOnce(), make_room: impl FnOnce()) {
    let mut host = Host::open(folder);
    let handle = host.registry.register(host.service, &Registration::new(address(1))).unwrap().handle;
    let mut held = BTreeSet::new();
    make_full();
    // What a failed commit gives back may be room for a few more; in the end there is none.
    let mut refused_in_a_row = 0;
    for port in 2..ORDERS {
        match host.hold(port) {
            Ok(()) => {
                refused_in_a_row = 0;
                held.insert(port);
            }
            Err(error) => {
                refused_in_a_row += 1;
                assert!(error.contains("registry.redb") && error.contains(advice), "{error}");
                host.pass_ms(5_000);
            }
        }
        assert_eq!(host.registry.beat(handle), Beat::Alive, "beats go on");
        assert_eq!(host.registry.view(host.service, |view| view.iter().count()).unwrap(), 1, "lookups go on");
        if refused_in_a_row == 3 {
            break;
        }
    }
    assert_eq!(refused_in_a_row, 3, "the disk is full");
    assert!(host.registry.counters().store_failures >= 3);
    let failed = host.announced(AnnouncementKind::StoreFailed);
    assert_eq!(host.announced(AnnouncementKind::StoreResumed), failed - 1, "it has not come back yet");
    make_room();
    host.pass_ms(5_000);
    host.hold(ORDERS).unwrap();
    held.insert(ORDERS);
    assert_eq!(host.announced(AnnouncementKind::StoreResumed), failed);
    drop(host);
    let host = Host::open(folder);
    let found: BTreeSet<u32> =
        host.registry.orders(host.service).unwrap().iter().map(|ordered| ordered.address.port.into()).collect();
    assert_eq!(found, held);
}

#[test]
fn a_file_that_may_not_grow_refuses_orders_until_it_may() {
    child::run_limited("store::limited");
}

/// The child of the test above.
#[test]
fn limited() {
    let Some(folder) = child::folder() else { return };
    let len = || fs::metadata(folder.join("registry.redb")).unwrap().len().to_string();
    let advice = "raise the limit on the size of files";
    story(&folder, advice, || child::limit_files(&len()), || child::limit_files("unlimited"));
}

#[test]
fn a_full_disk_refuses_orders_until_there_is_room_and_a_read_only_one_refuses_to_start() {
    child::run_on_small_disk("store::full");
}

/// The child of the test above.
#[test]
fn full() {
    let Some(folder) = child::folder() else { return };
    let filler = folder.join("filler");
    story(&folder, "make room on its disk", || child::fill_disk(&filler), || fs::remove_file(&filler).unwrap());
    let mounted = Command::new("mount").args(["-o", "remount,ro"]).arg(&folder).status().unwrap();
    assert!(mounted.success());
    let error = RedbStore::open(&folder).unwrap_err().to_string();
    assert!(error.contains("make its file system writable"), "{error}");
}
