//! Who acts: clients with moods, operators, clocks, and whoever pulls plugs. All chance is here, from one seed.

mod operators;
mod readers;

use fastrand::Rng;
use steadfast_policy::Probe;

use crate::{
    disk::Fault,
    event::{Boot, Event, Misdeed, Pairs, Registering, Says},
    model::Model,
    stage::{CLIENTS, Heard},
    world::{CONNECTIONS, PROCESSES, Place},
};

/// A weather lasts so many events: some kinds of events come often in it, others never.
const WEATHER_EVENTS: std::ops::Range<u32> = 60..400;
/// A swap compares two policies exactly, which takes longer than a hundred other events.
const SWAPS_ONE_IN: u8 = 4;
/// An event about one place comes twice so often.
const REPEATED_ONE_IN: u8 = 16;
/// Metadata that clients send: zones that a policy may empty, and thresholds of their own, sensible and not.
const PAIRS: [(&str, &str); 8] = [
    ("zone", "east"),
    ("zone", "west"),
    ("version", "7"),
    ("preserved.heart.beat.timeout", "5000"),
    ("preserved.heart.beat.timeout", "40000"),
    ("preserved.ip.delete.timeout", "3000"),
    ("preserved.ip.delete.timeout", "soon"),
    ("preserved.ip.delete.timeout", "1"),
];

/// One client program.
#[derive(Clone, Debug)]
struct Client {
    at: Place,
    connection: Option<u8>,
    living: bool,
    ephemeral: bool,
    process: Option<u8>,
    mood: Mood,
    /// It was told to register again.
    told: bool,
}

/// How a client behaves for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Steady,
    /// Beats without ever registering.
    Deaf,
    Gone,
    /// Says and unsays that it wants traffic.
    Fickle,
}

/// How often each kind of event comes for now.
#[derive(Clone, Debug)]
struct Weather {
    clients: u32,
    operators: u32,
    checks: u32,
    time: u32,
    swaps: u32,
    disasters: u32,
    nonsense: u32,
    readers: u32,
    /// Ticks of 100 ms, or a ticker that is late.
    step_ms: u64,
    left: u32,
}

/// Everybody, and the dice.
pub(crate) struct Cast {
    rng: Rng,
    clients: Vec<Client>,
    weather: Weather,
    policies: u8,
    /// Connections whose end has not been reported yet though their client went on without them.
    late: Vec<u8>,
    acting: Option<u8>,
    /// Questions of readers until the next storm, which takes as long as a thousand other events.
    calm: u32,
}

impl Cast {
    pub(crate) fn new(seed: u64, policies: u8) -> Cast {
        let mut rng = Rng::with_seed(seed);
        let weather = weather(&mut rng);
        let clients = (0..CLIENTS).map(|_| client(&mut rng)).collect();
        Cast { rng, clients, weather, policies, late: Vec::new(), acting: None, calm: 20 }
    }

    /// What a process is started with.
    pub(crate) fn boot(&mut self) -> Boot {
        Boot {
            policy: self.rng.u8(..self.policies),
            retain_ms: self.pick(&[0, 20_000, 120_000, 3_600_000]),
            max_step_ms: self.pick(&[0, 5_000, 5_000]),
            flush_in_tick: self.rng.u8(..4) > 0,
            quota: self.pick(&[None, None, Some(2), Some(5)]),
        }
    }

    /// The next event, as the world looks now.
    pub(crate) fn act(&mut self, model: &Model) -> Event {
        self.acting = None;
        if self.weather.left == 0 {
            self.weather = weather(&mut self.rng);
        }
        self.weather.left -= 1;
        let Weather { clients, operators, checks, time, swaps, disasters, nonsense, readers, .. } = self.weather;
        let swaps = if self.rng.u8(..SWAPS_ONE_IN) == 0 { swaps } else { 0 };
        let event = match self.pick_weighted(&[clients, operators, checks, time, swaps, disasters, readers, nonsense]) {
            0 => self.client_acts(model),
            1 => self.operator_acts(model),
            2 => Event::Probe { at: self.place(), probe: self.pick(Probe::ALL) },
            3 => self.time_passes(),
            4 => self.policies_change(),
            5 => self.disaster(),
            6 => self.reader_acts(model),
            _ => Event::Misbehave(self.misdeed()),
        };
        // Somebody is not sure that it was heard, and says it again.
        let is_said = event.place().is_some() && !matches!(event, Event::Storm { .. });
        if is_said && self.rng.u8(..REPEATED_ONE_IN) == 0 { Event::Twice(Box::new(event)) } else { event }
    }

