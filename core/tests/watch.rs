//! Watching: level-triggered, coalesced, nothing missed.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use std::time::Duration;

use common::World;
use steadfast_core::{
    AnnouncementKind, Claim, Policy, Poll, Registration, ServiceId, ServiceName, WatchEvent, limits::RING_ENTRIES,
};

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
    let mut busy = Busy::beside(&world);
    let queue = world.registry.watch_queue().unwrap();
    queue.watch(world.service, 1).unwrap();
    poll(&queue);
    world.register();
    for _ in 0..RING_ENTRIES + 10 {
        busy.moves(&world);
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

/// A second service that moves whenever a test wants it to.
struct Busy {
    service: ServiceId,
    turn: u32,
}

impl Busy {
    fn beside(world: &World) -> Busy {
        let name = ServiceName::new("public", "g", "busy").unwrap();
        Busy { service: world.registry.service(&name).unwrap(), turn: 0 }
    }

    fn moves(&mut self, world: &World) {
        self.turn += 1;
        let claim = Claim { weight: Some(f64::from(self.turn % 7)), ..Claim::default() };
        let registration = Registration { claim, ..Registration::new(world.address.clone()) };
        world.registry.register(self.service, &registration).unwrap();
    }
}

#[test]
fn ten_thousand_queues_on_one_service_each_hear_of_its_last_change_once() {
    const QUEUES: usize = 10_000;
    let world = World::new(Policy::admin_sticky());
    let queues: Vec<_> = (0..QUEUES).map(|_| world.registry.watch_queue().unwrap()).collect();
    for (cookie, queue) in (0..).zip(&queues) {
        queue.watch(world.service, cookie).unwrap();
        poll(queue);
    }
    for _ in 0..10 {
        world.register();
        world.offline();
        world.online();
    }
    let revision = world.revision();
    for (cookie, queue) in (0..).zip(&queues) {
        assert_eq!(poll(queue), [WatchEvent::Changed { service: world.service, cookie, revision }]);
        assert_eq!(poll(queue), []);
    }
}

#[test]
fn a_queue_that_falls_behind_again_and_again_is_told_each_time_and_hears_of_announcements_besides() {
    let world = World::new(Policy::admin_sticky());
    let mut busy = Busy::beside(&world);
    let queue = world.registry.watch_queue().unwrap();
    queue.watch(world.service, 1).unwrap();
    queue.watch(busy.service, 2).unwrap();
    poll(&queue);
    for number in 1..=2 {
        for _ in 0..=RING_ENTRIES {
            busy.moves(&world);
        }
        world.registry.announce(AnnouncementKind::ClockJump, "an hour went by");
        let revision = world.registry.revision(busy.service).unwrap();
        let changed = WatchEvent::Changed { service: busy.service, cookie: 2, revision };
        assert_eq!(poll(&queue), [WatchEvent::Announced { number }, WatchEvent::Resync, changed]);
        assert_eq!(poll(&queue), []);
    }
}

#[test]
fn threads_that_sleep_between_changes_all_hear_of_the_last_one() {
    const CHANGES: u32 = 2_000;
    let world = World::new(Policy::admin_sticky());
    let mut busy = Busy::beside(&world);
    let service = busy.service;
    let last = world.registry.revision(service).unwrap() + u64::from(CHANGES);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let registry = &world.registry;
            scope.spawn(move || {
                let queue = registry.watch_queue().unwrap();
                queue.watch(service, 0).unwrap();
                let mut heard = 0;
                while heard < last {
                    let mut events = Vec::new();
                    queue.poll(&mut events, 1, None);
                    for event in events {
                        let WatchEvent::Changed { revision, .. } = event else { panic!("{event:?}") };
                        assert!(heard < revision && revision <= last);
                        heard = revision;
                    }
                }
            });
        }
        for _ in 0..CHANGES {
            busy.moves(&world);
        }
    });
}

#[cfg(all(target_os = "linux", feature = "driver"))]
mod descriptors {
    use std::os::fd::AsFd;

    use nix::poll::{PollFd, PollFlags, PollTimeout};
    use steadfast_core::WatchQueue;

    use super::*;

