//! Time: nothing fires early, nothing fires much later, and clocks that misbehave harm nobody.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use common::{World, options};
use steadfast_core::{AnnouncementKind, Claim, Metadata, Now, Options, Policy, Registration};

#[test]
fn thresholds_fire_after_their_time_and_at_most_300_ms_later() {
    for phase_ms in [0, 1, 50, 99] {
        let world = World::new(Policy::admin_sticky());
        world.pass_ms(1_000 + phase_ms);
        world.register();
        world.pass_ms(15_000);
        assert_eq!(world.healthy(), Some(true), "not early (phase {phase_ms})");
        world.pass_ms(300);
        assert_eq!(world.healthy(), Some(false));
        world.pass_ms(14_700);
        assert_eq!(world.healthy(), Some(false), "not gone early");
        world.pass_ms(300);
        assert_eq!(world.healthy(), None);
    }
}

fn with_overrides(world: &World, unhealthy_ms: &str, gone_ms: &str) {
    let pairs = [("preserved.heart.beat.timeout", unhealthy_ms), ("preserved.ip.delete.timeout", gone_ms)];
    let claim = Claim { metadata: Some(Metadata::new(pairs).unwrap()), ..Claim::default() };
    world.registry.register(world.service, &Registration { claim, ..world.registration() }).unwrap();
}

#[test]
fn an_instance_overrides_its_own_thresholds() {
    let world = World::new(Policy::admin_sticky());
    with_overrides(&world, "3000", "6000");
    world.pass_ms(3_300);
    assert_eq!(world.healthy(), Some(false));
    world.pass_ms(3_000);
    assert_eq!(world.healthy(), None);
}

#[test]
fn overridden_thresholds_need_not_be_ordered() {
    let world = World::new(Policy::admin_sticky());
    with_overrides(&world, "9000", "4000");
    world.pass_ms(4_300);
    assert_eq!(world.healthy(), None, "gone before it could be unhealthy");
}

#[test]
fn nonsense_in_an_override_falls_back_and_tiny_values_are_raised() {
    for (value, gone_after_ms) in [("", 30_300), ("soon", 30_300), ("-5", 30_300), ("1", 1_300)] {
        let world = World::new(Policy::admin_sticky());
        with_overrides(&world, value, value);
        world.pass_ms(gone_after_ms - 300);
        assert!(world.healthy().is_some(), "{value:?}");
        world.pass_ms(300);
        assert_eq!(world.healthy(), None, "{value:?}");
    }
}

#[test]
fn a_changed_override_counts_from_the_last_beat() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    world.pass_ms(5_000);
    let pairs = [("preserved.heart.beat.timeout", "2000")];
    let claim = Claim { metadata: Some(Metadata::new(pairs).unwrap()), ..Claim::default() };
    world.registry.claim(world.service, &world.address, &claim).unwrap();
    world.pass_ms(200);
    assert_eq!(world.healthy(), Some(false));
}

#[test]
fn a_suspended_host_expires_nobody_and_says_so() {
    let world = World::with(Options { max_step_ms: 5_000, ..options(Policy::admin_sticky()) });
    world.register();
    let hour_ms = 3_600_000;
    let later = Now { mono_ms: 1_000_000 + hour_ms, wall_ms: world.wall_ms() + hour_ms };
    world.registry.tick(later);
    assert_eq!(world.healthy(), Some(true));
    let announcements = world.registry.announcements(0);
    assert_eq!(announcements.len(), 1);
    assert_eq!(announcements[0].kind, AnnouncementKind::ClockJump);
    assert!(announcements[0].text.contains("every silence is extended by 3595000 ms"), "{}", announcements[0].text);
}

#[test]
fn a_clock_that_goes_back_harms_nobody() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    world.pass_ms(10_000);
    world.registry.tick(Now { mono_ms: 5, wall_ms: 5 });
    assert_eq!(world.healthy(), Some(true));
    assert!(world.registry.announcements(0)[0].text.contains("went back"));
}

#[test]
fn a_day_in_one_tick_delivers_everything_in_order() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    world.offline();
    world.registry.tick(Now { mono_ms: 1_000_000 + 86_400_000, wall_ms: world.wall_ms() + 86_400_000 });
    let explained = world.explain();
    assert!(!explained.present && !explained.remembered, "gone, and its tombstone after an hour");
    assert_eq!(explained.holds.len(), 1, "but the order stands");
}

#[test]
fn a_tombstone_is_kept_only_for_something_worth_it() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    world.pass_ms(31_000);
    assert!(world.registry.explain(world.service, &world.address).unwrap().is_none());
    assert_eq!(world.registry.counters().tombstones, 0);
    world.register();
    world.offline();
    world.pass_ms(31_000);
    assert_eq!(world.registry.counters().tombstones, 1);
    world.pass_ms(3_600_500);
    assert_eq!(world.registry.counters().tombstones, 0);
}
