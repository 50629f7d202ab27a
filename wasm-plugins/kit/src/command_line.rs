//! What can be typed after `steadfast`.

use std::path::PathBuf;

use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use steadfast_policy::{Claim, Event, Hold, Probe, Process};

const EXIT_CODES: &str = "\
Exit codes:
  0  yes: accepted, proven, equal, answered, written, held
  1  no: refused, a claimed law is broken, different, impossible facts, not held
  2  the command line is wrong
  3  a file cannot be read or written
  4  no answer: a policy that is needed is refused, a comparison is too large, or a vector file has a mistake";

/// Write, check and compare state policies for Steadfast.
#[derive(Debug, Parser)]
#[command(name = "steadfast", version, disable_help_subcommand = true, after_help = EXIT_CODES)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// In the order in which an author needs them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a crate for a new policy, which builds and passes every check
    #[command(after_help = "Example:\n  steadfast new night-shift --sdk ../steadfast/wasm-plugins/sdk")]
    New(NewArgs),
    /// Check a .wasm or .table file as a registry does before it takes it
    #[command(after_help = "Examples:\n  steadfast check night-shift.wasm\n  \
                            steadfast check night-shift.wasm --params strict.toml --json")]
    Check(CheckArgs),
    /// List all laws; of a policy: which it claims, which are proven, which would hold
    #[command(after_help = "Examples:\n  steadfast laws\n  steadfast laws admin-sticky\n  \
                            steadfast laws night-shift.wasm")]
    Laws(LawsArgs),
    /// Show everything that another policy would answer differently
    #[command(after_help = "Examples:\n  steadfast diff admin-sticky night-shift.wasm\n  \
                            steadfast diff old.wasm new.wasm --json")]
    Diff(DiffArgs),
    /// Run the journal of a registry through another policy: each decision that would have differed
    #[command(after_help = "Examples:\n  steadfast replay data --policy night-shift.wasm\n  \
                            steadfast replay data/journal --policy heartbeat-wins --limit 100 --json")]
    Replay(ReplayArgs),
    /// Show what a policy answers to one facts value, and why
    #[command(after_help = "Example:\n  steadfast explain-facts admin-sticky --event beat --present --hold offline")]
    ExplainFacts(ExplainArgs),
    /// Save a policy for hosts that carry no WebAssembly engine, and look at such a file
    #[command(disable_help_subcommand = true)]
    Table {
        #[command(subcommand)]
        command: TableCommand,
    },
    /// Run stories against a policy in a registry, in virtual time
    #[command(disable_help_subcommand = true)]
    Run {
        #[command(subcommand)]
        command: RunCommand,
    },
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  steadfast completions bash > /etc/bash_completion.d/steadfast")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Output {
    /// Print the answer as one JSON value
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunCommand {
    /// Run conformance vectors (JSON lines) and say which do not hold, and at which event
    #[command(after_help = "Examples:\n  steadfast run vectors flips.jsonl\n  \
                            steadfast run vectors night-shift.jsonl --policy night-shift.wasm")]
    Vectors(VectorsArgs),
}

