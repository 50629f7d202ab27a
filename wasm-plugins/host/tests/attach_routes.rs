//! A registry whose folder holds routes: different policies side by side, exchanged by files.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use steadfast_core::{
    Address, AnnouncementKind, Author, HoldKind, HoldOrder, MemoryStore, Now, Options, Registration, Registry,
    ServiceId, ServiceName,
};
use steadfast_wasm::{FolderOptions, PolicyFolder, attach};

/// Long enough for the slowest machine; nothing waits that long when all is well.
const DEADLINE: Duration = Duration::from_secs(20);
const ENDS_WITH_A_RESTART: &str =
    "[[route]]\nnamespace = \"public\"\ngroup = \"payments\"\npolicy = \"restart-clears\"\n";

struct Town {
    registry: Registry,
    folder: tempfile::TempDir,
    _watching: PolicyFolder,
}

impl Town {
    /// `admin-sticky` for everybody, and whatever the routes say.
    fn new(routes: &str) -> Town {
        let folder = tempfile::tempdir().unwrap();
        if !routes.is_empty() {
            fs::write(folder.path().join("routes.toml"), routes).unwrap();
        }
        let registry = Registry::open(Options::default(), Box::new(MemoryStore::new())).unwrap();
        registry.tick(Now { mono_ms: 1, wall_ms: 1_700_000_000_000 });
        let mut options = FolderOptions::new(folder.path(), "admin-sticky");
        options.settle = Duration::from_millis(40);
        options.rescan = Duration::from_millis(200);
        let watching = attach(&registry, options).unwrap();
        Town { registry, folder, _watching: watching }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn service(&self, group: &str) -> ServiceId {
        self.registry.service(&ServiceName::new("public", group, "orders").unwrap()).unwrap()
    }

    /// Taken offline, and then restarted: does it serve?
    fn serves_after_a_restart(&self, service: ServiceId) -> bool {
        let address = Address::new("10.0.0.1", 8080, "DEFAULT").unwrap();
        let program =
            |process: &str| Registration { process: Some(process.into()), ..Registration::new(address.clone()) };
        self.registry.register(service, &program("pod-1")).unwrap();
        let author = Author::new("console", "ann", "a deployment").unwrap();
        let order = HoldOrder { kind: HoldKind::Offline, author, until_ms: None };
        self.registry.hold(service, &address, &order).unwrap();
        self.registry.register(service, &program("pod-2")).unwrap();
        self.registry.view(service, |view| view.serving().count() == 1).unwrap()
    }

    /// Waits for an announcement and gives its text.
    #[track_caller]
    fn announced(&self, kind: AnnouncementKind, after: u64) -> (u64, String) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let announced = self.registry.announcements(after);
            if let Some(found) = announced.iter().find(|one| one.kind == kind) {
                return (found.number, found.text.clone());
            }
            assert!(Instant::now() < deadline, "{kind:?} never came: {announced:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn both_camps_of_one_issue_are_right_in_one_registry() {
    let town = Town::new(ENDS_WITH_A_RESTART);
    assert!(town.serves_after_a_restart(town.service("payments")), "restart brings it back (#7528)");
    assert!(!town.serves_after_a_restart(town.service("other")), "offline stays offline (#11627)");
    let policies = town.registry.policies();
    let names: Vec<_> = policies.iter().map(|policy| policy.name.as_str()).collect();
    assert_eq!(names, ["admin-sticky", "restart-clears"]);
}

#[test]
fn routes_are_exchanged_refused_and_removed_while_the_registry_runs() {
    let town = Town::new("");
    let (payments, file) = (town.service("payments"), town.path().join("routes.toml"));
    let decider = || town.registry.policy_of(payments).unwrap().name;
    assert_eq!(decider(), "admin-sticky");

    fs::write(&file, ENDS_WITH_A_RESTART).unwrap();
    let (number, text) = town.announced(AnnouncementKind::RoutesInstalled, 0);
    assert_eq!((text.as_str(), decider().as_str()), ("1 route; services moved to another policy: 1", "restart-clears"));

    fs::write(&file, ENDS_WITH_A_RESTART.replace("policy", "polcy")).unwrap();
    let (number, text) = town.announced(AnnouncementKind::RoutesRefused, number);
    assert!(text.starts_with("routes.toml: route 1 has \"polcy\", which nothing reads"), "{text}");
    assert_eq!(decider(), "restart-clears");
    assert_eq!(town.registry.counters().refused_policies, 1);

    fs::remove_file(&file).unwrap();
    let (number, text) = town.announced(AnnouncementKind::RoutesRemoved, number);
    assert!(text.starts_with("routes.toml is not in the policies folder"), "{text}");
    let (_, text) = town.announced(AnnouncementKind::RoutesInstalled, number);
    assert!(text.starts_with("no routes"), "{text}");
    assert_eq!(decider(), "admin-sticky");
}
