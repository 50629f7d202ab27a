//! A look at a file before it is compiled: what it is, and whether compiling it could be dear.
//!
//! Compiling cannot be interrupted and costs more than linearly in the size of one function, so these bounds are
//! what keeps a refusal quick.

use wasmparser::{Encoding, FunctionBody, MemorySectionReader, Parser, Payload, TableSectionReader};

use crate::{Limits, LoadError, cost::Cost};

const MAGIC: &[u8] = b"\0asm";
/// Bytes of one page of linear memory, unless a module says otherwise.
const PAGE_BYTES: u64 = 64 << 10;

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
    let mut found = Found { limits, modules: 0, components: 0, functions: 0, carried: 0, cost: Cost::default() };
    for payload in Parser::new(0).parse_all(bytes) {
        found.payload(&payload.map_err(malformed)?)?;
    }
    Ok(())
}

#[allow(clippy::needless_pass_by_value, reason = "it is what `map_err` passes")]
fn malformed(error: wasmparser::BinaryReaderError) -> LoadError {
    LoadError::Malformed { reason: error.to_string() }
}

struct Found<'a> {
    limits: &'a Limits,
    modules: u32,
    components: u32,
    functions: u64,
    /// Of the modules before this one.
    carried: u64,
    /// Of the module that is being read.
    cost: Cost,
}

impl Found<'_> {
    fn payload(&mut self, payload: &Payload<'_>) -> Result<(), LoadError> {
        match payload {
            Payload::Version { encoding, .. } => self.version(*encoding),
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

    fn memories(&self, memories: &MemorySectionReader<'_>) -> Result<(), LoadError> {
        for memory in memories.clone() {
            let memory = memory.map_err(malformed)?;
            let page_bytes =
                memory.page_size_log2.map_or(PAGE_BYTES, |log2| 1_u64.checked_shl(log2).unwrap_or(u64::MAX));
            let bytes = memory.initial.saturating_mul(page_bytes);
            let max = self.limits.memory_bytes_max;
            if bytes > max {
                return Err(LoadError::MemoryTooLarge { bytes, max });
            }
        }
        Ok(())
    }

    fn tables(&self, tables: &TableSectionReader<'_>) -> Result<(), LoadError> {
        for table in tables.clone() {
            let elements = table.map_err(malformed)?.ty.initial;
            let max = self.limits.table_elements_max;
            if elements > max {
                return Err(LoadError::TableTooLarge { elements, max });
            }
        }
        Ok(())
    }
}
