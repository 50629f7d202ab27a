//! What loading one policy may cost. Every bound exists because a file without it could hurt the process.

use std::time::Duration;

/// What one load adds to the memory of the process at most under the default [`Limits`], in bytes.
///
/// It follows from the bounds and is held by the test `hostile`, which measures every hostile file and the largest ones
/// that pass.
pub const LOAD_BYTES_MAX: usize = 64 << 20;

/// Bounds on one file and on the guest made from it.
///
/// Work is counted in fuel, about one unit for each WebAssembly instruction, so that a refusal for too much work is
/// the same on every machine. `time_max` is only the net below that.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the component.
    pub file_bytes_max: usize,
    /// Functions in all its modules together; compiling costs by the function.
    pub functions_max: u32,
    /// Bytes of one function's body; compiling costs more than linearly in this.
    pub function_bytes_max: u32,
    /// Branches times local variables (and 16 more), summed over all functions; compiling costs by this too.
    pub compile_cost_max: u64,
    /// Core modules and components, the outermost one included.
    pub modules_max: u32,
    /// Instances that are made of them; a component that instantiates another twice doubles all that is in it.
    pub instances_max: u32,
    /// Levels of component and instance types within each other. The parser and the compiler recurse with them, and a
    /// stack that overflows takes the process along.
    pub type_levels_max: u32,
    /// Bytes of linear memory of one instance, all its memories together; two instances are alive while a policy is asked.
    pub memory_bytes_max: u64,
    /// Elements of tables, all tables together.
    pub table_elements_max: u64,
    /// Bytes that one answer may make the host allocate.
    pub answer_bytes_max: usize,
    /// Fuel for instantiating and for `configure`, each.
    pub configure_fuel_max: u64,
    /// Fuel for one `decide`.
    pub decide_fuel_max: u64,
    /// Fuel for asking about all facts once.
    pub tabulate_fuel_max: u64,
    /// Wall time for everything; a guest that still runs is interrupted.
    pub time_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            file_bytes_max: 1 << 20,
            functions_max: 5000,
            function_bytes_max: 64 << 10,
            compile_cost_max: 4_000_000,
            modules_max: 8,
            instances_max: 16,
            type_levels_max: 500,
            memory_bytes_max: 4 << 20,
            table_elements_max: 10_000,
            answer_bytes_max: 1 << 20,
            configure_fuel_max: 20_000_000,
            decide_fuel_max: 1_000_000,
            tabulate_fuel_max: 400_000_000,
            time_max: Duration::from_millis(2500),
        }
    }
}
