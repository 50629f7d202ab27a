//! Every case, made here and not kept as files: what is wrong with each can be read.

mod answers;
mod containers;
mod damage;
mod impure;
mod largest;
mod manifests;
mod sizes;
mod work;

use crate::{case::Case, guest::Guest};

/// When asked about a hold `banned`: one of some thousand questions.
const AT_ONE: &str = "(i32.and (i32.eq (local.get $event) (i32.const 7)) (i32.eq (local.get $hold) (i32.const 3)))";

/// All of them, from the outside in: what the file is, what it holds, what it does, what it says.
pub(crate) fn cases() -> Vec<Case> {
    [
        containers::cases(),
        sizes::cases(),
        work::cases(),
        answers::cases(),
        manifests::cases(),
        impure::cases(),
        damage::cases(),
        largest::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The pieces of text for each number, one after the other.
fn each<T>(numbers: impl IntoIterator<Item = T>, piece: impl Fn(T) -> String) -> String {
    numbers.into_iter().map(piece).collect()
}

fn hostile() -> Guest {
    Guest::named("hostile")
}

/// A function that hands `locals` variables around between `branches` branches.
fn tangled(locals: usize, branches: usize) -> String {
    let step = |step: usize| {
        let [to, one, other] = [1, 7, 13].map(|stride| 1 + step * stride % locals);
        format!("(local.set {to} (i32.add (local.get {one}) (local.get {other}))) (block (br_if 0 (local.get {one})))")
    };
    let body = each(0..branches, step);
    format!("(func (param i32) (result i32) (local{}) {body} (local.get 3))", " i32".repeat(locals))
}
