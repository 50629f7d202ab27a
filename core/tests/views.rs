//! What lookups find: filters, the protect threshold, picks by weight, answers kept with a view.
#![allow(clippy::float_cmp, clippy::cast_precision_loss, reason = "weights are exact, and so are small counts")]

mod common;

use std::{collections::HashMap, sync::OnceLock};

use proptest::{collection::vec, prelude::*, sample::select};
use steadfast_core::{
    Address, Claim, HoldKind, HoldOrder, Instance, Lookup, LookupError, Metadata, Policy, Registration, Show, View,
    limits::LOOKUP_NAMES_MAX,
    policy::{
        Condition, Facts, Manifest, Probe, Selector, StatePolicy, Subject, Traffic, Verdict, builtin::AdminSticky,
    },
};

use common::{World, author};

/// Admin-sticky that calls whoever says so a canary, class 1.
struct KnowsCanaries;

impl StatePolicy for KnowsCanaries {
    fn manifest(&self) -> Manifest {
        let canary = Condition { subject: Subject::Metadata, key: "canary".into(), pattern: "yes".into() };
        let class = Selector { name: "canary".into(), conditions: vec![canary] };
        Manifest { classes: vec![class], ..AdminSticky.manifest() }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        AdminSticky.decide(facts)
    }
}

/// One instance as a test describes it.
#[derive(Clone, Debug)]
struct Member {
    cluster: &'static str,
    weight: f64,
    pairs: Vec<(&'static str, &'static str)>,
    healthy: bool,
    hold: Option<HoldKind>,
}

impl Member {
    fn plain() -> Member {
        Member { cluster: "DEFAULT", weight: 1.0, pairs: Vec::new(), healthy: true, hold: None }
    }

    fn is_canary(&self) -> bool {
        self.pairs.contains(&("canary", "yes"))
    }

    fn is_serve(&self) -> bool {
        self.hold.is_none()
    }
}

/// A service of these members; member n listens on port n + 1.
fn world(members: &[Member]) -> World {
    static PROVEN: OnceLock<Policy> = OnceLock::new();
    let world = World::new(PROVEN.get_or_init(|| Policy::native(&KnowsCanaries).unwrap()).clone());
    for (port, member) in (1..).zip(members) {
        let address = Address::new("10.0.0.7", port, member.cluster).unwrap();
        let metadata = Metadata::new(member.pairs.iter().copied()).unwrap();
        let claim = Claim { weight: Some(member.weight), metadata: Some(metadata), ..Claim::default() };
        world.registry.register(world.service, &Registration { claim, ..Registration::new(address.clone()) }).unwrap();
        if !member.healthy {
            assert!(world.registry.probe(world.service, &address, Probe::Failing).unwrap());
        }
        if let Some(kind) = member.hold {
            let order = HoldOrder { kind, author: author("console"), until_ms: None };
            world.registry.hold(world.service, &address, &order).unwrap();
        }
    }
    world
}

fn see<R>(world: &World, read: impl FnOnce(&View<'_>) -> R) -> R {
    world.registry.view(world.service, read).unwrap()
}

fn numbers<'a>(found: impl Iterator<Item = Instance<'a>>) -> Vec<usize> {
    found.map(|instance| usize::from(instance.port()) - 1).collect()
}

/// Who is found, and whether the threshold had to protect.
fn find(world: &World, lookup: &Lookup<'_>) -> (Vec<usize>, bool) {
    see(world, |view| {
        let selection = view.select(lookup).unwrap();
        (numbers(selection.iter()), selection.is_protecting())
    })
}

#[test]
fn the_default_lookup_takes_who_is_healthy_and_not_ordered_away() {
    let members = [
        Member::plain(),
        Member { healthy: false, ..Member::plain() },
        Member { hold: Some(HoldKind::Drain), ..Member::plain() },
        Member { hold: Some(HoldKind::Offline), ..Member::plain() },
    ];
    let world = world(&members);
    assert_eq!(find(&world, &Lookup::default()).0, [0]);
    assert_eq!(find(&world, &Lookup { show: Show::Serve, ..Lookup::default() }).0, [0, 1]);
    assert_eq!(find(&world, &Lookup { show: Show::Present, ..Lookup::default() }).0, [0, 1, 2, 3]);
    see(&world, |view| assert_eq!((view.serving_len(), numbers(view.serving())), (1, vec![0])));
}

