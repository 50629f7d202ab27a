//! What the policies that ship do, story by story, and which parameters they take.

mod common;

use common::{Story, register, shipped, table};
use steadfast_policy::{
    Configure, DURATION_MS_MAX, Hold, Input, Law, Probe, Process, StatePolicy, Traffic,
    builtin::{AdminSticky, EurekaChain, MaintenanceWindow, Nacos2x, Nacos14, RestartClears},
    law::{self, LawError},
    step,
};

fn configured<P: Configure>(params: &[(&str, &str)]) -> Result<P, String> {
    let params: Vec<_> = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    P::configure(&params)
}

fn story<P: Configure>(params: &[(&str, &str)]) -> Story {
    Story::under(table(&configured::<P>(params).expect("good parameters")))
}

const OFFLINE: Input = Input::Hold(Hold::Offline);
const ONLINE: Input = Input::Release(Hold::None);
/// Silent for so long that most policies let the instance go.
const GONE: Input = Input::Silence(2);

fn register_disabled() -> Input {
    Input::Register { ephemeral: true, enabled: Some(false), process: Process::Same, class: 0 }
}

#[test]
fn every_policy_claims_exactly_the_laws_that_it_keeps() {
    for table in shipped() {
        let manifest = table.manifest();
        assert!(table.entries().count() > 1000, "{} is asked about everything", manifest.name);
        for law in Law::ALL {
            match law::prove_all(&table, &[*law]) {
                Ok(proof) => {
                    assert!(manifest.laws.contains(law), "{} keeps {law} and does not claim it", manifest.name);
                    assert!(proof.states > 100, "{}: {proof:?}", manifest.name);
                }
                Err(LawError::Broken { counterexample, .. }) => {
                    assert!(!manifest.laws.contains(law), "{}: {law}: {counterexample}", manifest.name);
                }
                Err(other) => panic!("{}: {law}: {other}", manifest.name),
            }
        }
    }
}

#[test]
fn restart_clears_ends_the_order_with_the_program() {
    let mut story = story::<RestartClears>(&[]);
    story.inputs(&[register(Process::Same), OFFLINE, register(Process::Same), Input::Beat]);
    assert_eq!(story.state.traffic, Traffic::Refuse, "the same program keeps its order");
    story.inputs(&[register(Process::Other)]);
    assert_eq!((story.state.traffic, story.state.hold), (Traffic::Serve, Hold::None));
    assert_eq!(story.reason(), "in service: another program came, and the orders for the earlier one ended");
}

#[test]
fn restart_clears_ends_a_ban_too() {
    let mut story = story::<RestartClears>(&[]);
    story.inputs(&[register(Process::Same), Input::Hold(Hold::Banned), register(Process::Same)]);
    assert!(!story.state.present, "the banned program stays out");
    story.inputs(&[register(Process::Other)]);
    assert!(story.state.present);
}

#[test]
fn restart_clears_asks_what_to_do_with_the_unknown() {
    let offline = [register(Process::Same), OFFLINE, register(Process::Unknown)];
    for (params, traffic) in [
        (&[][..], Traffic::Serve),
        (&[("unknown", "clear")][..], Traffic::Serve),
        (&[("unknown", "keep")][..], Traffic::Refuse),
    ] {
        let mut story = story::<RestartClears>(params);
        story.inputs(&offline);
        assert_eq!(story.state.traffic, traffic, "{params:?}");
    }
}

#[test]
fn a_failing_check_is_the_reason_where_another_program_came_and_is_not_hidden_by_it() {
    let mut story = story::<RestartClears>(&[]);
    let failing = Input::Probe(Probe::Failing);
    story.inputs(&[register(Process::Same), failing, Input::Hold(Hold::Offline), register(Process::Other)]);
    assert_eq!((story.state.traffic, story.state.healthy), (Traffic::Serve, false));
    assert_eq!(story.reason(), "the health check fails");
}

