//! Every row: what was measured, what stands beside it, and what was promised.

use steadfast_core::limits::SLICE_MAX;

use crate::{
    parts::{Effort, NAIVE_MAX, Size},
    samples::Samples,
    spread::Spread,
};

/// How a figure is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unit {
    Nanoseconds,
    Bytes,
    Percent,
    Count,
}

/// What was promised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Budget {
    /// The figure itself.
    AtMost(f64),
    /// The figure, as a multiple of what stands beside it.
    TimesAtMost(f64),
    /// What stands beside it, as a multiple of the figure.
    TimesLess(f64),
    /// Nothing: the row is there for the picture.
    Nothing,
}

/// What a row is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Beside {
    Nothing,
    /// A figure of the same run.
    Measured(&'static str, String),
    /// A figure of another program, measured apart; the head of the page says how.
    Apart(&'static str, f64),
}

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) what: String,
    key: String,
    pub(crate) unit: Unit,
    beside: Beside,
    pub(crate) budget: Budget,
}

/// A row with its figures.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) figure: Spread,
    /// What it is compared with, and that one's figure.
    pub(crate) beside: Option<(&'static str, Spread)>,
}

impl Measured {
    /// The figure as a multiple of what stands beside it.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.beside.map(|(_, beside)| self.figure.median / beside.median)
    }
}

impl Row {
    fn new(what: impl Into<String>, key: impl Into<String>) -> Row {
        Row {
            what: what.into(),
            key: key.into(),
            unit: Unit::Nanoseconds,
            beside: Beside::Nothing,
            budget: Budget::Nothing,
        }
    }

    fn unit(self, unit: Unit) -> Row {
        Row { unit, ..self }
    }

    fn beside(self, label: &'static str, key: impl Into<String>) -> Row {
        Row { beside: Beside::Measured(label, key.into()), ..self }
    }

    fn apart(self, label: &'static str, figure: f64) -> Row {
        Row { beside: Beside::Apart(label, figure), ..self }
    }

    fn budget(self, budget: Budget) -> Row {
        Row { budget, ..self }
    }

    /// `None`: this run did not measure it.
    pub(crate) fn measured(&self, samples: &Samples) -> Option<Measured> {
        let figure = samples.find(&self.key)?;
        let beside = match &self.beside {
            Beside::Nothing => None,
            Beside::Measured(label, key) => Some((*label, samples.find(key)?)),
            Beside::Apart(label, figure) => Some((*label, Spread::once(*figure))),
        };
        Some(Measured { figure, beside })
    }

    /// Whether the promise is kept; `None`: there is none.
    pub(crate) fn kept(&self, measured: &Measured) -> Option<bool> {
        match self.budget {
            Budget::AtMost(most) => Some(measured.figure.median <= most),
            Budget::TimesAtMost(most) => measured.ratio().map(|ratio| ratio <= most),
            Budget::TimesLess(least) => measured.ratio().map(|ratio| 1.0 / ratio >= least),
            Budget::Nothing => None,
        }
    }
}

/// All rows, in the order of the table.
pub(crate) fn rows(effort: Effort) -> Vec<Row> {
    let mut rows = policy();
    for size in effort.sizes {
        rows.extend(beats(*size));
    }
    rows.extend(lookups());
    rows.extend(changes());
    for size in effort.sizes {
        rows.extend(town(*size));
    }
    rows.extend(beside_instances());
    rows.push(
        Row::new("a beat in batches of 256 from Go", "beat go")
            .beside("the same loop in C", "beat c")
            .budget(Budget::TimesAtMost(1.5)),
    );
    rows
}

fn policy() -> Vec<Row> {
    let load = |what, key| Row::new(what, key).budget(Budget::AtMost(1_000.0));
    let decide = |what, key| Row::new(what, key).budget(Budget::AtMost(10.0));
    vec![
        load("load a policy: tabulate, prove, compare; for one of its facts", "load plain"),
        Row::new("… tabulate", "tabulate plain"),
        Row::new("… prove its laws", "prove plain"),
        Row::new("… compare with another policy", "compare plain"),
        load("load the slowest of all shapes up to 16 cells, for one of its facts", "load slowest shape"),
        Row::new("… tabulate", "tabulate slowest shape"),
        Row::new("… prove eight laws", "prove slowest shape"),
        Row::new("… compare with itself", "compare slowest shape"),
        Row::new("load a component: compile, ask twice, prove; in all", "load component"),
        decide("decide through the table of a policy in Rust", "decide native"),
        decide("decide through the table of a component", "decide component").beside("policy in Rust", "decide native"),
    ]
}

fn beats(size: Size) -> Vec<Row> {
    const LIMIT: &str = "stores only";
    let Size { name, instances } = size;
    // Promised where a town no longer fits a cache.
    let promised = |most| if instances >= 10_000_000 { Budget::TimesAtMost(most) } else { Budget::Nothing };
    let single = Row::new(format!("{name}: beat by handle, one by one, random order"), format!("beat single {name}"));
    let batch = Row::new(format!("{name}: beat by handle, batches of 256"), format!("beat batch {name}"));
    let named = Row::new(format!("{name}: beat by name, one by one"), format!("beat by name {name}"));
    let mut rows = vec![
        single.clone().beside(LIMIT, format!("limit single {name}")).budget(promised(2.6)),
        batch.beside(LIMIT, format!("limit batch {name}")).budget(promised(1.8)),
    ];
    if let Some(peer) = [(100_000, 6_600.0), (1_000_000, 12_200.0)].iter().find(|(size, _)| *size == instances) {
        rows.push(
            Row { what: "… beside another registry, measured apart".into(), ..single }
                .apart("r-nacos' core", peer.1)
                .budget(Budget::TimesLess(500.0)),
        );
    }
    rows.push(if instances <= NAIVE_MAX {
        named.beside("naive registry", format!("beat naive {name}"))
    } else {
        named
    });
    let batched = if instances == 1_000_000 { Budget::AtMost(100.0) } else { Budget::Nothing };
    let named = Row::new(format!("{name}: beat by name, batches of 256"), format!("beat by name batch {name}"));
    rows.push(named.budget(batched).beside("one by one", format!("beat by name {name}")));
    rows
}

