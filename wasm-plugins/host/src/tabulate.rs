//! Asking a guest about everything, twice.
//!
//! Two fresh instances are asked in opposite orders. A policy that remembers anything between calls answers the first
//! question of one order as the last question of the other, and is found out.

use steadfast_policy::{Facts, Manifest, Order, Table, TableError, TabulateError, Verdict};

use crate::{
    Halt, Limits, LoadError, Params,
    guest::{Guest, Template},
    manifest,
    progress::{Progress, is_worth_telling},
    record,
};

/// A table, and what it took to make it.
pub(crate) struct Tabulated {
    pub(crate) table: Table,
    /// The fuel of the dearest single answer.
    pub(crate) decide_fuel: u64,
}

pub(crate) fn tabulate(
    template: &Template,
    params: &Params,
    limits: &Limits,
    tell: &dyn Fn(Progress),
) -> Result<Tabulated, LoadError> {
    tell(Progress::Configure);
    // Both before anything is asked, so that a manifest that is refused is refused before any answer.
    let first = Configured::new(template, params, limits)?;
    let second = Configured::new(template, params, limits)?;
    let forward = first.ask_all(limits, Order::Forward, tell)?;
    let backward = second.ask_all(limits, Order::Backward, tell)?;
    tell(Progress::Compare);
    compare(&forward.table, &backward.table)?;
    Ok(forward)
}

/// A fresh instance that has been asked nothing yet.
struct Configured {
    guest: Guest,
    manifest: Manifest,
}

impl Configured {
    fn new(template: &Template, params: &Params, limits: &Limits) -> Result<Configured, LoadError> {
        let mut guest = template.start()?;
        let manifest = manifest::from_wit(guest.configure(params, limits.configure_fuel_max)?)?;
        Ok(Configured { guest, manifest })
    }

    fn ask_all(mut self, limits: &Limits, order: Order, tell: &dyn Fn(Progress)) -> Result<Tabulated, LoadError> {
        let (mut asked, of) = (0, Table::questions(&self.manifest)?);
        let mut purse = Purse { limits, left: limits.tabulate_fuel_max, dearest: 0 };
        tell(Progress::Ask { order, asked, of });
        let decide = |facts: &Facts| {
            let verdict = purse.ask(&mut self.guest, facts)?;
            asked += 1;
            if is_worth_telling(asked, of) {
                tell(Progress::Ask { order, asked, of });
            }
            Ok(verdict)
        };
        let table = Table::tabulate(self.manifest, order, decide).map_err(refusal)?;
        Ok(Tabulated { table, decide_fuel: purse.dearest })
    }
}

/// What is left of the fuel for one pass.
struct Purse<'a> {
    limits: &'a Limits,
    left: u64,
    dearest: u64,
}

impl Purse<'_> {
    fn ask(&mut self, guest: &mut Guest, facts: &Facts) -> Result<Verdict, Halt> {
        let fuel = self.limits.decide_fuel_max.min(self.left);
        let (verdict, used) = guest.decide(record::facts(facts), fuel).map_err(|halt| match halt {
            Halt::Fuel { max } if max < self.limits.decide_fuel_max => {
                Halt::TotalFuel { max: self.limits.tabulate_fuel_max }
            }
            halt => halt,
        })?;
        self.left = self.left.saturating_sub(used);
        self.dearest = self.dearest.max(used);
        record::verdict(&verdict)
    }
}

fn refusal(error: TabulateError<Halt>) -> LoadError {
    match error {
        TabulateError::Decide { facts, error } => LoadError::Decide { facts, halt: error },
        TabulateError::Table(TableError::Manifest(error)) => LoadError::Manifest(error),
        TabulateError::Table(TableError::Rail { rail, facts, verdict }) => LoadError::Rail { rail, facts, verdict },
        TabulateError::Table(other) => LoadError::Internal { reason: other.to_string() },
    }
}

fn compare(forward: &Table, backward: &Table) -> Result<(), LoadError> {
    if forward.manifest() != backward.manifest() {
        return Err(LoadError::ImpureManifest);
    }
    let mut pairs = forward.entries().zip(backward.entries());
    match pairs.find(|(first, second)| first != second) {
        None => Ok(()),
        Some(((facts, first), (_, second))) => Err(LoadError::Impure { facts, first, second }),
    }
}
