//! `steadfast laws`: which of the nine promises a policy makes, and which it would keep.

use std::io::{self, Write};

use serde::Serialize;
use steadfast_policy::{
    Law, Table,
    law::{Counterexample, LawError, prove_all},
};
use steadfast_wasm::LoadError;

use crate::{
    answer::{Answer, Outcome},
    command_line::LawsArgs,
    failure::Failure,
    paint::{BAD, CAUTION, FAINT, GOOD, Painted, TITLE},
    policy,
    refusal::{Refusal, RefusalReport},
    statement::statement,
    story,
};

/// All laws, about one policy or about none.
#[derive(Debug, Serialize)]
pub(crate) struct Survey {
    policy: Option<String>,
    laws: Vec<LawReport>,
    /// Why a registry would not take it, if it breaks a law that it claims.
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
    /// No policy was named.
    NotTried,
}

pub(crate) fn run(args: &LawsArgs) -> Result<Survey, Failure> {
    let Some(argument) = &args.policy else {
        let laws = Law::ALL.iter().map(|law| LawReport::untried(*law)).collect();
        return Ok(Survey { policy: None, laws, refusal: None });
    };
    let unproven = policy::open_unproven(argument, args.params.as_deref())?;
    let laws = Law::ALL.iter().map(|law| LawReport::about(unproven.table(), *law)).collect();
    let refusal = unproven.prove(&mut |_| {}).err();
    let refusal = refusal.map(|error| RefusalReport::from(&Refusal::Load(LoadError::Law(error))));
    Ok(Survey { policy: Some(argument.clone()), laws, refusal })
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
        self.print_broken(out)?;
        match (&self.policy, &self.refusal) {
            (Some(policy), Some(_)) => {
                writeln!(out, "{}: a registry does not take {policy}", Painted(BAD, "refused"))
            }
            _ => Ok(()),
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
            let law = report.law.name();
            writeln!(
                out,
                "{}: {}, which it claims: {}.",
                Painted(BAD, "broken"),
                Painted(TITLE, law),
                report.statement
            )?;
            story::tell(out, counterexample)?;
        }
        Ok(())
    }
}
