//! A disk that is full for real, in a process of its own: refused by the system, told with what to do, resumed by itself.
#![cfg(target_os = "linux")]

use std::{
    collections::BTreeSet,
    env, fs,
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use steadfast_core::{
    Address, AnnouncementKind, Author, Beat, HoldKind, HoldOrder, Now, Options, Registration, Registry, ServiceId,
    ServiceName, limits::REASON_BYTES_MAX,
};
use steadfast_store::RedbStore;

const FOLDER: &str = "STEADFAST_TEST_FULL_FOLDER";
/// Orders that fit nowhere if nothing can grow: more than the file has room for.
const ORDERS: u32 = 3_000;

fn scratch(name: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("steadfast-store-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs one of the tests below as a child, through a shell that prepares its world.
fn run(test: &str, folder: &Path, shell: &[&str], script: &str) -> Output {
    let (program, arguments) = shell.split_first().unwrap();
    let mut command = Command::new(program);
    command.args(arguments).args(["sh", "-c", script, "sh"]);
    command.arg(env::current_exe().unwrap()).args(["--exact", test, "--nocapture"]).env(FOLDER, folder);
    command.output().unwrap()
}

fn assert_passed(output: &Output) {
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{out}\n{errors}");
}

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
    let folder = scratch("limited");
    // Without the trap a write beyond the limit kills the process.
    assert_passed(&run("limited", &folder, &["env"], "trap '' XFSZ; exec \"$@\""));
    fs::remove_dir_all(folder).unwrap();
}

/// The child of the test above.
#[test]
fn limited() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else { return };
    let limit = |bytes: &str| {
        let process = std::process::id().to_string();
        let limited = Command::new("prlimit").args(["--pid", &process, &format!("--fsize={bytes}:")]).status();
        assert!(limited.unwrap().success());
    };
    let len = || fs::metadata(folder.join("registry.redb")).unwrap().len().to_string();
    story(&folder, "raise the limit on the size of files", || limit(&len()), || limit("unlimited"));
}

#[test]
fn a_full_disk_refuses_orders_until_there_is_room_and_a_read_only_one_refuses_to_start() {
    let folder = scratch("full");
    let namespace = ["unshare", "--user", "--map-root-user", "--mount"];
    let is_allowed = Command::new(namespace[0]).args(&namespace[1..]).arg("true").output();
    if !is_allowed.is_ok_and(|output| output.status.success()) {
        // Some containers forbid namespaces; the limit on the file's size is tested there all the same.
        let _ = writeln!(std::io::stderr(), "skipped: this system forbids user namespaces");
        return;
    }
    let script = "mount -t tmpfs -o size=2m tmpfs \"$STEADFAST_TEST_FULL_FOLDER\" && exec \"$@\"";
    assert_passed(&run("full", &folder, &namespace, script));
    fs::remove_dir_all(folder).unwrap();
}

/// The child of the test above, on a disk of 2 MiB.
#[test]
fn full() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else { return };
    let filler = folder.join("filler");
    let make_full = || {
        let mut file = File::create(&filler).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
    };
    story(&folder, "make room on its disk", make_full, || fs::remove_file(&filler).unwrap());
    let mounted = Command::new("mount").args(["-o", "remount,ro"]).arg(&folder).status().unwrap();
    assert!(mounted.success());
    let error = RedbStore::open(&folder).unwrap_err().to_string();
    assert!(error.contains("make its file system writable"), "{error}");
}