#[test]
fn nacos_2x_keeps_an_order_until_its_instance_has_been_gone_for_long() {
    let mut story = story::<Nacos2x>(&[]);
    story.inputs(&[register(Process::Same), OFFLINE, Input::Beat, register(Process::Other)]);
    story.inputs(&[Input::Deregister, register(Process::Same)]);
    assert_eq!(story.state.traffic, Traffic::Refuse, "back before the order is forgotten");
    story.inputs(&[Input::Deregister, Input::Absence(1)]);
    assert_eq!(story.reason(), "absent for so long that the operator's orders are forgotten");
    story.inputs(&[register(Process::Same)]);
    assert_eq!((story.state.traffic, story.state.hold), (Traffic::Serve, Hold::None));
}

#[test]
fn nacos_2x_never_forgets_an_order_for_what_was_not_there() {
    let mut never_came = story::<Nacos2x>(&[]);
    never_came.inputs(&[OFFLINE, Input::Overlay { class: 0 }]);
    assert_eq!(step(&never_came.table, &never_came.state, Input::Absence(1)), None, "no tombstone that could grow old");

    let mut had_left = story::<Nacos2x>(&[]);
    had_left.inputs(&[register(Process::Same), Input::Deregister, OFFLINE, Input::Absence(1), register(Process::Same)]);
    assert_eq!(had_left.state.traffic, Traffic::Refuse);
}

#[test]
fn nacos_2x_writes_into_the_record_that_is_about_to_expire() {
    let mut story = story::<Nacos2x>(&[]);
    story.inputs(&[register_disabled(), OFFLINE, Input::Deregister, ONLINE, OFFLINE, Input::Absence(1)]);
    assert_eq!(story.state.hold, Hold::None, "the new order was written into the old record");
}

#[test]
fn nacos_2x_loses_what_the_client_said_of_itself() {
    let mut edited = story::<Nacos2x>(&[]);
    edited.inputs(&[register_disabled()]);
    assert_eq!(edited.state.traffic, Traffic::Refuse);
    edited.inputs(&[Input::Overlay { class: 0 }]);
    assert_eq!(edited.reason(), "in service: the operator's word hides that the client disabled itself");

    let mut rebuilt = story::<Nacos2x>(&[]);
    rebuilt.inputs(&[register_disabled(), GONE, Input::Beat]);
    assert_eq!(rebuilt.reason(), "in service: rebuilt from a beat, which cannot say that the client disabled itself");
    rebuilt.inputs(&[Input::Beat, Input::Claim { enabled: Some(false), class: 0 }]);
    assert_eq!(rebuilt.state.traffic, Traffic::Refuse, "it says so again");
}

#[test]
fn nacos_1_4_keeps_an_order_until_the_record_is_written_anew() {
    let held = [register(Process::Same), OFFLINE, Input::Beat, Input::Silence(1), Input::Beat];
    let rewritten = "in service: the client wrote its record anew, and the operator's order was in it";
    let claim = Input::Claim { enabled: None, class: 0 };
    for (writes, reason) in [
        (&[register(Process::Same)][..], rewritten),
        (&[claim][..], rewritten),
        (&[GONE, Input::Beat][..], "in service"),
        (&[Input::Deregister, register(Process::Same)][..], "in service"),
        (
            &[Input::Deregister, OFFLINE, Input::Beat][..],
            "in service: rebuilt from a beat, which cannot say that it was off",
        ),
    ] {
        let mut story = story::<Nacos14>(&[]);
        story.inputs(&held);
        assert_eq!(story.state.traffic, Traffic::Refuse, "a beat of a present instance writes nothing");
        story.inputs(writes);
        assert_eq!((story.state.traffic, story.reason()), (Traffic::Serve, reason), "{writes:?}");
        assert_eq!(story.state.hold, Hold::None, "{writes:?}");
    }
}

#[test]
fn nacos_1_4_has_one_record_for_two_writers() {
    let mut online = story::<Nacos14>(&[]);
    online.inputs(&[register_disabled(), OFFLINE, ONLINE]);
    assert_eq!(online.reason(), "in service: the operator's word replaced the client's own refusal");
    online.inputs(&[Input::Beat]);
    assert_eq!(online.state.traffic, Traffic::Serve);

    let mut rebuilt = story::<Nacos14>(&[]);
    rebuilt.inputs(&[register_disabled(), GONE, Input::Beat, Input::Probe(Probe::Passing)]);
    assert_eq!(rebuilt.state.traffic, Traffic::Serve);
    rebuilt.inputs(&[register_disabled()]);
    assert_eq!(rebuilt.reason(), "the client disabled itself");
}

