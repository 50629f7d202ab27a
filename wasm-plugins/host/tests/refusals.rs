//! Each way in which a file can be bad is refused with its own error, soon.

#![allow(clippy::print_stderr, reason = "how long it takes belongs into the log")]

mod guest;

use std::time::{Duration, Instant};

use guest::{Guest, VERDICT, component};
use steadfast_policy::{Event, Hold, Law, Rail};
use steadfast_wasm::{Halt, Limits, LoadError, LoadedPolicy, Params, load};

/// When asked about a hold `banned`.
const AT_ONE: &str = "(i32.and (i32.eq (local.get $event) (i32.const 7)) (i32.eq (local.get $hold) (i32.const 3)))";

fn loaded(bytes: &[u8], params: &Params, limits: &Limits) -> Result<LoadedPolicy, LoadError> {
    let started = Instant::now();
    let result = load(bytes, params, limits);
    let took = started.elapsed();
    eprintln!("{took:>8.1?}  {}", result.as_ref().map_or_else(ToString::to_string, |policy| policy.name.clone()));
    // The promise is three seconds; a busy machine must not make a test fail that proves something else.
    assert!(took < Duration::from_secs(30), "a refusal must come soon");
    result
}

fn refused(bytes: &[u8]) -> LoadError {
    loaded(bytes, &Params::new(), &Limits::default()).expect_err("it must be refused")
}

/// The text is what an operator sees, so it must name the thing.
#[track_caller]
fn says(error: &LoadError, words: &[&str]) {
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{word:?} is missing in: {text}");
    }
    assert!(!text.contains('\n'), "one event is one line: {text}");
}

/// Runs a check on an error and its variant at once.
macro_rules! assert_refused {
    ($bytes:expr, $pattern:pat $(if $guard:expr)?, $words:expr) => {
        let error = refused(&$bytes);
        says(&error, &$words);
        assert!(matches!(error, $pattern $(if $guard)?), "{error:?}");
    };
}

fn good() -> Guest {
    Guest::named("good")
}

#[test]
fn the_guest_that_all_others_are_made_from_is_good() {
    let policy = loaded(&good().component(), &Params::new(), &Limits::default()).expect("nothing is wrong with it");
    assert_eq!((policy.name.as_str(), policy.table.manifest().reasons.len()), ("good", 2));
    assert_eq!(policy.facts, policy.table.entries().count());
    assert!(policy.facts > 1000 && policy.decide_fuel > 10, "{policy:?}");
}

#[test]
fn no_component_at_all() {
    assert_refused!([], LoadError::Empty, ["empty"]);
    assert_refused!(*b"policy = \"always serve\"", LoadError::NotWasm { .. }, ["no WebAssembly", "policy ="]);
    assert_refused!(good().module(), LoadError::CoreModule, ["core module", "cargo xtask wasm"]);
}

#[test]
fn cut_off_anywhere() {
    let whole = good().component();
    for length in [3, 8, 9, whole.len() / 4, whole.len() / 2, whole.len() - 1] {
        let error = refused(&whole[..length]);
        assert!(matches!(error, LoadError::Malformed { .. } | LoadError::World { .. }), "{length}: {error:?}");
    }
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 0xFF;
    assert!(matches!(refused(&flipped), LoadError::Malformed { .. }));
}

#[test]
fn made_for_another_world() {
    assert_refused!(component("(component)"), LoadError::World { .. }, ["exports nothing", "`configure`"]);
    let other = r#"(component
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "f")))"#;
    let run = component(&format!("{other} (export \"run\" (func $f)))"));
    assert_refused!(run, LoadError::World { .. }, ["`run`", "`configure`", "steadfast:policy"]);
    let types = component(&format!("{other} (export \"configure\" (func $f)) (export \"decide\" (func $f)))"));
    assert_refused!(types, LoadError::World { .. }, ["type", "steadfast:policy"]);
    let later = component(r#"(component (import "steadfast:policy/types@0.2.0" (instance)))"#);
    assert_refused!(later, LoadError::World { .. }, ["0.2.0", "0.1.0"]);
}

