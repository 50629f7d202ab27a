//! `steadfast laws`: which of the nine promises a policy makes, and which it would keep.

use std::io::{self, Write};

use serde::Serialize;
use steadfast_policy::{
    Law, Table,
    law::{Counterexample, LawError, prove_all},
};

use crate::{
    answer::{Answer, Outcome},
    check::print_refusal,
    command_line::LawsArgs,
    failure::Failure,
    paint::{BAD, CAUTION, FAINT, GOOD, Painted, TITLE},
    policy,
    refusal::RefusalReport,
    statement::statement,
    story,
};

/// All laws, about one policy or about none.
#[derive(Debug, Serialize)]
pub(crate) struct Survey {
    policy: Option<String>,
    laws: Vec<LawReport>,
    /// A file that is refused has no table to try the laws on; a broken law is marked as such nevertheless.
    refusal: Option<RefusalReport>,
}

/// One law about one policy.
#[derive(Debug, Serialize)]
struct LawReport {
    law: Law,
    statement: &'static str,
    status: Status,
    /// What the proof has visited.
    states: Option<usize>,
    counterexample: Option<Counterexample>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Status {
    /// Claimed, and it holds.
    Proven,
    /// Claimed, and it does not hold.
    Broken,
    /// Not claimed, though it holds.
    WouldHold,
    /// Not claimed, and it does not hold.
    WouldNotHold,
    /// More states than a proof visits.
    TooLarge,
    /// There is no table to try it on.
    NotTried,
}

pub(crate) fn run(args: &LawsArgs) -> Result<Survey, Failure> {
    let Some(argument) = &args.policy else {
        let laws = Law::ALL.iter().map(|law| LawReport::untried(*law)).collect();
        return Ok(Survey { policy: None, laws, refusal: None });
    };
    match policy::open(argument, args.params.as_deref()) {
        Ok(policy) => {
            let laws = Law::ALL.iter().map(|law| LawReport::about(&policy.table, *law)).collect();
            Ok(Survey { policy: Some(policy.label), laws, refusal: None })
        }
        Err(Failure::Refused { label, refusal }) if refusal.broken_law().is_some() => {
            let refusal = RefusalReport::from(&*refusal);
            let laws = Law::ALL.iter().map(|law| LawReport::refused(*law, &refusal)).collect();
            Ok(Survey { policy: Some(label), laws, refusal: Some(refusal) })
        }
        Err(failure) => Err(failure),
    }
}

impl LawReport {
    fn about(table: &Table, law: Law) -> LawReport {
        let claimed = table.manifest().laws.contains(&law);
        let report = LawReport::untried(law);
        match prove_all(table, &[law]) {
            Ok(proof) => {
                let status = if claimed { Status::Proven } else { Status::WouldHold };
                LawReport { status, states: Some(proof.states), ..report }
            }
            Err(LawError::Broken { counterexample, .. }) => {
                let status = if claimed { Status::Broken } else { Status::WouldNotHold };
                LawReport { status, counterexample: Some(*counterexample), ..report }
            }
            Err(_) => LawReport { status: Status::TooLarge, ..report },
        }
    }

    fn refused(law: Law, refusal: &RefusalReport) -> LawReport {
        if refusal.law != Some(law) {
            return LawReport::untried(law);
        }
        let counterexample = refusal.counterexample.clone();
        LawReport { status: Status::Broken, counterexample, ..LawReport::untried(law) }
    }

    fn untried(law: Law) -> LawReport {
        LawReport { law, statement: statement(law), status: Status::NotTried, states: None, counterexample: None }
    }
}

impl Answer for Survey {
    /// A law that could not be proven is claimed in vain, too.
    fn outcome(&self) -> Outcome {
        let broken = self.laws.iter().any(|report| matches!(report.status, Status::Broken | Status::TooLarge));
        if broken { Outcome::No } else { Outcome::Yes }
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(policy) = &self.policy {
            writeln!(out, "{}", Painted(TITLE, policy))?;
        }
        for report in &self.laws {
            self.print_law(out, report)?;
        }
        match (&self.policy, &self.refusal) {
            (Some(policy), Some(refusal)) => print_refusal(out, policy, refusal),
            _ => self.print_broken(out),
        }
    }
}

impl Survey {
    fn print_law(&self, out: &mut dyn Write, report: &LawReport) -> io::Result<()> {
        let (style, status) = match report.status {
            Status::Proven => (GOOD, "proven"),
            Status::Broken => (BAD, "BROKEN"),
            Status::WouldHold => (CAUTION, "not claimed, holds"),
            Status::WouldNotHold => (FAINT, "not claimed, fails"),
            Status::TooLarge => (CAUTION, "too large to prove"),
            Status::NotTried => (FAINT, "not tried"),
        };
        let name = report.law.name();
        if self.policy.is_none() {
            return writeln!(out, "{name:<16}  {}", report.statement);
        }
        writeln!(out, "  {name:<16}  {:<18}  {}", Painted(style, status), report.statement)?;
        match &report.counterexample {
            Some(counterexample) if report.status == Status::WouldNotHold => {
                let events = format!("{:<16}  for example: {}", "", story::events(counterexample));
                writeln!(out, "  {}", Painted(FAINT, &events))
            }
            _ => Ok(()),
        }
    }

    fn print_broken(&self, out: &mut dyn Write) -> io::Result<()> {
        for report in self.laws.iter().filter(|report| report.status == Status::Broken) {
            let Some(counterexample) = &report.counterexample else { continue };
            writeln!(out, "{}: {}", Painted(BAD, "broken"), Painted(TITLE, report.law.name()))?;
            story::tell(out, counterexample)?;
        }
        Ok(())
    }
}