#[test]
fn eureka_loses_the_override_with_the_lease() {
    for leaves in [Input::Deregister, Input::Disconnect, Input::Silence(1), Input::Remove] {
        let mut story = story::<EurekaChain>(&[]);
        story.inputs(&[register(Process::Same), OFFLINE, Input::Beat, register(Process::Other)]);
        assert_eq!(story.state.traffic, Traffic::Refuse);
        story.inputs(&[leaves, Input::Beat]);
        assert!(!story.state.present, "a renewal makes no lease");
        assert_eq!(story.reason(), "no lease: the client has to register again");
        story.inputs(&[register(Process::Same)]);
        assert_eq!(story.state.traffic, Traffic::Serve, "after {leaves:?}");
    }
}

#[test]
fn eureka_asks_the_client_first_and_then_the_operator() {
    let mut story = story::<EurekaChain>(&[]);
    story.inputs(&[register_disabled(), Input::Hold(Hold::Drain)]);
    assert_eq!((story.state.traffic, story.reason().starts_with("the client is not ready")), (Traffic::Refuse, true));
    story.inputs(&[register(Process::Same)]);
    assert_eq!(story.state.traffic, Traffic::Drain, "the override was only hidden");
}

#[test]
fn eureka_does_not_know_the_status_after_an_override_until_the_client_shows_up() {
    for shows_up in [Input::Beat, register(Process::Same)] {
        let mut story = story::<EurekaChain>(&[]);
        story.inputs(&[register(Process::Same), OFFLINE, ONLINE, Input::Probe(Probe::Passing)]);
        assert_eq!(story.state.traffic, Traffic::Refuse);
        story.inputs(&[shows_up]);
        assert_eq!(story.state.traffic, Traffic::Serve);
    }
}

#[test]
fn a_maintenance_window_is_admin_sticky_with_an_end() {
    let (window, sticky) = (table(&MaintenanceWindow::default()), table(&AdminSticky));
    assert_eq!((window.manifest().lapse_ms, sticky.manifest().lapse_ms), (Some(28_800_000), None));
    assert!(window.entries().eq(sticky.entries()));
}

#[test]
fn durations_come_from_parameters() {
    let window = configured::<MaintenanceWindow>(&[("lapse", "60000")]).expect("a minute");
    assert_eq!(window.manifest().lapse_ms, Some(60_000));
    let nacos = configured::<Nacos2x>(&[("forget-after", "5000")]).expect("five seconds");
    assert_eq!(nacos.manifest().absence[0].after_ms, 5000);
    let longest = DURATION_MS_MAX.to_string();
    table(&configured::<Nacos2x>(&[("forget-after", &longest)]).expect("the longest duration"));
}

#[test]
fn wrong_parameters_are_named() {
    let too_long = (DURATION_MS_MAX + 1).to_string();
    let refusals = [
        (configured::<AdminSticky>(&[("colour", "red")]).err(), "unknown parameter \"colour\""),
        (configured::<EurekaChain>(&[("colour", "red")]).err(), "unknown parameter \"colour\""),
        (configured::<RestartClears>(&[("unknown", "maybe")]).err(), "it takes \"clear\" or \"keep\""),
        (configured::<RestartClears>(&[("unkown", "keep")]).err(), "this policy has only \"unknown\""),
        (configured::<RestartClears>(&[("unknown", "keep"), ("unknown", "clear")]).err(), "more than once"),
        (configured::<Nacos2x>(&[("forget-after", "0")]).err(), "\"forget-after\" is \"0\"; it takes milliseconds"),
        (configured::<Nacos2x>(&[("forget-after", "1 min")]).err(), "from 1000 to 1099511627776"),
        (configured::<MaintenanceWindow>(&[("lapse", &too_long)]).err(), "it takes milliseconds"),
        (configured::<MaintenanceWindow>(&[("laps", "60000")]).err(), "this policy has only \"lapse\""),
    ];
    for (refusal, expected) in refusals {
        let refusal = refusal.expect("it is wrong");
        assert!(refusal.contains(expected), "{refusal}");
    }
}
