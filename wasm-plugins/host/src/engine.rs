//! The compiler's settings, and compiling.
//!
//! Guest code runs only while a policy is loaded, so compile time matters and call time does not: no optimisation,
//! single-pass register allocation. Nothing process-wide is touched: no signal handlers, no thread pool, no large
//! address reservations, because the process belongs to a JVM or to a Go program.

use wasmtime::{Config, Engine, OptLevel, RegallocAlgorithm, Strategy, WasmFeatures, component::Component};

use crate::{LoadError, foreign::one_line};

/// Native stack of a guest. A guest that needs more recurses without end.
const STACK_BYTES: usize = 128 << 10;
/// Address space set aside when a memory grows, so that it need not move each time.
const GROWTH_BYTES: u64 = 1 << 20;

/// One engine for one load: its epoch is the handle by which this guest, and no other, is interrupted.
pub(crate) fn engine() -> Result<Engine, LoadError> {
    Engine::new(&config()).map_err(|error| LoadError::Internal { reason: format!("{error:#}") })
}

pub(crate) fn compile(engine: &Engine, bytes: &[u8]) -> Result<Component, LoadError> {
    Component::new(engine, bytes).map_err(|error| LoadError::Malformed { reason: one_line(&error) })
}

fn config() -> Config {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::None)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass)
        .cranelift_nan_canonicalization(true)
        .consume_fuel(true)
        .epoch_interruption(true)
        .signals_based_traps(false)
        .max_wasm_stack(STACK_BYTES)
        .memory_reservation(0)
        .memory_reservation_for_growth(GROWTH_BYTES)
        .memory_guard_size(0)
        .guard_before_linear_memory(false)
        .memory_init_cow(false)
        .wasm_backtrace_max_frames(None);
    // What no compiler for policies needs, or what could answer differently on another machine.
    for feature in [
        WasmFeatures::SIMD,
        WasmFeatures::RELAXED_SIMD,
        WasmFeatures::THREADS,
        WasmFeatures::MEMORY64,
        WasmFeatures::MULTI_MEMORY,
        WasmFeatures::TAIL_CALL,
        WasmFeatures::EXCEPTIONS,
        WasmFeatures::CUSTOM_PAGE_SIZES,
        WasmFeatures::MULTI_VALUE,
        WasmFeatures::FUNCTION_REFERENCES,
        WasmFeatures::GC,
    ] {
        config.wasm_features(feature, false);
    }
    config
}
