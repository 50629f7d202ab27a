//! What can be typed after `cargo xtask`.

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};

use crate::bench::Choice;
use crate::lanes::Stage;
use crate::soak;

/// Every task of the repository, for people and for CI.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) task: Task,
}

/// The tasks, in the order in which a newcomer needs them.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Play the whole story with a stock Nacos client: a hold that sticks, a policy that overrules it, and back
    Demo {
        /// Leave everything running at the end and print the addresses
        #[arg(long)]
        stay: bool,
        /// Stop with a list instead of installing what is missing
        #[arg(long)]
        no_install: bool,
    },
    /// Run every test in every language
    Test {
        /// Stop with a list instead of installing what is missing
        #[arg(long)]
        no_install: bool,
        /// Run this lane only (may be repeated)
        #[arg(long, value_name = "LANE", value_parser = lanes_of(Stage::Test))]
        only: Vec<String>,
    },
    /// List what this machine lacks, with the command that installs it
    Doctor {
        /// Install it (Debian, as root)
        #[arg(long)]
        install: bool,
    },
    /// Build every policy of wasm-plugins/guests into target/policies
    Wasm,
    /// Build the C ABI as a static and a shared library
    Lib {
        /// Without the WebAssembly engine, into target/no-wasm: small enough for sanitizers
        #[arg(long)]
        no_wasm: bool,
    },
    /// Write include/steadfast.h from the crate in ffi
    Header {
        /// Change nothing; fail and show the difference if the file is not what would be written
        #[arg(long)]
        verify: bool,
    },
    /// Write docs/SCENARIOS.md from the vectors in conformance
    Scenarios {
        /// Change nothing; fail and show the difference if the file is not what would be written
        #[arg(long)]
        verify: bool,
    },
    /// Check what needs no test run: formats, header, scenarios, lints, lock files, licences
    Check {
        /// Stop with a list instead of installing what is missing
        #[arg(long)]
        no_install: bool,
        /// Run this lane only (may be repeated)
        #[arg(long, value_name = "LANE", value_parser = lanes_of(Stage::Check))]
        only: Vec<String>,
    },
    /// Play a seed's history of clients, operators, clocks, swaps and crashes against the registry, in virtual time
    Sim {
        /// Where all chance comes from; a fresh one if it is not given
        #[arg(long)]
        seed: Option<u64>,
        /// How many events to play
        #[arg(long, default_value_t = 20_000)]
        events: u64,
        /// Print nothing but the seed and the end
        #[arg(long)]
        quiet: bool,
        /// Optimised: many times faster, after a longer build; the same history
        #[arg(long)]
        release: bool,
    },
    /// Measure every budget beside its limit or its peer, in release; takes minutes
    Bench {
        #[command(flatten)]
        choice: Choice,
        /// Stop with a list instead of installing what is missing
        #[arg(long)]
        no_install: bool,
    },
    /// Count the instructions of the hot paths and write bench/instructions.txt
    Instructions {
        /// Change nothing; fail if a path takes more than the file says
        #[arg(long)]
        verify: bool,
    },
    /// Everything that takes longer than CI allows: long simulation, sanitizers, fuzzing, kill -9, large benchmarks
    Soak {
        #[command(flatten)]
        choice: soak::Choice,
        /// Stop with a list instead of installing what is missing
        #[arg(long)]
        no_install: bool,
    },
    /// What CI runs after the doctor: check, test, demo
    Ci,
}

fn lanes_of(stage: Stage) -> PossibleValuesParser {
    stage.lanes().iter().map(|lane| lane.name).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn only_lanes_of_the_task_are_taken() {
        assert!(CommandLine::try_parse_from(["xtask", "test", "--only", "go", "--only", "c"]).is_ok());
        assert!(CommandLine::try_parse_from(["xtask", "test", "--only", "format"]).is_err());
        assert!(CommandLine::try_parse_from(["xtask", "check", "--only", "format"]).is_ok());
    }
}
