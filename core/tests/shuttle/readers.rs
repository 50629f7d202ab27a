//! Tasks that only look, wait, or let time pass.

use std::time::Duration;

use steadfast_core::Poll;

use crate::world::{LAST_PORT, NORTH, World, address, pick};

const TURNS: u32 = 8;

/// The clock of the host, in strides that are shorter and longer than a client may be silent.
pub fn pass_time(world: &World, _: u16) {
    for _ in 0..TURNS {
        world.tick([100, 5_000, 14_000, 16_000][pick(4) as usize]);
        // A failure is announced, and tried again.
        let _ = world.registry.flush();
    }
}

/// The same in strides that are just not too long for who beats.
pub fn pass_time_evenly(world: &World, _: u16) {
    for _ in 0..2 {
        world.tick(14_000);
    }
}

/// Reads everything that can be read; revisions never go back.
pub fn read(world: &World, _: u16) {
    let World { registry, services, oracle, .. } = world;
    let mut last = [0; 2];
    for _ in 0..TURNS {
        let service = pick(2) as usize;
        let (revision, _) = oracle.look(registry, services, service);
        assert!(revision >= last[service], "revision {revision} after {}", last[service]);
        last[service] = revision;
        oracle.unpack(registry, services, service);
        if let Some(explained) = registry.explain(services[0], &address(1, NORTH)).unwrap() {
            assert_ne!(explained.reason, "");
        }
        registry.explain_service(services[service]).unwrap();
        registry.counters();
    }
}

/// Waits for news until the last instance has come. Whatever it is told of is there when it looks.
pub fn watch(world: &World, number: u16) {
    let World { registry, services, oracle, .. } = world;
    let queue = registry.watch_queue().unwrap();
    for (cookie, service) in services.iter().enumerate() {
        queue.watch(*service, cookie as u64).unwrap();
    }
    let mut last = [0; 2];
    loop {
        let mut events = Vec::new();
        // One of them is in a hurry now and then: its time may be up as soon as it sleeps.
        let timeout = (number == 1 && pick(4) == 0).then_some(Duration::from_millis(1));
        assert_ne!(queue.poll(&mut events, 4, timeout), Poll::Closed);
        for event in &events {
            oracle.is_there(registry, services, event);
        }
        for (service, last) in last.iter_mut().enumerate() {
            let (revision, rows) = oracle.look(registry, services, service);
            assert!(revision >= *last, "revision {revision} after {last}");
            *last = revision;
            if rows.iter().any(|row| row.port == LAST_PORT) {
                return;
            }
        }
    }
}
