//! One instance of a policy component, with bounds on everything that it does.

use wasmtime::{
    Engine, ResourceLimiter, Store, Trap,
    component::{Component, Linker},
};

use crate::{
    Halt, Limits, LoadError, Params,
    foreign::{one_line, shown},
    world::{Policy, PolicyPre, wit},
};

/// A component that is ready to be instantiated again and again. Nothing is linked to it.
pub(crate) struct Template {
    engine: Engine,
    policy: PolicyPre<Bounds>,
    limits: Limits,
}

impl Template {
    pub(crate) fn new(engine: &Engine, component: &Component, limits: &Limits) -> Result<Template, LoadError> {
        let misfit = |error: wasmtime::Error| LoadError::World { problem: one_line(&error) };
        let linked = Linker::new(engine).instantiate_pre(component).map_err(misfit)?;
        let policy = PolicyPre::new(linked).map_err(misfit)?;
        Ok(Template { engine: engine.clone(), policy, limits: limits.clone() })
    }

    /// A fresh instance. Whatever starts by itself in it runs here, within `configure_fuel_max`.
    pub(crate) fn start(&self) -> Result<Guest, LoadError> {
        let mut store = Store::new(&self.engine, Bounds::of(&self.limits));
        store.limiter(|bounds| bounds);
        store.set_epoch_deadline(1);
        store.set_hostcall_fuel(self.limits.answer_bytes_max);
        let fuel = self.limits.configure_fuel_max;
        refuel(&mut store, fuel);
        let policy = self.policy.instantiate(&mut store).map_err(|error| match Halt::of(&error, fuel) {
            // What neither trapped nor asked for too much does not fit: its functions have other types.
            Halt::Answer { reason } => LoadError::World { problem: reason },
            halt => LoadError::Start(halt),
        })?;
        Ok(Guest { store, policy })
    }
}

/// An instance. After a trap it must not be asked again.
pub(crate) struct Guest {
    store: Store<Bounds>,
    policy: Policy,
}

impl Guest {
    pub(crate) fn configure(&mut self, params: &Params, fuel: u64) -> Result<wit::Manifest, LoadError> {
        let params: Vec<_> = params.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        refuel(&mut self.store, fuel);
        let answer = self.policy.call_configure(&mut self.store, &params);
        let manifest = answer.map_err(|error| LoadError::Configure(Halt::of(&error, fuel)))?;
        manifest.map_err(|message| LoadError::Params { message: shown(&message) })
    }

    /// The answer, and the fuel that it took.
    pub(crate) fn decide(&mut self, facts: wit::Facts, fuel: u64) -> Result<(wit::Verdict, u64), Halt> {
        refuel(&mut self.store, fuel);
        let verdict = self.policy.call_decide(&mut self.store, facts).map_err(|error| Halt::of(&error, fuel))?;
        let left = self.store.get_fuel().unwrap_or(0);
        Ok((verdict, fuel.saturating_sub(left)))
    }
}

/// How a panic in a guest looks from outside; its message stays inside.
const PANICKED: &str = "it reached an `unreachable` instruction, as a panic does";

fn refuel(store: &mut Store<Bounds>, fuel: u64) {
    // The only error is an engine without fuel, and this crate makes none; a guest without fuel would stop at once.
    let _ = store.set_fuel(fuel);
}

impl Halt {
    fn of(error: &wasmtime::Error, fuel: u64) -> Halt {
        if let Some(halt) = error.downcast_ref::<Halt>() {
            return halt.clone();
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => Halt::Fuel { max: fuel },
            Some(Trap::Interrupt) => Halt::Interrupted,
            Some(Trap::UnreachableCodeReached) => Halt::Trap { trap: PANICKED.into() },
            Some(trap) => Halt::Trap { trap: trap.to_string().trim_start_matches("wasm trap: ").into() },
            None => Halt::Answer { reason: one_line(error) },
        }
    }
}

/// Refuses memory and tables beyond the limits, all instances together; the refusal ends the guest and says how much it
/// wanted.
struct Bounds {
    memory: Share,
    tables: Share,
}

/// What all memories, or all tables, of one guest have taken of what they may have.
struct Share {
    taken: u64,
    max: u64,
}

impl Share {
    fn of(max: u64) -> Share {
        Share { taken: 0, max }
    }

    /// One of them grows; `Err` is what they would come to if that is too much.
    fn grow(&mut self, now: usize, desired: usize) -> Result<(), u64> {
        let wanted = self.taken.saturating_add(desired.saturating_sub(now) as u64);
        if wanted > self.max {
            return Err(wanted);
        }
        self.taken = wanted;
        Ok(())
    }
}

impl Bounds {
    fn of(limits: &Limits) -> Bounds {
        Bounds { memory: Share::of(limits.memory_bytes_max), tables: Share::of(limits.table_elements_max) }
    }
}

impl ResourceLimiter for Bounds {
    fn memory_growing(&mut self, now: usize, desired: usize, _declared: Option<usize>) -> wasmtime::Result<bool> {
        let max = self.memory.max;
        self.memory.grow(now, desired).map(|()| true).map_err(|bytes| Halt::Memory { bytes, max }.into())
    }

    fn table_growing(&mut self, now: usize, desired: usize, _declared: Option<usize>) -> wasmtime::Result<bool> {
        let max = self.tables.max;
        self.tables.grow(now, desired).map(|()| true).map_err(|elements| Halt::Table { elements, max }.into())
    }

    // How many a file can have of these is bounded by the scan, and what is in them above; a second bound here would end
    // the guest with an error of the engine's instead of ours.
    fn instances(&self) -> usize {
        usize::MAX
    }

    fn memories(&self) -> usize {
        usize::MAX
    }

    fn tables(&self) -> usize {
        usize::MAX
    }
}