    fn policies_change(&mut self) -> Event {
        match self.rng.u8(..8) {
            0..4 => Event::Install { policy: self.policy() },
            4 => Event::Route { routes: std::collections::BTreeMap::new() },
            5 => Event::Quota { namespace: self.rng.u8(..2), most: self.pick(&[None, None, Some(3), Some(6)]) },
            _ => {
                let scopes: Vec<u8> = crate::world::scopes().filter(|_| self.rng.u8(..4) == 0).collect();
                Event::Route { routes: scopes.into_iter().map(|scope| (scope, self.policy())).collect() }
            }
        }
    }

    fn policy(&mut self) -> u8 {
        self.rng.u8(..self.policies)
    }

    /// Whoever acted hears the answer.
    pub(crate) fn hear(&mut self, heard: Heard) {
        if let Some(client) = self.acting {
            self.clients[usize::from(client)].told = heard.register_again;
        }
    }

    fn client_acts(&mut self, model: &Model) -> Event {
        let number = self.rng.u8(..CLIENTS);
        if self.rng.u8(..12) == 0 {
            self.change_mood(number);
        }
        self.acting = Some(number);
        let client = self.clients[usize::from(number)].clone();
        let registers = client.told && client.mood != Mood::Deaf;
        match client.mood {
            Mood::Gone => self.left_behind(client.at),
            _ if registers => self.registration(model, number, true),
            Mood::Fickle if self.rng.bool() => Event::Claim { at: client.at, says: self.says() },
            _ => match self.rng.u8(..20) {
                0..4 => self.registration(model, number, false),
                4..12 => Event::Beat { client: number },
                12..14 => Event::LightBeat { at: client.at },
                14..17 => {
                    Event::FullBeat { at: client.at, ephemeral: client.ephemeral, says: self.echo(model, client.at) }
                }
                17 if self.rng.bool() => self.named_batch(model),
                17 => Event::BeatBatch,
                18 => Event::Claim { at: client.at, says: self.echo(model, client.at) },
                _ => Event::Deregister { at: client.at, connection: client.connection },
            },
        }
    }

    /// What still comes of a client that is gone: a late disconnect, somebody else's deregistration.
    fn left_behind(&mut self, at: Place) -> Event {
        match self.late.pop() {
            Some(connection) if self.rng.bool() => Event::Disconnect { connection },
            _ if self.rng.bool() => Event::Disconnect { connection: self.rng.u8(..CONNECTIONS) },
            _ => Event::Deregister { at, connection: self.connection() },
        }
    }

    fn change_mood(&mut self, number: u8) {
        let mood = self.pick(&[Mood::Steady, Mood::Steady, Mood::Deaf, Mood::Gone, Mood::Fickle]);
        let fresh = client(&mut self.rng);
        let client = &mut self.clients[usize::from(number)];
        client.mood = mood;
        match self.rng.u8(..4) {
            // It restarts: another program or connection at the same address; the old one's end is heard of later.
            0 => {
                self.late.extend(client.connection);
                (client.connection, client.living) = (fresh.connection, fresh.living);
                client.process = fresh.process;
            }
            1 => *client = fresh,
            _ => {}
        }
    }

    fn registration(&mut self, model: &Model, number: u8, asked: bool) -> Event {
        let Client { at, connection, living, ephemeral, process, .. } = self.clients[usize::from(number)];
        // An SDK that answers a question repeats what it remembers, which may be what operators laid over it.
        let says = if asked && self.rng.bool() { self.echo(model, at) } else { self.says() };
        Event::Register(Registering { client: number, at, connection, living, ephemeral, process, says })
    }

    fn time_passes(&mut self) -> Event {
        let step_ms = self.weather.step_ms;
        match self.rng.u8(..32) {
            0..14 => Event::Pass { ms: self.rng.u64(1..1_500), step_ms },
            14..24 => Event::Pass { ms: self.rng.u64(1_000..12_000), step_ms },
            24..27 => Event::Pass { ms: self.rng.u64(10_000..45_000), step_ms },
            27 => Event::Pass { ms: self.rng.u64(100_000..200_000), step_ms: 4_900 },
            28 => Event::Suspend { ms: self.rng.u64(1_000..600_000) },
            29 => Event::ClockBack { ms: self.rng.u64(1..100_000) },
            30 => Event::WallJump { ms: self.rng.i64(-120_000..120_000) },
            _ => Event::WallJump { ms: self.pick(&[-40_000_000, 40_000_000, 30_000, 3_600_000]) },
        }
    }

