//! Policies from files through the C ABI, as a host in C would do it: installed from memory, and found in a folder.
#![cfg(feature = "wasm")]
#![allow(unsafe_code, reason = "the functions of the C ABI")]

use std::{
    ffi::CStr,
    fs,
    path::{Path, PathBuf},
    ptr,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use steadfast_core::Policy;
use steadfast_ffi::{
    codes::{
        STEADFAST_E_BUFFER_TOO_SMALL, STEADFAST_E_OPTION, STEADFAST_E_POLICY, STEADFAST_E_POLICY_FOLDER,
        STEADFAST_E_POLICY_LAW, STEADFAST_OK,
    },
    exports::{
        lifetime::{steadfast_free, steadfast_open, steadfast_options_init, steadfast_shutdown},
        policies::{steadfast_policy_install, steadfast_policy_status, steadfast_route},
        reports::steadfast_announcements,
    },
    types::{
        ErrorReport, Install, Options, Route, Routed, STEADFAST_THREADS_NONE, STEADFAST_THREADS_OWN, Steadfast, Text,
    },
};
use steadfast_policy::{Facts, Law, Manifest, StatePolicy, Table, Verdict, builtin::HeartbeatWins};

const PATIENCE: Duration = Duration::from_secs(30);

fn guest(name: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/policies").join(name).with_extension("wasm");
    fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask wasm` first", file.display()))
}

fn text(text: &str) -> Text {
    Text { data: text.as_ptr().cast(), len: text.len() }
}

fn report() -> ErrorReport {
    ErrorReport { struct_size: 512, code: 0, message: [0; 504] }
}

fn message(report: &ErrorReport) -> String {
    // SAFETY: the library ends every message in NUL, and an unused report is all zero.
    unsafe { CStr::from_ptr(report.message.as_ptr()) }.to_str().unwrap().to_owned()
}

/// A registry as C sees it, ended with the test.
struct Host(*mut Steadfast);

impl Host {
    fn open(policies_folder: &str, policy: &str) -> Result<Host, (i32, String)> {
        let threads = if policies_folder.is_empty() { STEADFAST_THREADS_NONE } else { STEADFAST_THREADS_OWN };
        let mut options = std::mem::MaybeUninit::<Options>::uninit();
        let (mut registry, mut error) = (ptr::null_mut(), report());
        // SAFETY: all pointers are to locals; the options are filled before they are read.
        let code = unsafe {
            assert_eq!(steadfast_options_init(options.as_mut_ptr(), size_of::<Options>()), STEADFAST_OK);
            let policies_folder = text(policies_folder);
            let options = Options { threads, policies_folder, policy: text(policy), ..options.assume_init() };
            steadfast_open(&raw const options, &raw mut registry, &raw mut error)
        };
        if code == STEADFAST_OK { Ok(Host(registry)) } else { Err((code, message(&error))) }
    }

    fn install(&self, wasm: &[u8], params: &str) -> Result<Install, (i32, String)> {
        let mut install =
            Install { struct_size: 48, unchanged: 9, epoch: 0, services: 0, instances: 0, changed: 0, left: 0 };
        let mut error = report();
        // SAFETY: all pointers are to living values with their true lengths.
        let code = unsafe {
            let (out, error) = (&raw mut install, &raw mut error);
            steadfast_policy_install(self.0, wasm.as_ptr(), wasm.len(), text(params), out, error)
        };
        if code == STEADFAST_OK { Ok(install) } else { Err((code, message(&error))) }
    }

    fn route(&self, scope: &str, wasm: &[u8], params: &str) -> Result<Routed, (i32, String)> {
        let (struct_size, reserved, none) = (104, 0, text(""));
        let (name_space, file, file_len, params) = (text(scope), wasm.as_ptr(), wasm.len(), text(params));
        let route = Route {
            struct_size,
            reserved,
            name_space,
            group: none,
            service: none,
            policy: none,
            file,
            file_len,
            params,
        };
        let mut done =
            Routed { struct_size: 48, unchanged: 9, routes: 0, services: 0, instances: 0, changed: 0, left: 0 };
        let mut error = report();
        // SAFETY: all pointers are to living values with their true lengths.
        let code = unsafe {
            let (out, error) = (&raw mut done, &raw mut error);
            steadfast_route(self.0, &raw const route, 1, out, ptr::null_mut(), error)
        };
        if code == STEADFAST_OK { Ok(done) } else { Err((code, message(&error))) }
    }

    fn status(&self) -> Value {
        // SAFETY: the buffer is as long as it says.
        json(|buffer, capacity, needed| unsafe {
            steadfast_policy_status(self.0, buffer, capacity, needed, ptr::null_mut())
        })
    }

    fn announcements(&self) -> Value {
        // SAFETY: the buffer is as long as it says.
        json(|buffer, capacity, needed| unsafe {
            steadfast_announcements(self.0, 0, buffer, capacity, needed, ptr::null_mut())
        })
    }

    fn decides(&self) -> String {
        self.status()["active"]["name"].as_str().unwrap().to_owned()
    }

    fn wait_for(&self, what: &str, holds: impl Fn(&Host) -> bool) {
        let started = Instant::now();
        while !holds(self) {
            assert!(started.elapsed() < PATIENCE, "{what} never came: {} {}", self.status(), self.announcements());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn has_announced(&self, kind: &str, part: &str) -> bool {
        let all = self.announcements();
        all.as_array().unwrap().iter().any(|one| one["kind"] == kind && one["text"].as_str().unwrap().contains(part))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // SAFETY: opened once, freed once, and nobody else has it.
        unsafe {
            assert_eq!(steadfast_shutdown(self.0), STEADFAST_OK);
            steadfast_free(self.0);
        }
    }
}

fn json(write: impl Fn(*mut std::ffi::c_char, usize, *mut usize) -> i32) -> Value {
    let mut buffer: Vec<u8> = Vec::new();
    loop {
        let mut needed = 0;
        match write(buffer.as_mut_ptr().cast(), buffer.len(), &raw mut needed) {
            STEADFAST_OK => return serde_json::from_slice(&buffer[..needed]).unwrap(),
            STEADFAST_E_BUFFER_TOO_SMALL => buffer = vec![0; needed],
            code => panic!("{code}"),
        }
    }
}

/// A folder that is gone after the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let folder = std::env::temp_dir().join(format!("steadfast-ffi-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Scratch(folder)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// As an operator should: whole, then in place.
    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.join("part"), bytes).unwrap();
        fs::rename(self.0.join("part"), self.0.join(name)).unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_policy_is_installed_from_memory_once() {
    let host = Host::open("", "").unwrap();
    assert_eq!(host.decides(), "admin-sticky");
    assert_eq!(host.status()["folder"], Value::Null);
    let first = host.install(&guest("heartbeat-wins"), "").unwrap();
    assert_eq!((first.struct_size, first.unchanged), (48, 0));
    let status = host.status();
    assert_eq!(status["active"]["name"], "heartbeat-wins");
    assert_eq!(status["active"]["epoch"], first.epoch);
    let again = host.install(&guest("heartbeat-wins"), "{}").unwrap();
    assert_eq!((again.unchanged, again.epoch), (1, first.epoch));
}

#[test]
fn a_bad_policy_is_refused_and_the_one_before_goes_on() {
    let host = Host::open("", "heartbeat-wins").unwrap();
    let whole = guest("admin-sticky");
    for (bytes, says) in
        [(&b""[..], "empty"), (b"weight = 1", "no WebAssembly"), (&whole[..whole.len() / 2], "cut off")]
    {
        let (code, why) = host.install(bytes, "").unwrap_err();
        assert_eq!(code, STEADFAST_E_POLICY, "{why}");
        assert!(why.contains(says), "{why}");
    }
    for params in ["[]", "{\"a\": 1}", "{"] {
        let (code, why) = host.install(&whole, params).unwrap_err();
        assert_eq!(code, STEADFAST_E_OPTION, "{why}");
    }
    let (code, why) = host.install(&whole, "{\"nobody\": \"1\"}").unwrap_err();
    assert!(code == STEADFAST_E_POLICY && why.contains("nobody"), "{why}");
    assert_eq!(host.decides(), "heartbeat-wins");
}

#[test]
fn a_saved_table_is_the_policy_it_was_made_from() {
    let host = Host::open("", "heartbeat-wins").unwrap();
    let wasm = guest("admin-sticky");
    let installed = host.install(&wasm, "").unwrap();
    let digest = host.status()["active"]["digest"].as_str().unwrap().to_owned();
    let policy = Policy { digest, ..Policy::admin_sticky() };
    let mut table = policy.to_table_bytes().unwrap();
    let again = host.install(&table, "").unwrap();
    assert_eq!((again.unchanged, again.epoch), (1, installed.epoch));
    let (code, why) = host.install(&table, "{\"strict\": \"1\"}").unwrap_err();
    assert!(code == STEADFAST_E_OPTION && why.contains("table save"), "{why}");
    let middle = table.len() / 2;
    table[middle] ^= 1;
    let (code, why) = host.install(&table, "").unwrap_err();
    assert!(code == STEADFAST_E_POLICY && why.contains("damaged"), "{why}");
}

#[test]
fn a_component_is_routed_to_beside_the_active_policy() {
    let host = Host::open("", "").unwrap();
    let routed = host.route("legacy", &guest("nacos-2x"), "").unwrap();
    assert_eq!((routed.struct_size, routed.unchanged, routed.routes), (48, 0, 1));
    assert_eq!(host.decides(), "admin-sticky");
    assert_eq!(host.status()["routes"][0]["name"], "nacos-2x");
    assert_eq!(host.status()["routes"][0]["scope"]["namespace"], "legacy");
    assert_eq!(host.route("legacy", &guest("nacos-2x"), "{}").unwrap().unchanged, 1);
    let (code, why) = host.route("legacy", &guest("nacos-2x"), "{\"nobody\": \"1\"}").unwrap_err();
    assert!(code == STEADFAST_E_POLICY && why.starts_with("routes[0]: ") && why.contains("forget-after"), "{why}");
    let (code, why) = host.route("legacy", b"weight = 1", "").unwrap_err();
    assert!(code == STEADFAST_E_POLICY && why.contains("no WebAssembly"), "{why}");
    assert_eq!(host.status()["routes"][0]["name"], "nacos-2x");
}

/// Lets beats win, and claims that orders stand.
struct Boast;

impl StatePolicy for Boast {
    fn manifest(&self) -> Manifest {
        Manifest { laws: vec![Law::Sticky], ..HeartbeatWins.manifest() }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        HeartbeatWins.decide(facts)
    }
}

#[test]
fn a_table_that_lies_about_a_law_is_refused_for_the_law() {
    let host = Host::open("", "").unwrap();
    let bytes = Policy::new(Arc::new(Table::of(&Boast).unwrap()), "boast");
    let (code, why) = host.install(&bytes.to_table_bytes().unwrap(), "").unwrap_err();
    assert!(code == STEADFAST_E_POLICY_LAW && why.contains("sticky"), "{why}");
}

#[test]
fn the_folder_decides_while_the_registry_runs() {
    let folder = Scratch::new("folder");
    folder.put("heartbeat-wins.wasm", &guest("heartbeat-wins"));
    let host = Host::open(folder.path(), "heartbeat-wins").unwrap();
    // Before the first call after opening, not some time later.
    assert_eq!(host.decides(), "heartbeat-wins");
    assert_eq!(host.status()["folder"]["files"][0]["state"], "active");

    folder.put("heartbeat-wins.wasm", b"broken");
    host.wait_for("the refusal", |host| host.has_announced("policy-refused", "heartbeat-wins.wasm"));
    assert_eq!(host.decides(), "heartbeat-wins");

    fs::remove_file(folder.0.join("heartbeat-wins.wasm")).unwrap();
    host.wait_for("the built-in policy", |host| host.decides() == "admin-sticky");
    assert!(host.has_announced("policy-removed", "heartbeat-wins.wasm is not in the policies folder"));

    folder.put("heartbeat-wins.wasm", &guest("heartbeat-wins"));
    host.wait_for("the policy's return", |host| host.decides() == "heartbeat-wins");
}

#[test]
fn routes_of_the_folder_are_listed() {
    let folder = Scratch::new("routes");
    folder.put("routes.toml", b"[[route]]\nnamespace = \"legacy\"\npolicy = \"nacos-1-4\"\n");
    let host = Host::open(folder.path(), "").unwrap();
    assert_eq!(host.status()["routes"][0]["name"], "nacos-1-4");
    folder.put("routes.toml", b"[[route]]\n");
    host.wait_for("the refusal", |host| host.has_announced("routes-refused", "route 1 has no namespace"));
    assert_eq!(host.status()["routes"][0]["name"], "nacos-1-4");
    fs::remove_file(folder.0.join("routes.toml")).unwrap();
    host.wait_for("no routes", |host| host.status()["routes"].as_array().unwrap().is_empty());
}

#[test]
fn a_folder_that_is_not_there_keeps_the_registry_from_opening() {
    let folder = Scratch::new("missing");
    let missing = folder.0.join("missing");
    let (code, why) = Host::open(missing.to_str().unwrap(), "").map(|_| ()).unwrap_err();
    assert_eq!(code, STEADFAST_E_POLICY_FOLDER);
    assert!(why.contains(missing.to_str().unwrap()), "{why}");
    let (code, why) = Host::open(folder.path(), "../etc").map(|_| ()).unwrap_err();
    assert_eq!(code, STEADFAST_E_OPTION, "{why}");
}
