//! A short name for each error, for the table.

use steadfast_wasm::{Halt, LoadError};

pub(crate) fn kind(error: &LoadError) -> String {
    match error {
        LoadError::Start(halt) => return format!("start: {}", of_halt(halt)),
        LoadError::Configure(halt) => return format!("configure: {}", of_halt(halt)),
        LoadError::Decide { halt, .. } => return format!("decide: {}", of_halt(halt)),
        LoadError::Empty => "empty",
        LoadError::TooLarge { .. } => "too large",
        LoadError::NotWasm { .. } => "not wasm",
        LoadError::CoreModule => "core module",
        LoadError::Malformed { .. } => "malformed",
        LoadError::TooManyModules { .. } => "too many modules",
        LoadError::TooManyInstances { .. } => "too many instances",
        LoadError::Composed => "composed",
        LoadError::TooManyFunctions { .. } => "too many functions",
        LoadError::TypesTooDeep { .. } => "types too deep",
        LoadError::FunctionTooLarge { .. } => "function too large",
        LoadError::TooDear { .. } => "too dear",
        LoadError::MemoryTooLarge { .. } => "memory too large",
        LoadError::TableTooLarge { .. } => "table too large",
        LoadError::Import { .. } => "import",
        LoadError::World { .. } => "world",
        LoadError::Params { .. } => "params",
        LoadError::UnknownLaw { .. } => "unknown law",
        LoadError::UnknownExtra { .. } => "unknown extra",
        LoadError::Manifest(_) => "manifest",
        LoadError::Rail { .. } => "guard rail",
        LoadError::Impure { .. } | LoadError::ImpureManifest => "impure",
        LoadError::Law(_) => "law",
        LoadError::TimedOut { .. } => "timed out",
        LoadError::Cancelled => "cancelled",
        LoadError::Internal { .. } => "internal",
        _ => "not named in this test",
    }
    .into()
}

fn of_halt(halt: &Halt) -> &'static str {
    match halt {
        Halt::Fuel { .. } => "fuel",
        Halt::TotalFuel { .. } => "total fuel",
        Halt::Memory { .. } => "memory",
        Halt::Table { .. } => "table",
        Halt::Trap { .. } => "trap",
        Halt::Answer { .. } => "answer",
        Halt::Interrupted => "interrupted",
        _ => "not named in this test",
    }
}