#[test]
fn importing_anything_but_types() {
    let wasi = component(
        r#"(component (import "wasi:cli/environment@0.2.0" (instance
            (export "get-environment" (func (result (list (tuple string string))))))))"#,
    );
    assert_refused!(
        wasi,
        LoadError::Import { .. },
        ["get-environment", "wasi:cli/environment@0.2.0", "wasm32-unknown-unknown"]
    );
    let function = component(r#"(component (import "log" (func (param "text" string))))"#);
    assert_refused!(function, LoadError::Import { .. }, ["`log`", "nothing from its host"]);
    let resource = component(r#"(component (import "file" (type (sub resource))))"#);
    assert_refused!(resource, LoadError::Import { .. }, ["`file`"]);
}

#[test]
fn looping() {
    let forever = "(loop $again (br $again))";
    let start = good().items(&format!("(func $start {forever}) (start $start)"));
    assert_refused!(start.component(), LoadError::Start(Halt::Fuel { .. }), ["starting", "loops"]);
    let configure = good().configure(forever);
    assert_refused!(configure.component(), LoadError::Configure(Halt::Fuel { .. }), ["`configure`", "loops"]);
    let decide = good().decide(&format!("(if {AT_ONE} (then {forever}))"));
    assert_refused!(
        decide.component(),
        LoadError::Decide { facts, halt: Halt::Fuel { .. } } if facts.event == Event::Hold,
        ["`decide`", "hold banned", "loops"]
    );
}

#[test]
fn working_too_much_in_all_or_for_too_long() {
    let limits = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    let frugal = limits(|limits| limits.tabulate_fuel_max = 10_000);
    let error = loaded(&good().component(), &Params::new(), &frugal).expect_err("there are more facts than that");
    assert!(matches!(error, LoadError::Decide { halt: Halt::TotalFuel { max: 10_000 }, .. }), "{error:?}");
    let patient = limits(|limits| {
        limits.configure_fuel_max = u64::MAX >> 2;
        limits.time_max = Duration::from_millis(100);
    });
    let forever = good().configure("(loop $again (br $again))").component();
    let error = loaded(&forever, &Params::new(), &patient).expect_err("it never ends");
    assert!(matches!(error, LoadError::TimedOut { .. }), "{error:?}");
    says(&error, &["100ms"]);
}

#[test]
fn trapping() {
    let one = good().decide(&format!("(if {AT_ONE} (then unreachable))"));
    assert_refused!(
        one.component(),
        LoadError::Decide { facts, halt: Halt::Trap { .. } } if facts.hold == Hold::Banned,
        ["`decide`", "hold banned", "unreachable"]
    );
    let zero = good().configure("(drop (i32.div_u (i32.const 1) (i32.const 0)))");
    assert_refused!(zero.component(), LoadError::Configure(Halt::Trap { .. }), ["divide by zero"]);
    let wild = good().decide("(drop (i32.load (i32.const -4)))");
    assert_refused!(wild.component(), LoadError::Decide { halt: Halt::Trap { .. }, .. }, ["out of bounds"]);
    let deep = good().items("(func $deep (call $deep))").configure("(call $deep)");
    assert_refused!(deep.component(), LoadError::Configure(Halt::Trap { .. }), ["call stack"]);
}

#[test]
fn too_large() {
    let mut padded = good().component();
    padded.resize((1 << 20) + 1, 0);
    assert_refused!(padded, LoadError::TooLarge { .. }, ["1048577", "1048576"]);
    let enormous = good().items(&format!("(func {})", "nop ".repeat(70_000)));
    assert_refused!(enormous.component(), LoadError::FunctionTooLarge { .. }, ["65536", "function at byte"]);
    let many = good().items(&"(func)".repeat(5000));
    assert_refused!(many.component(), LoadError::TooManyFunctions { functions: 5003, .. }, ["5003", "5000"]);
    let modules = component(&format!("(component {})", "(core module)".repeat(8)));
    assert_refused!(modules, LoadError::TooManyModules { .. }, ["at most 8"]);
}

#[test]
fn wanting_too_much_memory() {
    let start = Guest { memory_pages: 65, ..good() };
    assert_refused!(start.component(), LoadError::MemoryTooLarge { .. }, ["4259840", "4194304"]);
    let table = good().items("(table 10001 funcref)");
    assert_refused!(table.component(), LoadError::TableTooLarge { elements: 10_001, .. }, ["10001"]);
    let bomb = good().configure("(loop $more (drop (memory.grow (i32.const 16))) (br $more))");
    assert_refused!(bomb.component(), LoadError::Configure(Halt::Memory { .. }), ["memory", "4194304"]);
    let one = good().decide(&format!("(if {AT_ONE} (then (drop (memory.grow (i32.const 9999)))))"));
    assert_refused!(one.component(), LoadError::Decide { halt: Halt::Memory { .. }, .. }, ["memory", "hold banned"]);
    let grown =
        good().items("(table $t 1 funcref)").configure("(drop (table.grow $t (ref.null func) (i32.const 20000)))");
    assert_refused!(grown.component(), LoadError::Configure(Halt::Table { .. }), ["table", "20001"]);
}

#[test]
fn answers_that_cannot_be_read() {
    let name = good().with(|manifest| manifest.name = b"\xff\xfe".to_vec());
    assert_refused!(name.component(), LoadError::Configure(Halt::Answer { .. }), ["utf-8"]);
    let traffic = good().decide(&format!("(i32.store8 (i32.const {}) (i32.const 9))", VERDICT + 2));
    assert_refused!(traffic.component(), LoadError::Decide { halt: Halt::Answer { .. }, .. }, ["cannot be read"]);
    let reserved = good().decide(&format!("(i32.store (i32.const {}) (i32.const 7))", VERDICT + 8));
    assert_refused!(reserved.component(), LoadError::Decide { halt: Halt::Answer { .. }, .. }, ["`reserved` is 7"]);
    // Sixty thousand names of sixty kilobytes each, all the same bytes: four gigabytes once they are read.
    let greedy = good().configure(
        "(local $at i32) (local.set $at (i32.const 65536)) (drop (memory.grow (i32.const 8)))
         (loop $next
           (i32.store (local.get $at) (i32.const 0)) (i32.store offset=4 (local.get $at) (i32.const 60000))
           (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 550000))))
         (i32.store (i32.const 2144) (i32.const 65536)) (i32.store (i32.const 2148) (i32.const 60000))",
    );
    assert_refused!(greedy.component(), LoadError::Configure(Halt::Answer { .. }), ["cannot be read"]);
}