    fn becomes_readable(queue: &WatchQueue, timeout: PollTimeout) -> bool {
        let fd = queue.wakeup_fd().unwrap();
        nix::poll::poll(&mut [PollFd::new(fd.as_fd(), PollFlags::POLLIN)], timeout).unwrap() == 1
    }

    fn is_readable(queue: &WatchQueue) -> bool {
        becomes_readable(queue, PollTimeout::ZERO)
    }

    /// Waits for the thread that raises descriptors; a lost wake-up hangs here.
    fn wait(queue: &WatchQueue) {
        assert!(becomes_readable(queue, PollTimeout::NONE));
    }

    #[test]
    fn it_is_readable_until_everything_was_polled() {
        let world = World::new(Policy::admin_sticky());
        let mut busy = Busy::beside(&world);
        let queue = world.registry.watch_queue().unwrap();
        queue.watch(world.service, 1).unwrap();
        queue.watch(busy.service, 2).unwrap();
        assert!(is_readable(&queue), "it says where it is now");
        assert_eq!(poll(&queue).len(), 2);
        assert!(!is_readable(&queue));
        world.register();
        busy.moves(&world);
        wait(&queue);
        queue.poll(&mut Vec::new(), 1, None);
        assert!(is_readable(&queue), "one is left");
        assert_eq!(poll(&queue).len(), 1);
        assert!(!is_readable(&queue));
    }

    #[test]
    fn it_hears_of_announcements_wakes_falling_behind_and_the_end() {
        let world = World::new(Policy::admin_sticky());
        let mut busy = Busy::beside(&world);
        let queue = world.registry.watch_queue().unwrap();
        assert!(!is_readable(&queue));
        world.registry.announce(AnnouncementKind::ClockJump, "an hour went by");
        wait(&queue);
        assert_eq!(poll(&queue).len(), 1);
        queue.wake();
        wait(&queue);
        assert_eq!(poll(&queue), []);
        assert!(!is_readable(&queue));
        queue.watch(busy.service, 1).unwrap();
        poll(&queue);
        for _ in 0..=RING_ENTRIES {
            busy.moves(&world);
        }
        wait(&queue);
        poll(&queue);
        world.registry.shutdown();
        wait(&queue);
        assert_eq!(queue.poll(&mut Vec::new(), 9, None), Poll::Closed);
        assert!(is_readable(&queue), "it stays closed");
    }

    #[test]
    fn what_a_queue_does_not_watch_leaves_its_descriptor_quiet() {
        let world = World::new(Policy::admin_sticky());
        let mut busy = Busy::beside(&world);
        let [quiet, loud] = [(); 2].map(|()| world.registry.watch_queue().unwrap());
        assert!(!is_readable(&quiet) && !is_readable(&loud));
        loud.watch(busy.service, 1).unwrap();
        poll(&loud);
        busy.moves(&world);
        // The herald looks at the queues in the order in which they came.
        wait(&loud);
        assert!(!is_readable(&quiet));
    }

    #[test]
    fn its_thread_goes_with_the_last_descriptor_and_comes_back_with_the_next() {
        let world = World::new(Policy::admin_sticky());
        for _ in 0..100 {
            let queues = [(); 3].map(|()| world.registry.watch_queue().unwrap());
            for queue in &queues {
                queue.watch(world.service, 1).unwrap();
                wait(queue);
            }
        }
    }

    #[test]
    fn a_host_that_sleeps_on_it_between_changes_hears_of_the_last_one() {
        const CHANGES: u32 = 2_000;
        let world = World::new(Policy::admin_sticky());
        let mut busy = Busy::beside(&world);
        let service = busy.service;
        let last = world.registry.revision(service).unwrap() + u64::from(CHANGES);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let registry = &world.registry;
                scope.spawn(move || {
                    let queue = registry.watch_queue().unwrap();
                    queue.watch(service, 0).unwrap();
                    let mut heard = 0;
                    while heard < last {
                        wait(&queue);
                        for event in poll(&queue) {
                            let WatchEvent::Changed { revision, .. } = event else { panic!("{event:?}") };
                            heard = revision;
                        }
                    }
                });
            }
            for _ in 0..CHANGES {
                busy.moves(&world);
            }
        });
    }
}
