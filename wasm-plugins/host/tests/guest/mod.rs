//! Real components, made from a few lines of WebAssembly text: what a hostile or broken compiler could produce.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "shared by several tests, each of which uses a part")]

pub mod manifest;

use std::fmt::Write as _;

use manifest::Manifest;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Where `decide` leaves its verdict: present, healthy, traffic, orders, memo, reason, and `reserved` at 8.
pub const VERDICT: u32 = 512;
const REFUSAL: u32 = 20_480;
const MANIFEST: u32 = 2048;

/// A policy: who is there stays until it leaves; orders do not matter to it.
#[derive(Clone)]
pub struct Guest {
    pub manifest: Manifest,
    /// Statements before `configure` answers.
    pub configure: String,
    /// What it says of parameters.
    pub refusal: String,
    /// Statements after the verdict is written and before `decide` returns.
    pub decide: String,
    /// Further items of the module.
    pub items: String,
    /// Statements before `cabi_realloc` answers; `$at` is where it would put what it was asked for.
    pub allocate: String,
    pub memory_pages: u32,
}

impl Guest {
    pub fn named(name: &str) -> Guest {
        let manifest = Manifest {
            name: name.into(),
            unhealthy_from: 1,
            silence_ms: vec![15_000, 30_000],
            absence_ms: vec![],
            lapse_ms: None,
            classes: vec![],
            glob: "*".into(),
            memo_size: 1,
            reasons: vec!["as it was".into(), "another reason".into()],
            laws: vec![],
            extras: vec![],
            raw: vec![],
        };
        let (configure, decide, items, allocate) = Default::default();
        Guest {
            manifest,
            refusal: "no parameter is good enough".into(),
            configure,
            decide,
            items,
            allocate,
            memory_pages: 1,
        }
    }

    pub fn configure(self, configure: &str) -> Guest {
        Guest { configure: configure.into(), ..self }
    }

    pub fn decide(self, decide: &str) -> Guest {
        Guest { decide: decide.into(), ..self }
    }

    pub fn items(self, items: &str) -> Guest {
        Guest { items: items.into(), ..self }
    }

    pub fn refusing_with(self, refusal: &str) -> Guest {
        Guest { refusal: refusal.into(), ..self }
    }

    pub fn allocate(self, allocate: &str) -> Guest {
        Guest { allocate: allocate.into(), ..self }
    }

    pub fn with(mut self, change: impl FnOnce(&mut Manifest)) -> Guest {
        change(&mut self.manifest);
        self
    }

    /// The core module.
    pub fn module(&self) -> Vec<u8> {
        wat::parse_str(self.text()).expect("the text is WebAssembly")
    }

    /// The module as a component of the world `policy`.
    pub fn component(&self) -> Vec<u8> {
        let mut resolve = Resolve::default();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit");
        let (package, _) = resolve.push_dir(folder).expect("the interface is well-formed");
        let world = resolve.select_world(&[package], Some("policy")).expect("the interface has its world");
        let mut module = self.module();
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("a type can be embedded");
        let encoder = ComponentEncoder::default().validate(true).module(&module).expect("the module fits its world");
        { encoder }.encode().expect("a component can be encoded")
    }

    fn text(&self) -> String {
        let manifest = escaped(&manifest::ok(&self.manifest, MANIFEST));
        let refusal = escaped(&manifest::err(&self.refusal, REFUSAL));
        let Guest { configure, decide, items, allocate, memory_pages, .. } = self;
        format!(
            r#"(module
  (memory (export "memory") {memory_pages})
  (data (i32.const {REFUSAL}) "{refusal}")
  (data (i32.const {MANIFEST}) "{manifest}")
  (global $heap (mut i32) (i32.const 32768))
  {items}
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $heap) (i32.sub (local.get 2) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get 2))))
    (global.set $heap (i32.add (local.get $at) (local.get 3)))
    {allocate}
    (local.get $at))
  (func (export "configure") (param $params i32) (param $count i32) (result i32)
    {configure}
    (select (i32.const {REFUSAL}) (i32.const {MANIFEST}) (local.get $count)))
  (func (export "decide")
    (param $event i32) (param $present i32) (param $ephemeral i32) (param $band i32) (param $claim i32)
    (param $probe i32) (param $hold i32) (param $process i32) (param $class i32) (param $memo i32)
    (param $reserved i32) (result i32)
    (local $stays i32) (local $spare i32)
    ;; Gone after deregister (3) and remove (13).
    (local.set $stays (i32.and (local.get $present) (i32.and
      (i32.ne (local.get $event) (i32.const 3))
      (i32.ne (local.get $event) (i32.const 13)))))
    (i32.store8 offset={VERDICT} (i32.const 0) (local.get $stays))
    (i32.store8 offset={VERDICT} (i32.const 1) (local.get $stays))
    (i32.store8 offset={VERDICT} (i32.const 2) (select (i32.const 0) (i32.const 2) (local.get $stays)))
    (i32.store8 offset={VERDICT} (i32.const 5) (i32.const 1))
    {decide}
    (i32.const {VERDICT})))"#
        )
    }
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "\\{byte:02x}").unwrap();
        text
    })
}

/// A component from its own text, for worlds that are not ours.
pub fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the text is a component")
}
