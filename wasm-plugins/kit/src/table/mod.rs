//! `steadfast table`: policies for hosts that carry no WebAssembly engine.

mod inspect;
mod save;

use crate::{
    answer::{Outcome, show},
    check,
    command_line::TableCommand,
    failure::Failure,
};

pub(crate) fn run(command: &TableCommand) -> Result<Outcome, Failure> {
    match command {
        TableCommand::Save(args) => show(&save::run(args)?, args.output.json),
        TableCommand::Inspect(args) => show(&inspect::run(args)?, args.output.json),
        TableCommand::Check(args) => show(&check::run_table(args)?, args.output.json),
    }
}