#[derive(Debug, Args)]
pub(crate) struct VectorsArgs {
    /// Vector files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Run the vectors that speak of this policy: a .wasm or .table file or the name of a built-in one. By default each
    /// vector runs under every policy that it names
    #[arg(long)]
    pub(crate) policy: Option<String>,
    /// Parameters of a .wasm file; by default the .toml of the same name beside it, if there is one
    #[arg(long, value_name = "FILE", requires = "policy")]
    pub(crate) params: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The policy's name: lower-case letters, digits and hyphens
    pub(crate) name: String,
    /// The new folder; by default the name, in the current one
    #[arg(long, value_name = "DIR")]
    pub(crate) path: Option<PathBuf>,
    /// The SDK: the folder wasm-plugins/sdk of a checkout of Steadfast
    #[arg(long, value_name = "DIR")]
    pub(crate) sdk: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The policy, a compiled component or a saved table
    pub(crate) file: PathBuf,
    /// Parameters of a .wasm file; by default the .toml of the same name beside it, if there is one
    #[arg(long, value_name = "FILE")]
    pub(crate) params: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct LawsArgs {
    /// A .wasm or .table file, or the name of a built-in policy
    pub(crate) policy: Option<String>,
    /// Parameters of a .wasm file; by default the .toml of the same name beside it, if there is one
    #[arg(long, value_name = "FILE", requires = "policy")]
    pub(crate) params: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// A .wasm or .table file, or the name of a built-in policy
    pub(crate) old: String,
    /// Another one
    pub(crate) new: String,
    /// Parameters of OLD; by default the .toml of the same name beside it, if there is one
    #[arg(long, value_name = "FILE")]
    pub(crate) old_params: Option<PathBuf>,
    /// The same for NEW
    #[arg(long, value_name = "FILE")]
    pub(crate) new_params: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The data folder of a registry, or the journal in it. The registry may be running
    pub(crate) folder: PathBuf,
    /// The policy to try: a .wasm or .table file, or the name of a built-in policy
    #[arg(long)]
    pub(crate) policy: String,
    /// Parameters of a .wasm file; by default the .toml of the same name beside it, if there is one
    #[arg(long, value_name = "FILE")]
    pub(crate) params: Option<PathBuf>,
    /// A policy that decided then, to check the journal against it. The built-in ones are always at hand
    #[arg(long, value_name = "POLICY")]
    pub(crate) recorded: Vec<String>,
    /// How many differences to list one by one; all are counted
    #[arg(long, default_value = "10", value_name = "COUNT")]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// In the order in which a table goes to another host.
#[derive(Debug, Subcommand)]
pub(crate) enum TableCommand {
    /// Write all answers of a policy, proven, to a .table file
    #[command(after_help = "Examples:\n  steadfast table save night-shift.wasm\n  \
                            steadfast table save night-shift.wasm --params strict.toml -o strict.table")]
    Save(SaveArgs),
    /// Show what a .table file says of itself: manifest, digest, claims, with --facts every answer
    #[command(after_help = "Examples:\n  steadfast table inspect night-shift.table\n  \
                            steadfast table inspect night-shift.table --event beat")]
    Inspect(InspectArgs),
    /// Load a .table file as a host without WebAssembly does: all bounds, every guard rail, each claimed law
    #[command(after_help = "Example:\n  steadfast table check night-shift.table")]
    Check(TableCheckArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SaveArgs {
    /// A .wasm or .table file, or the name of a built-in policy
    pub(crate) policy: String,
    /// The file to write; by default beside POLICY, with the ending .table. One that is there is replaced
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,
    /// Parameters of a .wasm file; by default the .toml of the same name beside it, if there is one
    #[arg(long, value_name = "FILE")]
    pub(crate) params: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A saved table
    pub(crate) file: PathBuf,
    /// List every facts value with its answer
    #[arg(long)]
    pub(crate) facts: bool,
    /// List only those of one event
    #[arg(long, value_parser = named(Event::ALL, Event::name))]
    pub(crate) event: Option<Event>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct TableCheckArgs {
    /// A saved table
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A .wasm or .table file, or the name of a built-in policy
    pub(crate) policy: String,
    /// Parameters of a .wasm file; by default the .toml of the same name beside it, if there is one
    #[arg(long, value_name = "FILE")]
    pub(crate) params: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
    // Last, because its heading holds for everything after it.
    #[command(flatten)]
    pub(crate) facts: FactsArgs,
}

/// One facts value; what is not named is as it mostly is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Facts")]
pub(crate) struct FactsArgs {
    /// What happened
    #[arg(long, value_parser = named(Event::ALL, Event::name))]
    pub(crate) event: Event,
    /// The instance was present before the event
    #[arg(long)]
    pub(crate) present: bool,
    /// It is persistent instead of ephemeral
    #[arg(long)]
    pub(crate) persistent: bool,
    /// The silence band of a present instance, the absence band of an absent one
    #[arg(long, default_value = "0", value_name = "0-3", value_parser = clap::value_parser!(u8).range(0..=3))]
    pub(crate) band: u8,
    /// What the client says of itself, the event included
    #[arg(long, default_value = "unset", value_parser = named(Claim::ALL, Claim::name))]
    pub(crate) claim: Claim,
    /// The last health check, the event included
    #[arg(long, default_value = "unknown", value_parser = named(Probe::ALL, Probe::name))]
    pub(crate) probe: Probe,
    /// The strongest hold of the instance itself, the event included
    #[arg(long, default_value = "none", value_parser = named(Hold::ALL, Hold::name))]
    pub(crate) hold: Hold,
    /// The program behind the event, against the last one at this address
    #[arg(long, default_value = "same", value_parser = named(Process::ALL, Process::name))]
    pub(crate) process: Process,
    /// The first class of the manifest that matches, 0 for none
    #[arg(long, default_value = "0", value_name = "0-7", value_parser = clap::value_parser!(u8).range(0..=7))]
    pub(crate) class: u8,
    /// What the policy last stored here
    #[arg(long, default_value = "0", value_name = "0-15", value_parser = clap::value_parser!(u8).range(0..=15))]
    pub(crate) memo: u8,
}

/// Values by the names that they have everywhere.
fn named<T>(all: &'static [T], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let value = move |text: String| all.iter().copied().find(|value| name(*value) == text).ok_or("no such value");
    PossibleValuesParser::new(all.iter().map(|value| name(*value))).try_map(value)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }
}
