//! An estimate of what compiling a module costs beyond its size.
//!
//! The compiler may have to carry every local variable over every edge of the control flow. Sixty kilobytes with many
//! of both take seconds, and compiling cannot be interrupted. Real code has a few dozen locals where it has edges, and
//! an edge for every ten bytes or so.

use wasmparser::{
    BinaryReaderError, CompositeInnerType, FunctionBody, FunctionSectionReader, Operator, TypeSectionReader,
};

/// What an edge costs by itself, in locals.
const EDGE: u64 = 16;

/// Sums up the functions of one module, in the order in which its sections come.
#[derive(Default)]
pub(crate) struct Cost {
    /// Parameters by type.
    types: Vec<u64>,
    /// Parameters by function.
    functions: Vec<u64>,
    bodies: usize,
    /// Edges times what each carries, over all bodies so far.
    pub(crate) carried: u64,
}

impl Cost {
    pub(crate) fn types(&mut self, types: TypeSectionReader<'_>) -> Result<(), BinaryReaderError> {
        for group in types {
            self.types.extend(group?.types().map(|ty| match &ty.composite_type.inner {
                CompositeInnerType::Func(function) => function.params().len() as u64,
                _ => 0,
            }));
        }
        Ok(())
    }

    pub(crate) fn functions(&mut self, functions: FunctionSectionReader<'_>) -> Result<(), BinaryReaderError> {
        for ty in functions {
            // A type that does not exist is found by the compiler.
            self.functions.push(self.types.get(ty? as usize).copied().unwrap_or(0));
        }
        Ok(())
    }

    pub(crate) fn body(&mut self, body: &FunctionBody<'_>) -> Result<(), BinaryReaderError> {
        let mut locals = self.functions.get(self.bodies).copied().unwrap_or(0);
        self.bodies += 1;
        for declared in body.get_locals_reader()? {
            locals = locals.saturating_add(u64::from(declared?.0));
        }
        let mut edges = 1;
        for operator in body.get_operators_reader()? {
            edges += edges_of(&operator?);
        }
        self.carried = self.carried.saturating_add(locals.saturating_add(EDGE).saturating_mul(edges));
        Ok(())
    }
}

fn edges_of(operator: &Operator<'_>) -> u64 {
    match operator {
        Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::If { .. }
        | Operator::Else
        | Operator::Br { .. }
        | Operator::BrIf { .. } => 1,
        Operator::BrTable { targets } => u64::from(targets.len()) + 1,
        _ => 0,
    }
}
