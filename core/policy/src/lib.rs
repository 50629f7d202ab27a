//! The decision kernel of Steadfast: facts, verdicts, tables, laws.
