//! Why a file gives no policy. Each text names what is wrong and what to do about it.

use std::time::Duration;

use steadfast_policy::{
    Facts, Law, Verdict,
    law::LawError,
    {ManifestError, Rail},
};

/// Why a component is refused.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// Beyond [`file_bytes_max`](crate::Limits::file_bytes_max).
    #[error("the file has {bytes} bytes; at most {max} are loaded. Build with opt-level \"s\", lto and strip")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// It does not start as WebAssembly does.
    #[error("this is no WebAssembly: it starts with {starts:?}. A policy is a compiled component")]
    NotWasm {
        /// The first bytes, as text.
        starts: String,
    },
    /// A plain module.
    #[error(
        "this is a core module, not a component. Turn it into one: `cargo xtask wasm` for guests of this repository, \
         or `wasm-tools component new`"
    )]
    CoreModule,
    /// Cut off, damaged, or using a feature that policies do not get.
    #[error("the component is cut off, damaged or uses a feature that policies do not have: {reason}")]
    Malformed {
        /// What the parser or compiler says.
        reason: String,
    },
    /// Too many modules and components inside.
    #[error("the component holds {modules} modules and components or more; at most {max} are compiled")]
    TooManyModules {
        /// How many there are at least.
        modules: u32,
        /// The bound.
        max: u32,
    },
    /// Too many instances.
    #[error("the component makes {instances} instances of modules and components or more; at most {max} are made")]
    TooManyInstances {
        /// How many it makes at least.
        instances: u64,
        /// The bound.
        max: u32,
    },
    /// Types within types.
    #[error(
        "types of the component may lie {levels} levels deep within each other; at most {max} are read. A policy's \
         interface has two"
    )]
    TypesTooDeep {
        /// How deep they lie at most.
        levels: u64,
        /// The bound.
        max: u32,
    },
    /// Its parts call each other.
    #[error(
        "the component is put together from parts that call each other; what passes between them would be compiled too, \
         without a bound. Link the parts into one module"
    )]
    Composed,
    /// Too many functions.
    #[error(
        "the component has {functions} functions or more; at most {max} are compiled. A policy needs a few hundred"
    )]
    TooManyFunctions {
        /// How many there are at least.
        functions: u64,
        /// The bound.
        max: u32,
    },
    /// One enormous function.
    #[error(
        "the function at byte {offset} of the file has {bytes} bytes; at most {max} in one function are compiled. \
         Split it, or keep the optimiser from inlining so much"
    )]
    FunctionTooLarge {
        /// Where its body starts in the file.
        offset: usize,
        /// Its size.
        bytes: usize,
        /// The bound.
        max: u32,
    },
    /// Small enough, and still too much work for the compiler.
    #[error(
        "compiling would take too long: up to the function at byte {offset} branches times local \
         variables come to {cost}; at most {max} are compiled. Build with opt-level \"s\", or split the functions that branch most"
    )]
    TooDear {
        /// Where the body starts in the file that crossed the bound.
        offset: usize,
        /// The sum so far.
        cost: u64,
        /// The bound.
        max: u64,
    },
    /// Memories that are too large from the start.
    #[error("the component wants {bytes} bytes of memory from the start; at most {max} are given in all")]
    MemoryTooLarge {
        /// What it declares.
        bytes: u64,
        /// The bound.
        max: u64,
    },
    /// Tables that are too large from the start.
    #[error("the component wants tables of {elements} elements from the start; at most {max} are given in all")]
    TableTooLarge {
        /// What it declares.
        elements: u64,
        /// The bound.
        max: u64,
    },
    /// It wants something from the host.
    #[error("the component imports {import}; a policy gets nothing from its host.{hint}")]
    Import {
        /// Interface and item.
        import: String,
        /// What to do, or nothing.
        hint: &'static str,
    },
    /// It is made for another interface.
    #[error("this is no state policy: {problem}. The world `policy` of `steadfast:policy@{INTERFACE}` is needed")]
    World {
        /// What is missing or different.
        problem: String,
    },
    /// It gave up or did too much before anything was asked.
    #[error("starting the component failed: {0}")]
    Start(#[source] Halt),
    /// It gave up or did too much when it was configured.
    #[error("`configure` failed: {0}")]
    Configure(#[source] Halt),
    /// It does not accept its parameters.
    #[error("the policy refuses its parameters: {message}. Change [params] in its .toml file")]
    Params {
        /// What it says.
        message: String,
    },
    /// A law that this registry does not know.
    #[error("the policy claims the law {name:?}, which this registry cannot prove. It knows: {known}")]
    UnknownLaw {
        /// The claimed law.
        name: String,
        /// All known laws.
        known: String,
    },
    /// An extra that this registry does not know.
    #[error("the policy's manifest has the extra {name:?}, which this registry does not know")]
    UnknownExtra {
        /// The extra.
        name: String,
    },
    /// Its manifest is out of bounds.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// It gave no answer.
    #[error("`decide` failed when asked about [{facts}]: {halt}")]
    Decide {
        /// What it was asked.
        facts: Facts,
        /// What happened.
        halt: Halt,
    },
    /// An answer that no policy may give.
    #[error("guard rail: {rail}. Asked about [{facts}], it answered [{verdict}]")]
    Rail {
        /// The rule.
        rail: Rail,
        /// What it was asked.
        facts: Facts,
        /// What it answered.
        verdict: Verdict,
    },
    /// It answered differently the second time.
    #[error(
        "`decide` is not a pure function: asked about [{facts}] it answered [{first}, reason {}], and \
         [{second}, reason {}] when everything was asked in another order. Keep no state between calls",
        first.reason, second.reason
    )]
    Impure {
        /// What it was asked.
        facts: Facts,
        /// The answer of one instance.
        first: Verdict,
        /// The answer of another.
        second: Verdict,
    },
    /// It declared something else the second time.
    #[error("`configure` gave two different manifests for the same parameters")]
    ImpureManifest,
    /// A law that it claims does not hold.
    #[error("{0}")]
    Law(#[source] LawError),
    /// It took too long.
    #[error("loading took longer than {after:?} and was given up")]
    TimedOut {
        /// The bound.
        after: Duration,
    },
    /// The caller gave up.
    #[error("loading was cancelled")]
    Cancelled,
    /// A fault of the registry or of the machine, not of the file.
    #[error("loading failed for a reason that is not the file's: {reason}. Please report this")]
    Internal {
        /// What happened.
        reason: String,
    },
}