fn lookups() -> Vec<Row> {
    let row = Row::new;
    vec![
        row("lookup: has the revision changed?", "lookup revision").budget(Budget::AtMost(10.0)),
        row("lookup: who of twenty serves, random service", "lookup walk")
            .beside("naive registry", "lookup naive")
            .budget(Budget::AtMost(60.0)),
        row("… two readers at once, random services", "lookup two readers")
            .beside("one reader", "lookup one reader")
            .budget(Budget::TimesAtMost(1.1)),
        row("… … what the machine does to two that share nothing", "control random two")
            .beside("one of them", "control random one"),
        row("… two readers at once, the same service", "lookup hot two readers")
            .beside("one reader", "lookup hot one reader")
            .budget(Budget::TimesAtMost(1.1)),
        row("… … what the machine does to two that share nothing", "control hot two")
            .beside("one of them", "control hot one"),
        row("… 999 of 1000 are faster, beside 1000 changes a second", "lookup p99.9 writer")
            .beside("without changes", "lookup p99.9 calm")
            .budget(Budget::AtMost(1_000.0)),
        row("… what of that is the clock's", "clock"),
    ]
}

fn changes() -> Vec<Row> {
    let flip = |name: &str, most| {
        Row::new(format!("one change in a service of {name}, published"), format!("flip {name}"))
            .beside("naive registry", format!("flip naive {name}"))
            .budget(Budget::AtMost(most))
    };
    vec![
        flip("10 k", 1_500.0),
        flip("100 k", 5_000.0),
        Row::new("a hold on a whole service of 100 k", "hold service").budget(Budget::AtMost(20e6)),
        Row::new("… beats beside holds without a pause", "hold beats busy").beside("without holds", "hold beats calm"),
        Row::new("everybody in a service of 100 k silent at once, whole tick", "silence all"),
        Row::new(format!("… one slice of {SLICE_MAX}: the longest that a service is locked"), "silence slice")
            .budget(Budget::AtMost(100e3)),
        Row::new("swap the policy of 100 k instances in 5 k services", "swap install"),
        Row::new("… lookups beside swaps, 999 of 1000 are faster", "swap p99.9 busy")
            .beside("without swaps", "swap p99.9 calm")
            .budget(Budget::TimesAtMost(2.0)),
        Row::new("… beats that were lost", "swap lost beats").unit(Unit::Count).budget(Budget::AtMost(0.0)),
    ]
}

fn town(size: Size) -> Vec<Row> {
    let Size { name, instances } = size;
    let share = if instances >= 10_000_000 { Budget::AtMost(1.0) } else { Budget::Nothing };
    let memory = Row::new(format!("{name}: memory of an instance with four metadata pairs"), format!("memory {name}"))
        .unit(Unit::Bytes)
        .budget(Budget::AtMost(240.0));
    let memory =
        if instances <= NAIVE_MAX { memory.beside("naive registry", format!("memory naive {name}")) } else { memory };
    vec![
        Row::new(format!("{name}: register"), format!("register {name}")),
        Row::new(format!("{name}: expiry, share of a core"), format!("expiry share {name}"))
            .unit(Unit::Percent)
            .budget(share),
        Row::new(format!("{name}: expiry, longest tick"), format!("expiry longest {name}")),
        memory,
        Row::new("… after four periods of beats", format!("memory beating {name}"))
            .unit(Unit::Bytes)
            .budget(Budget::AtMost(240.0)),
    ]
}

fn beside_instances() -> Vec<Row> {
    vec![
        Row::new("a packed copy, for one of its twenty instances", "memory packed").unit(Unit::Bytes),
        Row::new("the store with its cache, after 100 k orders", "memory store").unit(Unit::Bytes),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(lines: &[&str]) -> Samples {
        let mut samples = Samples::default();
        assert!(lines.iter().all(|line| samples.take(line)));
        samples
    }

    #[test]
    fn a_promise_on_a_ratio_is_judged_by_the_ratio() {
        let samples = samples(&["sample\ta\t26\t20\t30", "sample\tb\t10\t10\t10"]);
        let row = Row::new("a", "a").beside("b", "b");
        let measured = row.measured(&samples).unwrap();
        let judged = |budget| row.clone().budget(budget).kept(&measured);
        assert_eq!(judged(Budget::TimesAtMost(2.6)), Some(true));
        assert_eq!(judged(Budget::TimesAtMost(2.5)), Some(false));
        assert_eq!(judged(Budget::AtMost(25.0)), Some(false));
        assert_eq!(judged(Budget::TimesLess(0.3)), Some(true));
        assert_eq!(judged(Budget::Nothing), None);
    }

    #[test]
    fn what_was_not_measured_has_no_figures() {
        let row = Row::new("a", "a").beside("b", "b");
        assert!(row.measured(&samples(&["sample\ta\t1\t1\t1"])).is_none());
    }
}
