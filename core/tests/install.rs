//! Installing a policy: what it changes now, and what it will answer differently.
#![allow(unreachable_pub, reason = "test modules")]

mod common;

use common::{World, heartbeat_wins};
use steadfast_core::{AnnouncementKind, Beat, Policy, ServiceName, policy::Event};

#[test]
fn the_report_says_whom_it_changes_and_what_will_differ() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    world.offline();
    let report = world.registry.install(heartbeat_wins()).unwrap();
    assert_eq!((report.services, report.instances, report.changed, report.left), (1, 1, 0, 0), "nobody at once");
    let diff = report.diff.as_ref().expect("small enough to compare");
    assert_eq!((diff.old.as_str(), diff.new.as_str()), ("admin-sticky", "heartbeat-wins"));
    assert!(diff.differences.iter().any(|difference| difference.event == Event::Beat), "but at the next beat: {diff}");
    let announced = world.registry.announcements(0);
    assert_eq!(announced[0].kind, AnnouncementKind::PolicyInstalled);
    assert_eq!(announced[0].install.as_deref(), Some(&report));
    assert!(announced[0].text.contains("differences from admin-sticky"), "{}", announced[0].text);
}

#[test]
fn going_back_finds_the_same_order() {
    let world = World::new(heartbeat_wins());
    world.register();
    world.offline();
    assert_eq!(world.light_beat(), Beat::Alive);
    assert_eq!(world.enabled(), Some(true), "overruled");
    let report = world.registry.install(Policy::admin_sticky()).unwrap();
    assert_eq!(report.changed, 1);
    assert_eq!(world.enabled(), Some(false), "the same order, heeded again");
    assert_eq!(world.explain().decision.event, Some(Event::Swap));
    assert_eq!(world.explain().decision.epoch, 2);
}

#[test]
fn installing_what_is_installed_does_nothing() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    let before = world.revision();
    let report = world.registry.install(Policy::admin_sticky()).unwrap();
    assert!(report.unchanged);
    assert_eq!((world.registry.policy().epoch, world.revision()), (1, before));
    assert!(world.registry.announcements(0).is_empty());
}

#[test]
fn a_service_that_comes_later_takes_the_policy_that_is_installed() {
    let world = World::new(Policy::admin_sticky());
    world.registry.install(heartbeat_wins()).unwrap();
    let later = world.registry.service(&ServiceName::new("public", "g", "later").unwrap()).unwrap();
    world.registry.register(later, &world.registration()).unwrap();
    let explained = world.registry.explain(later, &world.address).unwrap().unwrap();
    assert_eq!((explained.decision.policy.as_str(), explained.decision.epoch), ("heartbeat-wins", 2));
}

#[test]
fn silence_is_measured_again_under_new_thresholds() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    world.pass_ms(10_000);
    let mut manifest = Policy::admin_sticky().table.manifest().clone();
    manifest.silence[0].after_ms = 5_000;
    manifest.name = "impatient".into();
    let table = steadfast_core::policy::Table::tabulate(manifest, steadfast_core::policy::Order::Forward, |facts| {
        Ok::<_, ()>(steadfast_core::policy::StatePolicy::decide(&steadfast_core::policy::builtin::AdminSticky, facts))
    });
    let report = world.registry.install(Policy::new(table.unwrap().into(), "test")).unwrap();
    assert_eq!(report.changed, 1);
    assert_eq!(world.healthy(), Some(false));
}