#[test]
fn clusters_classes_and_metadata_narrow_a_lookup() {
    let canary = Member { pairs: vec![("canary", "yes"), ("zone", "b")], ..Member::plain() };
    let east = Member { cluster: "east", pairs: vec![("zone", "b")], ..Member::plain() };
    let world = world(&[Member::plain(), canary, east]);
    let all = Lookup::default();
    assert_eq!(find(&world, &Lookup { clusters: &["east"], ..all }).0, [2]);
    assert_eq!(find(&world, &Lookup { clusters: &["nowhere", "DEFAULT"], ..all }).0, [0, 1]);
    assert!(find(&world, &Lookup { clusters: &["nowhere"], ..all }).0.is_empty());
    assert_eq!(find(&world, &Lookup { class: Some(1), ..all }).0, [1]);
    assert_eq!(find(&world, &Lookup { class: Some(0), ..all }).0, [0, 2]);
    assert_eq!(find(&world, &Lookup { metadata: &[("zone", "b")], ..all }).0, [1, 2]);
    assert_eq!(find(&world, &Lookup { metadata: &[("zone", "b"), ("canary", "yes")], ..all }).0, [1]);
    assert!(find(&world, &Lookup { metadata: &[("zone", "")], ..all }).0.is_empty());
    see(&world, |view| assert_eq!(numbers(view.in_cluster("east")), [2]));
}

#[test]
fn below_the_threshold_the_reader_gets_the_unhealthy_too_but_nobody_who_was_ordered_away() {
    let sick = Member { healthy: false, ..Member::plain() };
    let drained = Member { hold: Some(HoldKind::Drain), ..sick.clone() };
    let offline = Member { hold: Some(HoldKind::Offline), ..Member::plain() };
    // One of four that serve is healthy; the other two do not count.
    let world = world(&[Member::plain(), sick.clone(), sick.clone(), sick, drained, offline]);
    let protected = |protect| find(&world, &Lookup { protect, ..Lookup::default() });
    assert_eq!(protected(0.0), (vec![0], false));
    assert_eq!(protected(0.25), (vec![0], false), "a share equal to the threshold is not below it");
    assert_eq!(protected(0.26), (vec![0, 1, 2, 3], true));
    assert_eq!(protected(1.0), (vec![0, 1, 2, 3], true));
}

#[test]
fn the_threshold_looks_at_what_the_lookup_names() {
    let sick = Member { healthy: false, ..Member::plain() };
    let east = Member { cluster: "east", ..Member::plain() };
    let world = world(&[sick, east.clone(), east]);
    let lookup = Lookup { protect: 0.5, ..Lookup::default() };
    assert_eq!(find(&world, &lookup), (vec![1, 2], false), "two of three are healthy");
    assert_eq!(find(&world, &Lookup { clusters: &["DEFAULT"], ..lookup }), (vec![0], true), "none of one is");
    assert_eq!(
        find(&world, &Lookup { clusters: &["nowhere"], ..lookup }),
        (vec![], false),
        "there is nobody to protect"
    );
}

#[test]
fn weights_are_read_back_exactly_and_a_weight_of_nothing_is_never_picked() {
    let weights = [0.1, 1.0 / 3.0, 0.0, 10_000.0, 1e-9, 33.33];
    let members: Vec<_> = weights.iter().map(|weight| Member { weight: *weight, ..Member::plain() }).collect();
    let world = world(&members);
    see(&world, |view| {
        assert_eq!(view.iter().map(|instance| instance.weight()).collect::<Vec<_>>(), weights);
        for random in (0..=u64::MAX).step_by(1 << 54) {
            assert_ne!(view.pick(random).unwrap().port(), 3);
        }
    });
    let weightless = self::world(&[Member { weight: 0.0, ..Member::plain() }]);
    see(&weightless, |view| assert!(view.pick(7).is_none() && view.serving_len() == 1));
}

