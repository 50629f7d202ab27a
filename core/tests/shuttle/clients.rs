//! Tasks that play clients. Each has ports of its own, so it knows what must be true of them.

use steadfast_core::{
    Beat, Claim, ClaimError, FullBeat, Handle, Left, Liveness, NamedBeat, Publisher, Registration, ServiceName,
    policy::Probe,
};

use crate::world::{NORTH, SILENT_MS, SOUTH, World, address, pick};

const TURNS: u32 = 8;

/// An instance that lives by its beats.
struct Beater<'a> {
    world: &'a World,
    port: u16,
    cluster: &'static str,
    /// Its handle and the time from which its last sign of life counts.
    alive: Option<(Handle, u64)>,
}

/// Registers, beats in every way there is, changes its mind and leaves.
pub fn beat(world: &World, number: u16) {
    let mut beater = Beater { world, port: number, cluster: if number == 1 { NORTH } else { SOUTH }, alive: None };
    beater.register();
    for _ in 0..TURNS {
        match pick(8) {
            0 => beater.register(),
            1 => beater.claim(),
            2 => beater.leave(),
            way => beater.beat(way),
        }
        beater.is_as_it_was_told();
    }
}

/// Does nothing but beat by its handle, the way that takes no lock.
pub fn beat_by_handle(world: &World, number: u16) {
    let mut beater = Beater { world, port: number, cluster: SOUTH, alive: None };
    beater.register();
    for _ in 0..TURNS {
        beater.beat(7);
        beater.is_as_it_was_told();
    }
}

impl Beater<'_> {
    fn register(&mut self) {
        let begun = self.world.oracle.now_ms();
        let registration = Registration::new(address(self.port, self.cluster));
        let registered = self.world.registry.register(self.world.services[0], &registration).unwrap();
        self.alive = Some((registered.handle, begun));
    }

    fn beat(&mut self, way: u32) {
        let World { registry, services, oracle, .. } = self.world;
        let (begun, address) = (oracle.now_ms(), address(self.port, self.cluster));
        let Some((handle, _)) = self.alive else { return };
        let full = FullBeat { ephemeral: true, ..FullBeat::default() };
        let mut beat = Beat::Alive;
        match way {
            3 => beat = registry.beat_at(services[0], &address, None).unwrap(),
            4 => beat = registry.beat_at(services[0], &address, Some(&full)).unwrap(),
            5 => registry.beat_batch(&[handle], &mut |_, rejected| beat = rejected),
            6 => {
                let named = NamedBeat { service: services[0], address: &address, full: None };
                registry.beat_batch_at(&[named], &mut |_, rejected| beat = rejected.unwrap());
            }
            _ => beat = registry.beat(handle),
        }
        match beat {
            Beat::Alive if way == 4 => {
                // It may have been registered anew.
                let handle = registry.view(services[0], |view| {
                    view.iter().find(|instance| instance.port() == self.port).map(|instance| instance.handle())
                });
                self.alive = handle.unwrap().map(|handle| (handle, begun));
            }
            Beat::Alive => self.alive = Some((handle, begun)),
            Beat::RegisterAgain => self.has_gone(),
            Beat::Closed => panic!("closed"),
        }
    }

    fn claim(&mut self) {
        let weight = f64::from(pick(5) + 1);
        let claim = Claim { weight: Some(weight), ..Claim::default() };
        match self.world.registry.claim(self.world.services[0], &address(self.port, self.cluster), &claim) {
            Ok(_) => {
                let rows = self.world.look(0);
                let row = rows.iter().find(|row| row.port == self.port);
                assert!(row.is_none_or(|row| (row.weight - weight).abs() < f64::EPSILON), "claimed {weight}: {row:?}");
            }
            Err(ClaimError::NotPresent { .. }) => self.has_gone(),
            Err(error) => panic!("{error}"),
        }
    }

    fn leave(&mut self) {
        let World { registry, services, .. } = self.world;
        let left = registry.deregister(services[0], &address(self.port, self.cluster), &Publisher::Keyless).unwrap();
        if left != Left::Gone {
            self.has_gone();
        }
        self.alive = None;
        assert!(self.world.look(0).iter().all(|row| row.port != self.port), "{} has left", self.port);
    }

    /// It was answered that it is not there: then it left, or was silent for long.
    fn has_gone(&mut self) {
        if let Some((_, beat_ms)) = self.alive.take() {
            let old = self.world.oracle.may_be_older_than(beat_ms, 2 * SILENT_MS);
            assert!(old, "a beat of {} at {beat_ms} ms was acknowledged, and it has to register again", self.port);
        }
    }

    fn is_as_it_was_told(&self) {
        let rows = self.world.look(0);
        if let Some((_, beat_ms)) = self.alive {
            self.world.oracle.lives(&rows, self.port, beat_ms);
        }
    }
}

/// A connection that publishes, is checked from outside, and breaks.
pub fn connect(world: &World, number: u16) {
    let World { registry, services, .. } = world;
    let connection = format!("connection-{number}");
    let ports = [100 * number, 100 * number + 1];
    for _ in 0..TURNS / 2 {
        for port in ports {
            let registration = Registration {
                publisher: Publisher::Connection(connection.clone()),
                liveness: Liveness::Connection,
                ..Registration::new(address(port, SOUTH))
            };
            registry.register(services[1], &registration).unwrap();
        }
        let checked = address(ports[0], SOUTH);
        let probe = if pick(2) == 0 { Probe::Failing } else { Probe::Passing };
        assert!(registry.probe(services[1], &checked, probe).unwrap(), "it is there");
        let rows = world.look(1);
        let seen = |port| rows.iter().find(|row| row.port == port);
        assert_eq!(seen(ports[0]).map(|row| row.healthy), Some(probe == Probe::Passing));
        assert_eq!(seen(ports[1]).map(|row| row.healthy), Some(true), "a connection is no silence");
        assert_eq!(registry.disconnect(&connection).unwrap(), ports.len());
        assert!(world.look(1).iter().all(|row| !ports.contains(&row.port)), "it is disconnected");
    }
}

/// Asks for services that others ask for at the same time.
pub fn create(world: &World, number: u16) {
    for turn in 0..3 {
        let name = format!("created-{turn}");
        let asked = ServiceName::new("public", "created", &name).unwrap();
        let service = world.registry.service(&asked).unwrap();
        world.oracle.named(&name, service);
        // It lives by a connection: its time must not be up before anybody looks.
        let publisher = Publisher::Connection(format!("creator-{number}"));
        let registration = Registration {
            publisher: publisher.clone(),
            liveness: Liveness::Connection,
            ..Registration::new(address(1_000 + number, NORTH))
        };
        let handle = world.registry.register(service, &registration).unwrap().handle;
        let seen = world.registry.view(service, |view| view.iter().any(|instance| instance.handle() == handle));
        assert!(seen.unwrap(), "who is registered is listed");
        let left = world.registry.deregister(service, &registration.address, &publisher).unwrap();
        assert_eq!(left, Left::Gone);
    }
}
