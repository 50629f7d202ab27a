//! What a journal hears: every decision, in order, and nothing of the beats that change nothing.
#![allow(unreachable_pub, reason = "test modules")]

mod common;

use std::sync::{Arc, Mutex};

use common::{World, heartbeat_wins, options};
use steadfast_core::{
    Beat, Decided, Journal, Opening, Options, Policy, Routes, Scope, ServiceName,
    policy::{Event, Hold, Input, State, Verdict, retrace},
};

/// What is kept of a decision.
#[derive(Clone, Debug)]
struct Kept {
    port: u16,
    time_ms: u64,
    elapsed_ms: u64,
    before: State,
    input: Input,
    verdict: Verdict,
    ordered: bool,
    writer: String,
    policy: (String, u64, Option<Scope>),
}

#[derive(Debug, Default)]
struct Memory {
    opened: Mutex<Vec<Opening>>,
    kept: Mutex<Vec<Kept>>,
    closed: Mutex<usize>,
}

impl Journal for Memory {
    fn opened(&self, opening: Opening) {
        self.opened.lock().unwrap().push(opening);
    }

    fn record(&self, decided: &Decided<'_>) {
        assert_eq!(decided.service.group, "DEFAULT_GROUP");
        self.kept.lock().unwrap().push(Kept {
            port: decided.address.port,
            time_ms: decided.time_ms,
            elapsed_ms: decided.elapsed_ms,
            before: decided.before,
            input: decided.input,
            verdict: decided.verdict,
            ordered: decided.ordered,
            writer: decided.writer.to_owned(),
            policy: (decided.policy.table.manifest().name.clone(), decided.policy.epoch, decided.policy.scope.cloned()),
        });
    }

    fn closed(&self) {
        *self.closed.lock().unwrap() += 1;
    }
}

impl Memory {
    fn events(&self) -> Vec<Event> {
        self.kept.lock().unwrap().iter().map(|kept| kept.input.event()).collect()
    }

    fn last(&self) -> Kept {
        self.kept.lock().unwrap().last().expect("something was decided").clone()
    }
}

fn world(policy: Policy) -> (World, Arc<Memory>) {
    let memory = Arc::new(Memory::default());
    let journal: Arc<dyn Journal> = Arc::<Memory>::clone(&memory);
    (World::with(Options { journal: Some(journal), ..options(policy) }), memory)
}

#[test]
fn decisions_are_told_in_order_and_each_begins_where_the_one_before_it_ended() {
    let (world, memory) = world(Policy::admin_sticky());
    world.register();
    world.offline();
    world.pass_ms(40_000);
    world.register();
    world.online();
    let expected = [Event::Register, Event::Hold, Event::Silence, Event::Silence, Event::Register, Event::Release];
    assert_eq!(memory.events(), expected);
    let mut state = State::EMPTY;
    for decision in memory.kept.lock().unwrap().iter() {
        assert_eq!(decision.before, state, "{decision:?}");
        state = retrace(&decision.before, decision.input, decision.verdict).expect("it was delivered").next;
    }
    assert_eq!((state.present, state.hold), (true, Hold::None));
}

#[test]
fn a_beat_that_changes_nothing_is_not_told() {
    let (world, memory) = world(Policy::admin_sticky());
    let handle = world.register().handle;
    for _ in 0..3 {
        assert_eq!((world.beat(handle), world.light_beat()), (Beat::Alive, Beat::Alive));
    }
    assert_eq!(memory.events(), [Event::Register]);
    world.pass_ms(20_000);
    world.beat(handle);
    assert_eq!(memory.events(), [Event::Register, Event::Silence, Event::Beat], "this one made it healthy");
}

#[test]
fn a_crossing_tells_when_it_was_due_and_since_when_there_is_silence() {
    let (world, memory) = world(Policy::admin_sticky());
    world.register();
    world.pass_ms(20_000);
    let kept = memory.last();
    assert_eq!((kept.input, kept.writer.as_str()), (Input::Silence(1), "clock"));
    // One step more than declared, so that nothing fires early.
    assert_eq!((kept.time_ms, kept.elapsed_ms), (15_100, 15_100));
}

#[test]
fn who_ordered_and_whether_orders_stand_is_told() {
    let (world, memory) = world(Policy::admin_sticky());
    world.register();
    assert!(!memory.last().ordered);
    world.offline();
    let kept = memory.last();
    assert_eq!((kept.port, kept.ordered, kept.writer.as_str()), (8080, true, "console/ann"));
}

#[test]
fn the_policy_is_told_with_its_epoch_and_scope() {
    let (world, memory) = world(Policy::admin_sticky());
    world.register();
    assert_eq!(memory.last().policy, ("admin-sticky".into(), 1, None));
    world.registry.install(heartbeat_wins()).unwrap();
    assert_eq!(memory.last().policy, ("heartbeat-wins".into(), 2, None));
    assert_eq!(memory.last().input.event(), Event::Swap);
    let name = ServiceName::new("public", "DEFAULT_GROUP", "orders").unwrap();
    let routes = Routes::new([(Scope::service(&name), Policy::admin_sticky())]).unwrap();
    world.registry.route(&routes).unwrap();
    assert_eq!(memory.last().policy, ("admin-sticky".into(), 3, Some(Scope::service(&name))));
}

#[test]
fn a_journal_hears_of_the_start_and_once_of_the_end() {
    let (world, memory) = world(Policy::admin_sticky());
    assert_eq!(*memory.opened.lock().unwrap(), [Opening { boot: 1, retain_ms: 3_600_000 }]);
    world.registry.shutdown();
    world.registry.shutdown();
    assert_eq!(*memory.closed.lock().unwrap(), 1);
    let world = world.restart();
    assert_eq!(memory.opened.lock().unwrap().last().map(|opening| opening.boot), Some(2));
    world.register();
    assert_eq!(memory.events(), [Event::Register]);
}