    fn disaster(&mut self) -> Event {
        match self.rng.u8(..12) {
            0..3 => {
                let start_fails = (self.rng.u8(..4) == 0).then(|| self.rng.bool());
                Event::Crash { boot: self.boot(), start_fails }
            }
            3..5 => Event::Shutdown { boot: self.boot() },
            5..8 => Event::Flush,
            8..10 => Event::StoreFault { fault: Fault::Dies { durable: self.rng.bool() }, commits: self.rng.u8(..3) },
            _ => Event::StoreFault { fault: Fault::Fails { durable: self.rng.bool() }, commits: self.rng.u8(..3) },
        }
    }

    fn misdeed(&mut self) -> Misdeed {
        let (at, number) = (self.place(), self.rng.u64(..));
        self.pick(&[
            Misdeed::ForgedHandle(number),
            Misdeed::HeavyWeight(at),
            Misdeed::LivingWithoutConnection(at),
            Misdeed::OtherKind(at),
            Misdeed::UnknownService(number),
            Misdeed::PortZero(at),
            Misdeed::HoldInThePast(at),
            Misdeed::HoldWithoutReason(at),
            Misdeed::OverlayOutOfBounds(at),
            Misdeed::MisshapenBeat(at),
        ])
    }

    fn says(&mut self) -> Says {
        let enabled = self.pick(&[None, None, Some(true), Some(true), Some(false)]);
        let weight = self.pick(&[None, None, Some(2.0), Some(0.5)]);
        let metadata = (self.rng.u8(..3) == 0).then(|| self.pairs());
        Says { enabled, weight, metadata }
    }

    /// The effective values of now, as the Java SDK copies them back.
    fn echo(&mut self, model: &Model, at: Place) -> Says {
        let says = self.says();
        match model.known(at) {
            Some(known) if self.rng.bool() => {
                Says { weight: Some(known.effective_weight()), metadata: Some(known.effective_metadata()), ..says }
            }
            _ => says,
        }
    }

    fn pairs(&mut self) -> Pairs {
        let chosen = PAIRS.into_iter().filter(|_| self.rng.u8(..4) == 0);
        chosen.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    fn place(&mut self) -> Place {
        place(&mut self.rng)
    }

    fn connection(&mut self) -> Option<u8> {
        self.rng.bool().then(|| self.rng.u8(..CONNECTIONS))
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.rng.usize(..from.len())].clone()
    }

    fn pick_weighted(&mut self, weights: &[u32]) -> usize {
        let mut at = self.rng.u32(..weights.iter().sum::<u32>().max(1));
        let passed = |weight: &u32| {
            let here = at < *weight;
            at = at.saturating_sub(*weight);
            here
        };
        weights.iter().position(passed).unwrap_or(0)
    }
}

fn place(rng: &mut Rng) -> Place {
    let places: Vec<Place> = Place::all().collect();
    places[rng.usize(..places.len())]
}

fn client(rng: &mut Rng) -> Client {
    let connection = rng.bool().then(|| rng.u8(..CONNECTIONS));
    Client {
        at: place(rng),
        connection,
        living: connection.is_some() && rng.bool(),
        ephemeral: rng.u8(..5) > 0,
        process: (rng.u8(..3) > 0).then(|| rng.u8(..PROCESSES)),
        mood: Mood::Steady,
        told: true,
    }
}

fn weather(rng: &mut Rng) -> Weather {
    let mut weight = |often: u32| [0, often / 2, often, often * 3][rng.usize(..4)];
    let (operators, checks, swaps) = (weight(16), weight(4), weight(2));
    let (disasters, nonsense, clients) = (weight(2), weight(2), 20 + weight(20));
    let (time, readers) = (4 + weight(10), weight(4));
    let step_ms = [100, 100, 100, 37, 250, 1_700][rng.usize(..6)];
    Weather {
        clients,
        operators,
        checks,
        time,
        swaps,
        disasters,
        nonsense,
        readers,
        step_ms,
        left: rng.u32(WEATHER_EVENTS),
    }
}