/// The version of the interface that this host speaks.
pub(crate) const INTERFACE: &str = "0.1.0";

impl LoadError {
    /// The law that does not hold, if that is the reason.
    pub fn broken_law(&self) -> Option<Law> {
        match self {
            LoadError::Law(LawError::Broken { law, .. }) => Some(*law),
            _ => None,
        }
    }
}

/// Why a guest gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Halt {
    /// It worked longer than one call may.
    #[error("it used up {max} units of work without coming to an end; it loops, or does far too much")]
    Fuel {
        /// The bound of one call.
        max: u64,
    },
    /// All calls together were too much.
    #[error("all answers together used up {max} units of work; make `decide` cheaper or the facts fewer")]
    TotalFuel {
        /// The bound of all calls.
        max: u64,
    },
    /// It wanted too much memory.
    #[error("it wanted {bytes} bytes of memory; at most {max} are given in all")]
    Memory {
        /// What it wanted in all.
        bytes: u64,
        /// The bound.
        max: u64,
    },
    /// It wanted too large a table.
    #[error("it wanted tables of {elements} elements; at most {max} are given in all")]
    Table {
        /// What it wanted in all.
        elements: u64,
        /// The bound.
        max: u64,
    },
    /// It trapped: a panic, a bad access, a division by zero, too deep a recursion.
    #[error("it trapped: {trap}")]
    Trap {
        /// The engine's word for it.
        trap: String,
    },
    /// Its answer cannot be read.
    #[error("its answer cannot be read: {reason}")]
    Answer {
        /// What is wrong with it.
        reason: String,
    },
    /// The host interrupted it.
    #[error("it was interrupted")]
    Interrupted,
}