#[test]
fn a_large_service_is_picked_from_like_a_small_one() {
    let members: Vec<_> =
        (0..1_000_u32).map(|n| Member { weight: f64::from(n % 7), healthy: n % 3 > 0, ..Member::plain() }).collect();
    let world = world(&members);
    see(&world, |view| {
        let plain = view.select(&Lookup::default()).unwrap();
        // This one names everybody by a cluster, and so goes through them one by one.
        let filtered = view.select(&Lookup { clusters: &["DEFAULT"], ..Lookup::default() }).unwrap();
        for random in (0..=u64::MAX).step_by(1 << 52) {
            let [one, two] = [&plain, &filtered].map(|selection| selection.pick(random).unwrap().port());
            assert_eq!(one, two);
        }
    });
}

#[test]
fn walking_step_by_step_and_all_at_once_are_the_same_walk() {
    let members: Vec<_> = (0..600).map(|_| Member::plain()).collect();
    let world = world(&members);
    see(&world, |view| {
        for steps in [0, 1, 255, 256, 257, 599, 600] {
            let mut walk = view.iter();
            let mut walked: Vec<_> = walk.by_ref().take(steps).map(|instance| instance.handle()).collect();
            assert_eq!(walk.len(), 600 - steps);
            walk.for_each(|instance| walked.push(instance.handle()));
            let mut all = Vec::new();
            for instance in view {
                all.push(instance.handle());
            }
            assert_eq!(walked, all);
        }
    });
}

#[test]
fn a_lookup_that_makes_no_sense_is_refused_with_a_reason() {
    let world = world(&[Member::plain()]);
    let refused = |lookup: &Lookup<'_>| see(&world, |view| view.select(lookup).err().unwrap());
    let (clusters, pairs) = (["a"; LOOKUP_NAMES_MAX + 1], [("a", "b"); LOOKUP_NAMES_MAX + 1]);
    let all = Lookup::default();
    assert_eq!(refused(&Lookup { clusters: &clusters, ..all }), LookupError::Clusters(LOOKUP_NAMES_MAX + 1));
    assert_eq!(refused(&Lookup { metadata: &pairs, ..all }), LookupError::Metadata(LOOKUP_NAMES_MAX + 1));
    assert_eq!(refused(&Lookup { class: Some(8), ..all }), LookupError::Class(8));
    for protect in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert!(matches!(refused(&Lookup { protect, ..all }), LookupError::Protect(_)));
    }
    assert!(see(&world, |view| view.select(&Lookup { clusters: &clusters[1..], ..all }).is_ok()));
}

#[test]
fn an_answer_stands_as_long_as_its_revision() {
    let world = world(&[Member::plain(), Member::plain()]);
    let answer = || {
        see(&world, |view| {
            let made = |view: &View<'_>| format!("{} of {}", view.serving_len(), view.revision()).into_bytes();
            String::from_utf8(view.answer(3, made).unwrap().to_vec()).unwrap()
        })
    };
    let first = world.revision();
    assert_eq!(answer(), format!("2 of {first}"));
    let address = Address::new("10.0.0.7", 1, "DEFAULT").unwrap();
    world.registry.probe(world.service, &address, Probe::Failing).unwrap();
    assert_eq!(answer(), format!("1 of {}", world.revision()));
    assert!(world.revision() > first);
}

#[test]
fn what_readers_cannot_tell_apart_is_no_new_revision() {
    let world = world(&[Member::plain()]);
    let before = world.revision();
    let address = Address::new("10.0.0.7", 1, "DEFAULT").unwrap();
    let claim = Claim { weight: Some(1.0), metadata: Some(Metadata::empty()), ..Claim::default() };
    world.registry.claim(world.service, &address, &claim).unwrap();
    assert_eq!(world.revision(), before);
    world.registry.claim(world.service, &address, &Claim { weight: Some(1.000_000_1), ..Claim::default() }).unwrap();
    assert_eq!(world.revision(), before + 1, "an odd weight is another one");
}