#[test]
fn remembering_between_calls() {
    let items = "(global $asked (mut i32) (i32.const 0))";
    let first = format!(
        "(if (i32.eqz (global.get $asked)) (then (i32.store8 (i32.const {}) (i32.const 2))))
         (global.set $asked (i32.const 1))",
        VERDICT + 5
    );
    let error = refused(&good().items(items).decide(&first).component());
    says(&error, &["pure", "register on"]);
    let LoadError::Impure { first, second, .. } = error else { panic!("{error:?}") };
    assert_eq!((first.reason, second.reason), (2, 1));
}

#[test]
fn crossing_a_guard_rail() {
    let stays = good().decide(&format!("(i32.store16 (i32.const {VERDICT}) (local.get $present))"));
    assert_refused!(
        stays.component(),
        LoadError::Rail { rail: Rail::AbsentIsSilent | Rail::Leaves, facts, .. } if facts.event == Event::Deregister,
        ["guard rail", "deregister on present"]
    );
    let memo = good().decide(&format!("(i32.store8 (i32.const {}) (i32.const 5))", VERDICT + 4));
    assert_refused!(memo.component(), LoadError::Rail { rail: Rail::Memo, .. }, ["memo"]);
    let silent = good().decide(&format!("(i32.store8 (i32.const {}) (i32.const 0))", VERDICT + 5));
    assert_refused!(silent.component(), LoadError::Rail { rail: Rail::Reason, .. }, ["reason"]);
}

#[test]
fn claiming_a_law_that_does_not_hold() {
    let boast = good().with(|manifest| manifest.laws = vec!["sticky".into()]);
    let error = refused(&boast.component());
    says(&error, &["sticky", "does not hold", "1. "]);
    assert_eq!(error.broken_law(), Some(Law::Sticky));
    let unknown = good().with(|manifest| manifest.laws = vec!["kindness".into()]);
    assert_refused!(unknown.component(), LoadError::UnknownLaw { .. }, ["kindness", "claim-respected"]);
}

#[test]
fn a_manifest_out_of_bounds() {
    let memo = good().with(|manifest| manifest.memo_size = 17);
    assert_refused!(memo.component(), LoadError::Manifest(_), ["manifest", "17 memo values"]);
    let falling = good().with(|manifest| manifest.silence_ms = vec![30_000, 15_000]);
    assert_refused!(
        falling.component(),
        LoadError::Manifest(_),
        ["silence threshold of 15000 ms comes after one of 30000 ms"]
    );
    let extra = good().with(|manifest| manifest.extras = vec![("colour".into(), "red".into())]);
    assert_refused!(extra.component(), LoadError::UnknownExtra { .. }, ["colour"]);
}

#[test]
fn parameters_that_it_does_not_take() {
    let params = Params::from([("strict".into(), "yes".into())]);
    let error = loaded(&good().component(), &params, &Limits::default()).expect_err("it refuses all parameters");
    says(&error, &["no parameter is good enough", "[params]"]);
    assert!(matches!(error, LoadError::Params { .. }), "{error:?}");
}
