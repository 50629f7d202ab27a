//! Watching: level-triggered, coalesced, nothing missed.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use std::time::Duration;

use common::World;
use steadfast_core::{Policy, Poll, ServiceName, WatchEvent, limits::RING_ENTRIES};

fn poll(queue: &steadfast_core::WatchQueue) -> Vec<WatchEvent> {
    let mut events = Vec::new();
    queue.poll(&mut events, 100, Some(Duration::ZERO));
    events
}

#[test]
fn several_changes_are_one_event_at_the_latest_revision() {
    let world = World::new(Policy::admin_sticky());
    let queue = world.registry.watch_queue().unwrap();
    queue.watch(world.service, 7).unwrap();
    let started = world.revision();
    assert_eq!(poll(&queue), [WatchEvent::Changed { service: world.service, cookie: 7, revision: started }]);
    world.register();
    world.offline();
    world.online();
    let revision = world.revision();
    assert_eq!(poll(&queue), [WatchEvent::Changed { service: world.service, cookie: 7, revision }]);
    assert_eq!(poll(&queue), []);
    assert!(queue.unwatch(world.service) && !queue.unwatch(world.service));
    world.offline();
    assert_eq!(poll(&queue), []);
}

#[test]
fn watching_again_asks_once_more_and_room_for_nothing_waits_for_nothing() {
    let world = World::new(Policy::admin_sticky());
    let queue = world.registry.watch_queue().unwrap();
    for cookie in 0..1_000 {
        queue.watch(world.service, cookie).unwrap();
    }
    assert_eq!(queue.poll(&mut Vec::new(), 0, None), Poll::Timeout);
    let revision = world.revision();
    assert_eq!(poll(&queue), [WatchEvent::Changed { service: world.service, cookie: 999, revision }]);
}

#[test]
fn a_queue_that_fell_behind_is_told_and_misses_nothing() {
    let world = World::new(Policy::admin_sticky());
    let busy = world.registry.service(&ServiceName::new("public", "g", "busy").unwrap()).unwrap();
    let queue = world.registry.watch_queue().unwrap();
    queue.watch(world.service, 1).unwrap();
    poll(&queue);
    world.register();
    let address = world.address.clone();
    for turn in (0..7_u32).cycle().take(RING_ENTRIES + 10) {
        let claim = steadfast_core::Claim { weight: Some(f64::from(turn)), ..Default::default() };
        let registration = steadfast_core::Registration { claim, ..steadfast_core::Registration::new(address.clone()) };
        world.registry.register(busy, &registration).unwrap();
    }
    let revision = world.revision();
    let changed = WatchEvent::Changed { service: world.service, cookie: 1, revision };
    assert_eq!(poll(&queue), [WatchEvent::Resync, changed]);
    assert_eq!(poll(&queue), []);
}

#[test]
fn a_waiting_poll_wakes_up_for_changes_announcements_and_wake() {
    let world = World::new(Policy::admin_sticky());
    let queue = world.registry.watch_queue().unwrap();
    queue.watch(world.service, 1).unwrap();
    poll(&queue);
    let long = Some(Duration::from_mins(1));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let mut events = Vec::new();
            (queue.poll(&mut events, 10, long), events)
        });
        world.register();
        let (poll, events) = waiting.join().unwrap();
        assert_eq!((poll, events.len()), (Poll::Ready, 1));
        let waiting = scope.spawn(|| {
            let mut events = Vec::new();
            (queue.poll(&mut events, 10, long), events)
        });
        world.registry.install(common::heartbeat_wins()).unwrap();
        let (poll, events) = waiting.join().unwrap();
        assert_eq!((poll, events[0]), (Poll::Ready, WatchEvent::Announced { number: 1 }));
        let waiting = scope.spawn(|| queue.poll(&mut Vec::new(), 10, long));
        queue.wake();
        assert_eq!(waiting.join().unwrap(), Poll::Timeout);
    });
}