fn member() -> impl Strategy<Value = Member> {
    let pairs = vec(select(vec![("zone", "a"), ("zone", "b"), ("canary", "yes")]), 0..3);
    let weight = prop_oneof![Just(0.0), Just(1.0), 0.0..100.0];
    let hold = prop_oneof![3 => Just(None), 1 => select(vec![HoldKind::Drain, HoldKind::Offline]).prop_map(Some)];
    (select(vec!["DEFAULT", "east"]), weight, pairs, any::<bool>(), hold).prop_map(
        |(cluster, weight, pairs, healthy, hold)| {
            // Of a key that comes twice the last value counts.
            let pairs = pairs.into_iter().collect::<HashMap<_, _>>().into_iter().collect();
            Member { cluster, weight, pairs, healthy, hold }
        },
    )
}

/// Who should be found, by the words of the manual.
fn expected(members: &[Member], lookup: &Lookup<'_>) -> (Vec<usize>, bool) {
    let named = |member: &Member| {
        (lookup.clusters.is_empty() || lookup.clusters.contains(&member.cluster))
            && lookup.class.is_none_or(|class| class == u8::from(member.is_canary()))
            && lookup.metadata.iter().all(|pair| member.pairs.contains(pair))
    };
    let serve = members.iter().filter(|member| named(member) && member.is_serve());
    let healthy = serve.clone().filter(|member| member.healthy).count() as f64;
    let serve = serve.count() as f64;
    let protecting = lookup.show == Show::Serving && serve > 0.0 && healthy / serve < lookup.protect;
    let shown = |member: &Member| match lookup.show {
        Show::Serving => member.is_serve() && (member.healthy || protecting),
        Show::Serve => member.is_serve(),
        Show::Present => true,
    };
    let found = members.iter().enumerate().filter(|(_, member)| named(member) && shown(member));
    (found.map(|(n, _)| n).collect(), protecting)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_lookup_finds_what_its_words_say(
        members in vec(member(), 0..30),
        show in select(vec![Show::Serving, Show::Serve, Show::Present]),
        clusters in vec(select(vec!["DEFAULT", "east", "nowhere"]), 0..3),
        class in prop_oneof![Just(None), (0..2_u8).prop_map(Some)],
        metadata in vec(select(vec![("zone", "a"), ("canary", "yes")]), 0..2),
        protect in prop_oneof![Just(0.0), 0.0..=1.0],
    ) {
        let world = world(&members);
        let lookup = Lookup { show, clusters: &clusters, class, metadata: &metadata, protect };
        let (found, protecting) = expected(&members, &lookup);
        prop_assert_eq!(find(&world, &lookup), (found.clone(), protecting));
        for (n, member) in members.iter().enumerate() {
            see(&world, |view| {
                let instance = view.iter().nth(n).unwrap();
                assert_eq!(instance.traffic() == Traffic::Serve, member.is_serve());
                assert_eq!((instance.healthy(), instance.weight(), instance.cluster()), (member.healthy, member.weight, member.cluster));
                assert_eq!(instance.metadata(), &Metadata::new(member.pairs.iter().copied()).unwrap());
            });
        }
        deals_fairly(&world, &lookup, &members, &found);
    }
}

/// Of evenly spaced numbers everybody gets its share, to within one number.
fn deals_fairly(world: &World, lookup: &Lookup<'_>, members: &[Member], found: &[usize]) {
    const NUMBERS: u64 = 1 << 8;
    let total: f64 = found.iter().map(|n| members[*n].weight).sum();
    let mut dealt = vec![0_u32; members.len()];
    see(world, |view| {
        let selection = view.select(lookup).unwrap();
        for number in 0..NUMBERS {
            match selection.pick(number * (u64::MAX / NUMBERS + 1)) {
                Some(picked) => dealt[usize::from(picked.port()) - 1] += 1,
                None => assert_eq!(total, 0.0),
            }
        }
    });
    for (n, dealt) in dealt.into_iter().enumerate() {
        let share = if found.contains(&n) && total > 0.0 { members[n].weight / total } else { 0.0 };
        // One number for the rounding at each end, and a little for weights that were rounded up.
        let off = (f64::from(dealt) - share * NUMBERS as f64).abs();
        assert!(off <= 1.1, "member {n} has a share of {share} and got {dealt} of {NUMBERS} numbers");
    }
}
