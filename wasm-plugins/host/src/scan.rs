//! A look at a file before it is compiled: what it is, and whether compiling it could be dear.
//!
//! Compiling cannot be interrupted and costs more than linearly in the size of one function, so these bounds are
//! what keeps a refusal quick.

use wasmparser::{
    CanonicalFunction, ComponentCanonicalSectionReader, ComponentInstance, ComponentInstanceSectionReader, Encoding,
    FunctionBody, Instance, InstanceSectionReader, MemorySectionReader, Parser, Payload, TableSectionReader,
};

use crate::{Limits, LoadError, cost::Cost, foreign::one_line};

const MAGIC: &[u8] = b"\0asm";
/// Bytes of one page of linear memory, unless a module says otherwise.
const PAGE_BYTES: u64 = 64 << 10;
const BUILT_IN: &str = "it uses resources, tasks or other functions that are built into the component model";
/// How the binary form of a component type and of an instance type begins.
const OPENS_A_TYPE: [u8; 2] = [0x41, 0x42];

/// Refuses what is no component or too large in some respect. What passes may still be invalid.
pub(crate) fn scan(bytes: &[u8], limits: &Limits) -> Result<(), LoadError> {
    if bytes.is_empty() {
        return Err(LoadError::Empty);
    }
    if bytes.len() > limits.file_bytes_max {
        return Err(LoadError::TooLarge { bytes: bytes.len(), max: limits.file_bytes_max });
    }
    if !bytes.starts_with(MAGIC) && !MAGIC.starts_with(bytes) {
        return Err(LoadError::NotWasm { starts: String::from_utf8_lossy(&bytes[..bytes.len().min(8)]).into_owned() });
    }
    let mut found = Found::within(limits);
    for payload in Parser::new(0).parse_all(bytes) {
        found.payload(&payload.map_err(malformed)?, bytes)?;
    }
    Ok(())
}

#[allow(clippy::needless_pass_by_value, reason = "it is what `map_err` passes")]
fn malformed(error: wasmparser::BinaryReaderError) -> LoadError {
    LoadError::Malformed { reason: one_line(error) }
}

/// A policy offers functions and calls none. For each call between its parts the engine writes a function of its own and
/// compiles it; how much that comes to depends on types, and no bound in here would see it.
fn offers_only(functions: &ComponentCanonicalSectionReader<'_>) -> Result<(), LoadError> {
    for function in functions.clone() {
        match function.map_err(malformed)? {
            CanonicalFunction::Lift { .. } => {}
            CanonicalFunction::Lower { .. } => return Err(LoadError::Composed),
            _ => return Err(LoadError::World { problem: BUILT_IN.into() }),
        }
    }
    Ok(())
}

/// What the payloads so far come to.
struct Found<'a> {
    limits: &'a Limits,
    modules: u32,
    components: u32,
    instances: u64,
    type_levels: u64,
    memory_bytes: u64,
    table_elements: u64,
    functions: u64,
    /// Of the modules before this one.
    carried: u64,
    /// Of the module that is being read.
    cost: Cost,
}

