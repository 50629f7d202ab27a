//! The dearest files that may pass, each at another bound: what they take is what the host has to have.

use super::{hostile, tangled};
use crate::{
    case::{Case, loads},
    guest::VERDICT,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        loads("at the bound: functions", || {
            let body = "(local.set 0 (i32.add (local.get 0) (i32.const 77)))".repeat(24);
            hostile().items(&format!("(func (param i32) {body})").repeat(4990)).component()
        }),
        loads("at the bound: functions of sixty kilobytes", || {
            let body = "(local.set 0 (i32.add (local.get 0) (i32.const 77)))".repeat(8000);
            hostile().items(&format!("(func (param i32) {body})").repeat(15)).component()
        }),
        loads("at the bound: branches", || {
            let body = "(block (br_if 0 (local.get 0)))".repeat(7000);
            hostile().items(&format!("(func (param i32) {body})").repeat(15)).component()
        }),
        loads("at the bound: locals over branches", || hostile().items(&tangled(100, 3000).repeat(5)).component()),
        loads("at the bound: locals over few branches", || hostile().items(&tangled(19_000, 100)).component()),
        loads("at the bound: blocks in blocks", || {
            let (open, close) = ("block ".repeat(20_000), "end ".repeat(20_000));
            hostile().items(&format!("(func {open} {close})").repeat(5)).component()
        }),
        loads("at the bound: one branch to sixty thousand places", || {
            hostile().items(&format!("(func (param i32) (br_table {} (local.get 0)))", "0 ".repeat(60_000))).component()
        }),
        loads("at the bound: data", || {
            hostile().items(&format!("(data \"{}\")", "x".repeat((1 << 20) - 8192))).component()
        }),
        loads("at the bound: memory", || {
            hostile().configure("(drop (memory.grow (i32.const 63))) (memory.fill (i32.const 65536) (i32.const 7) (i32.const 4000000))").component()
        }),
        loads("at the bound: classes and memo values", || {
            // The memo counts events, so that every value is reached.
            let memo = VERDICT + 4;
            let counts = format!(
                "(i32.store8 (i32.const {memo}) (i32.and (i32.add (local.get $memo) (i32.const 1)) (i32.const 15)))"
            );
            let most = |manifest: &mut crate::guest::manifest::Manifest| {
                manifest.memo_size = 16;
                manifest.silence_ms = vec![1000, 2000, 3000];
                manifest.absence_ms = vec![1000, 2000, 3000];
            };
            hostile().decide(&counts).with(most).component()
        }),
    ]
}
