//! What is in the file: a table that says whose it is, and the registry's tables.

use std::{
    hash::{BuildHasher, RandomState},
    path::Path,
};

use redb::{
    Database, Durability, ReadableDatabase, ReadableTable, TableDefinition, TableError, TableHandle, WriteTransaction,
};
use steadfast_core::{Change, StoreError, StoreTable};

use crate::failure::{damaged, failed, unusable};

type Records = TableDefinition<'static, &'static [u8], &'static [u8]>;
type AnyError = redb::Error;

/// What tells the file from one of another program, and one format from the next. Never renamed.
const META: TableDefinition<&str, &[u8]> = TableDefinition::new("steadfast");
const FORMAT_KEY: &str = "format";
const REGISTRY_KEY: &str = "registry";
/// Grows when a table changes its meaning in a way that an earlier version would misread.
const FORMAT: u32 = 1;

fn records(table: StoreTable) -> Records {
    TableDefinition::new(table.name())
}

/// Whose file it is; nobody's as long as it is empty.
pub(crate) fn identify(database: &Database, path: &Path) -> Result<Option<u128>, StoreError> {
    match read_meta(database).map_err(|error| failed("reading", path, error))? {
        Meta::Ours { format: FORMAT, registry } => Ok(Some(registry)),
        Meta::Ours { format, .. } => Err(unusable(
            path,
            &format!("has format {format}, and this version knows {FORMAT}; use the later version that wrote it"),
        )),
        Meta::Broken => Err(damaged(path, "its format entry cannot be read")),
        Meta::Foreign => Err(unusable(path, "belongs to another program; give the registry a folder of its own")),
        Meta::Empty => Ok(None),
    }
}

/// Makes an empty file that of a new registry.
pub(crate) fn claim(database: &Database, path: &Path) -> Result<(), StoreError> {
    write_meta(database, fresh_id()).map_err(|error| failed("writing", path, error))
}

enum Meta {
    Empty,
    Ours { format: u32, registry: u128 },
    Broken,
    Foreign,
}

fn read_meta(database: &Database) -> Result<Meta, AnyError> {
    let transaction = database.begin_read()?;
    let tables = transaction.list_tables()?.count() + transaction.list_multimap_tables()?.count();
    if tables == 0 {
        return Ok(Meta::Empty);
    }
    if !transaction.list_tables()?.any(|table| table.name() == META.name()) {
        return Ok(Meta::Foreign);
    }
    let meta = match transaction.open_table(META) {
        Ok(meta) => meta,
        Err(TableError::TableTypeMismatch { .. }) => return Ok(Meta::Foreign),
        Err(error) => return Err(error.into()),
    };
    let number = |key| meta.get(key).map(|found| found.map(|bytes| bytes.value().to_vec()));
    let format = number(FORMAT_KEY)?.and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    let registry = number(REGISTRY_KEY)?.and_then(|bytes| bytes.try_into().ok()).map(u128::from_le_bytes);
    Ok(match (format, registry) {
        (Some(format), Some(registry)) => Meta::Ours { format, registry },
        // A later version may keep other things here, but always its format.
        (Some(format), None) if format > FORMAT => Meta::Ours { format, registry: 0 },
        _ => Meta::Broken,
    })
}

fn write_meta(database: &Database, registry: u128) -> Result<(), AnyError> {
    let transaction = database.begin_write()?;
    {
        let mut meta = transaction.open_table(META)?;
        meta.insert(FORMAT_KEY, FORMAT.to_le_bytes().as_slice())?;
        meta.insert(REGISTRY_KEY, registry.to_le_bytes().as_slice())?;
    }
    transaction.commit()?;
    Ok(())
}

/// Tells two data folders apart; the standard library seeds its hashers from the system's randomness.
fn fresh_id() -> u128 {
    let half = || u128::from(RandomState::new().hash_one(std::process::id()));
    half() << 64 | half()
}

/// Every record of a table, in order of the keys.
pub(crate) fn load(
    database: &Database,
    table: StoreTable,
    visit: &mut dyn FnMut(&[u8], &[u8]),
) -> Result<(), AnyError> {
    let transaction = database.begin_read()?;
    let records = match transaction.open_table(records(table)) {
        Ok(records) => records,
        // A table comes into being with its first record.
        Err(TableError::TableDoesNotExist(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for record in records.iter()? {
        let (key, value) = record?;
        visit(key.value(), value.value());
    }
    Ok(())
}

/// When a commit failed.
pub(crate) enum CommitError {
    /// Before anything could have become durable.
    Before(AnyError),
    /// So late that all of it may be durable.
    During(AnyError),
}

/// All changes in one transaction, durable when it returns.
pub(crate) fn commit(database: &Database, changes: &[Change]) -> Result<(), CommitError> {
    let transaction = prepare(database, changes).map_err(CommitError::Before)?;
    transaction.commit().map_err(|error| CommitError::During(error.into()))
}

fn prepare(database: &Database, changes: &[Change]) -> Result<WriteTransaction, AnyError> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    for table in StoreTable::ALL {
        let mut changes = changes.iter().filter(|change| change.table == table).peekable();
        if changes.peek().is_none() {
            continue;
        }
        let mut records = transaction.open_table(records(table))?;
        for change in changes {
            match &change.value {
                Some(value) => drop(records.insert(change.key.as_slice(), value.as_slice())?),
                None => drop(records.remove(change.key.as_slice())?),
            }
        }
    }
    Ok(transaction)
}