impl<'a> Found<'a> {
    fn within(limits: &'a Limits) -> Found<'a> {
        Found {
            limits,
            modules: 0,
            components: 0,
            instances: 0,
            type_levels: 0,
            memory_bytes: 0,
            table_elements: 0,
            functions: 0,
            carried: 0,
            cost: Cost::default(),
        }
    }

    fn payload(&mut self, payload: &Payload<'_>, bytes: &[u8]) -> Result<(), LoadError> {
        match payload {
            Payload::Version { encoding, .. } => self.version(*encoding),
            Payload::ComponentTypeSection(types) => self.component_types(&bytes[types.range()]),
            Payload::InstanceSection(instances) => self.core_instances(instances),
            Payload::ComponentInstanceSection(instances) => self.component_instances(instances),
            Payload::ComponentCanonicalSection(functions) => offers_only(functions),
            Payload::TypeSection(types) => self.cost.types(types.clone()).map_err(malformed),
            Payload::FunctionSection(functions) => {
                self.functions(u64::from(functions.count()))?;
                self.cost.functions(functions.clone()).map_err(malformed)
            }
            Payload::CodeSectionEntry(body) => self.body(body),
            Payload::MemorySection(memories) => self.memories(memories),
            Payload::TableSection(tables) => self.tables(tables),
            _ => Ok(()),
        }
    }

    /// Bounds how deep types lie within each other, without reading them: reading recurses.
    ///
    /// Each level is opened by one of two bytes. Others may have the same value, so this counts too many, and never too
    /// few.
    fn component_types(&mut self, section: &[u8]) -> Result<(), LoadError> {
        self.type_levels += section.iter().filter(|byte| OPENS_A_TYPE.contains(byte)).count() as u64;
        let (levels, max) = (self.type_levels, self.limits.type_levels_max);
        if levels <= u64::from(max) { Ok(()) } else { Err(LoadError::TypesTooDeep { levels, max }) }
    }

    fn core_instances(&mut self, instances: &InstanceSectionReader<'_>) -> Result<(), LoadError> {
        for instance in instances.clone() {
            let made = matches!(instance.map_err(malformed)?, Instance::Instantiate { .. });
            self.instances(made)?;
        }
        Ok(())
    }

    fn component_instances(&mut self, instances: &ComponentInstanceSectionReader<'_>) -> Result<(), LoadError> {
        for instance in instances.clone() {
            let made = matches!(instance.map_err(malformed)?, ComponentInstance::Instantiate { .. });
            self.instances(made)?;
        }
        Ok(())
    }

    /// An instance that only gives names to what is already there costs nothing.
    fn instances(&mut self, made: bool) -> Result<(), LoadError> {
        self.instances += u64::from(made);
        let (instances, max) = (self.instances, self.limits.instances_max);
        if instances <= u64::from(max) { Ok(()) } else { Err(LoadError::TooManyInstances { instances, max }) }
    }

    fn version(&mut self, encoding: Encoding) -> Result<(), LoadError> {
        match encoding {
            // The outermost header comes first, so a module before any component is the whole file.
            Encoding::Module if self.components == 0 => return Err(LoadError::CoreModule),
            Encoding::Module => {
                self.modules += 1;
                self.carried = self.carried.saturating_add(std::mem::take(&mut self.cost).carried);
            }
            Encoding::Component => self.components += 1,
        }
        let (modules, max) = (self.modules + self.components, self.limits.modules_max);
        if modules > max { Err(LoadError::TooManyModules { modules, max }) } else { Ok(()) }
    }

    fn functions(&mut self, count: u64) -> Result<(), LoadError> {
        self.functions += count;
        let max = self.limits.functions_max;
        if self.functions <= u64::from(max) {
            return Ok(());
        }
        Err(LoadError::TooManyFunctions { functions: self.functions, max })
    }

    fn body(&mut self, body: &FunctionBody<'_>) -> Result<(), LoadError> {
        let (range, max) = (body.range(), self.limits.function_bytes_max);
        let (offset, bytes) = (range.start, range.len());
        if bytes > max as usize {
            return Err(LoadError::FunctionTooLarge { offset, bytes, max });
        }
        self.cost.body(body).map_err(malformed)?;
        let (cost, max) = (self.carried.saturating_add(self.cost.carried), self.limits.compile_cost_max);
        if cost <= max { Ok(()) } else { Err(LoadError::TooDear { offset, cost, max }) }
    }

    fn memories(&mut self, memories: &MemorySectionReader<'_>) -> Result<(), LoadError> {
        for memory in memories.clone() {
            let memory = memory.map_err(malformed)?;
            let page_bytes =
                memory.page_size_log2.map_or(PAGE_BYTES, |log2| 1_u64.checked_shl(log2).unwrap_or(u64::MAX));
            self.memory_bytes = self.memory_bytes.saturating_add(memory.initial.saturating_mul(page_bytes));
            let (bytes, max) = (self.memory_bytes, self.limits.memory_bytes_max);
            if bytes > max {
                return Err(LoadError::MemoryTooLarge { bytes, max });
            }
        }
        Ok(())
    }

    fn tables(&mut self, tables: &TableSectionReader<'_>) -> Result<(), LoadError> {
        for table in tables.clone() {
            let wanted = table.map_err(malformed)?.ty.initial;
            self.table_elements = self.table_elements.saturating_add(wanted);
            let (elements, max) = (self.table_elements, self.limits.table_elements_max);
            if elements > max {
                return Err(LoadError::TableTooLarge { elements, max });
            }
        }
        Ok(())
    }
}
