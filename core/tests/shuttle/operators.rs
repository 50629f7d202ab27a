//! Tasks that play operators. Each has an owner's name of its own, and the addresses that go with it.

use std::ops::ControlFlow;

use steadfast_core::{BulkOrder, FloorTarget, HoldKind, OrderError, Routes, Scope, Selector};

use crate::world::{NORTH, SOUTH, World, address, author, name, order, pick, policies};

const TURNS: u32 = 6;

/// Holds and releases the first clients, which come and go meanwhile.
pub fn hold(world: &World, number: u16) {
    let World { registry, services, oracle, .. } = world;
    let owner = format!("operator-{number}");
    let address = address(number, if number == 1 { NORTH } else { SOUTH });
    for turn in 0..TURNS {
        if turn % 2 == 0 {
            let kind = if pick(2) == 0 { HoldKind::Offline } else { HoldKind::Drain };
            let reply = registry.hold(services[0], &address, &order(kind, &owner));
            if stored(world, reply.map(drop)) {
                oracle.held(0, number);
            }
        } else {
            let stood = oracle.is_released(0, number);
            let reply = registry.release(services[0], &address, &author(&owner)).map(|reply| {
                assert_eq!(reply.found, stood, "what was acknowledged was there to release");
            });
            if !stored(world, reply) && stood {
                oracle.held(0, number);
            }
        }
        world.look(0);
    }
}

/// Whether an order is in force. The one excuse is a disk that failed.
fn stored(world: &World, reply: Result<(), OrderError>) -> bool {
    match reply {
        Ok(()) => true,
        Err(OrderError::Store(error)) => {
            assert!(world.disk.failures() > 0, "{error}");
            false
        }
        Err(error) => panic!("{error}"),
    }
}

/// Drains a whole cluster, and lets it serve again.
pub fn lay_floors(world: &World, number: u16) {
    let (registry, owner) = (&world.registry, format!("operator-{number}"));
    let target = FloorTarget::Cluster { service: name(0), cluster: NORTH.to_owned() };
    let mut stands = false;
    for _ in 0..TURNS / 2 {
        let reply = registry.hold_floor(&target, &order(HoldKind::Drain, &owner));
        stands |= stored(world, reply.map(drop));
        world.oracle.set_floor(stands);
        world.look(0);
        world.oracle.set_floor(false);
        let reply = registry.release_floor(&target, &author(&owner)).map(|reply| {
            assert_eq!(reply.found, stands, "what was acknowledged was there to release");
        });
        stands &= !stored(world, reply);
        world.oracle.set_floor(stands);
        world.look(0);
    }
}

/// Orders about whoever matches, after a look at what they would do.
pub fn hold_many(world: &World, number: u16) {
    let (registry, owner) = (&world.registry, format!("operator-{number}"));
    let south = Selector { service: Some(name(1).name), cluster: Some(SOUTH.to_owned()), ..Selector::default() };
    for turn in 0..TURNS {
        let order = match turn % 2 {
            0 => BulkOrder::Hold(order(HoldKind::Offline, &owner)),
            _ => BulkOrder::Release(author(&owner)),
        };
        registry.plan(&south, &order).unwrap();
        // Nobody else has orders there.
        let mut held = world.oracle.held_ports(1);
        if turn % 2 == 1 {
            for port in &held {
                world.oracle.is_released(1, *port);
            }
        }
        let report = registry.bulk(&south, &order, &mut |_| ControlFlow::Continue(())).unwrap();
        for outcome in report.outcomes {
            let port = outcome.target.address.port;
            if stored(world, outcome.result.map(drop)) {
                held.retain(|held| *held != port);
                if turn % 2 == 0 {
                    world.oracle.held(1, port);
                }
            }
        }
        if turn % 2 == 1 {
            for port in held {
                world.oracle.held(1, port);
            }
        }
        world.look(1);
    }
}

/// Installs one policy after the other, and routes one service aside.
pub fn swap(world: &World, _: u16) {
    let [serving, draining] = policies();
    for turn in 0..3 {
        let to = if turn % 2 == 0 { draining } else { serving };
        world.registry.install(to.clone()).unwrap();
        world.look(0);
        let aside = (Scope::service(&name(1)), serving.clone());
        let routes = if turn % 2 == 0 { Routes::new([aside]).unwrap() } else { Routes::none() };
        world.registry.route(&routes).unwrap();
        world.look(1);
    }
}
