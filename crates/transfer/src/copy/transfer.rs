//! Copying from one store to another.

use superbot_store::StoreOptions;

use super::error::{CopyError, Result};
use super::rows::{REPORT_EVERY, RowDigest, TableRows, sum};
use super::source::SourceSnapshot;
use super::tables::{META, TableColumns};
use super::target::CopyTarget;

/// What a copy is about just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyProgress {
    /// Copies the rows of a table.
    Copying {
        /// Which one.
        table: &'static str,
        /// How many rows it has come to.
        done: u64,
        /// Of how many.
        of: u64,
    },
    /// Makes the index of the listings' words.
    Indexing,
    /// Reads back the rows of a table.
    Checking {
        /// Which one.
        table: &'static str,
        /// How many rows it has come to.
        done: u64,
        /// Of how many.
        of: u64,
    },
    /// What had been copied earlier is not what the store holds any more.
    BeginsAnew,
}

/// Is told how far a copy is.
pub type ProgressWatch<'w> = &'w mut (dyn FnMut(CopyProgress) + Send);

/// What was copied, and found to be the same in both stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopySummary {
    /// Each table.
    pub tables: Vec<CopiedTable>,
    /// How much room the copy takes.
    pub bytes: u64,
}

/// A table that was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedTable {
    /// Its name.
    pub name: &'static str,
    /// How many rows it has.
    pub rows: u64,
    /// The SHA-256 of all that is in them, in the order of the table's key; the same for the same content, in whichever
    /// database.
    pub sha256: String,
}

/// How a copy differs from what it is a copy of.
pub(super) struct CopyPlan {
    /// The name that it has, where it is another one.
    pub(super) epoch: Option<String>,
    /// Whether its listings can be looked for by their words at once.
    pub(super) with_words: bool,
}

/// Copies a store to an empty place, or goes on with that where it was interrupted. Both are given as [`Store::open`] takes
/// them; the first may be in use, the second must not.
///
/// [`Store::open`]: superbot_store::Store::open
pub async fn copy(from: &str, to: &str, options: &StoreOptions, watch: ProgressWatch<'_>) -> Result<CopySummary> {
    let mut source = SourceSnapshot::store(from, options).await?;
    let mut target = CopyTarget::open(to, options).await?;
    let tables = TableColumns::shared(&mut source.conn, &mut target.conn).await?;
    target.take(&source.epoch).await?;
    transfer(source, target, &tables, &CopyPlan { epoch: None, with_words: true }, watch).await
}

/// Copies everything, and sees to it that all of it has arrived.
pub(super) async fn transfer(
    mut source: SourceSnapshot,
    mut target: CopyTarget,
    tables: &[TableColumns],
    plan: &CopyPlan,
    watch: ProgressWatch<'_>,
) -> Result<CopySummary> {
    let mut sums = copy_tables(tables, &mut source, &mut target, watch).await?;
    if sums.is_none() {
        watch(CopyProgress::BeginsAnew);
        target.begin_anew(&source.epoch).await?;
        sums = copy_tables(tables, &mut source, &mut target, watch).await?;
    }
    let sums = sums.ok_or(CopyError::Differs { table: META })?;
    if plan.with_words {
        watch(CopyProgress::Indexing);
        target.index_words().await?;
    }
    let mut copied = Vec::new();
    for (table, read) in sums {
        let mut counted = |done| watch(CopyProgress::Checking { table: table.name(), done, of: read.rows });
        if sum(&mut target.conn, table, &mut counted).await? != read {
            return Err(CopyError::Differs { table: table.name() });
        }
        copied.push(CopiedTable { name: table.name(), rows: read.rows, sha256: read.sha256() });
    }
    let meta = source.meta(plan.epoch.as_deref()).await?;
    target.complete(&meta, &source.numbers().await?).await?;
    source.conn.close().await?;
    for table in tables.iter().filter(|table| table.name() == META) {
        let written = sum(&mut target.conn, table, |_| {}).await?;
        copied.insert(0, CopiedTable { name: META, rows: written.rows, sha256: written.sha256() });
    }
    Ok(CopySummary { tables: copied, bytes: target.close().await? })
}

/// Copies all tables but the last; what each of them adds up to. `None` if the target has other rows already.
async fn copy_tables<'t>(
    tables: &'t [TableColumns],
    source: &mut SourceSnapshot,
    target: &mut CopyTarget,
    watch: ProgressWatch<'_>,
) -> Result<Option<Vec<(&'t TableColumns, RowDigest)>>> {
    let mut sums = Vec::new();
    for table in tables.iter().filter(|table| table.name() != META) {
        let Some(sum) = copy_table(source, target, table, watch).await? else { return Ok(None) };
        sums.push((table, sum));
    }
    Ok(Some(sums))
}

async fn copy_table(
    source: &mut SourceSnapshot,
    target: &mut CopyTarget,
    table: &TableColumns,
    watch: ProgressWatch<'_>,
) -> Result<Option<RowDigest>> {
    let there = sum(&mut target.conn, table, |_| {}).await?;
    let of = source.count(table).await?;
    let mut rows = TableRows::of(table, &mut source.conn);
    let mut read = RowDigest::default();
    while let Some(row) = rows.next().await? {
        read.add(&row);
        if read.rows > there.rows {
            target.put(table, row).await?;
        } else if read.rows == there.rows && read != there {
            return Ok(None);
        }
        if read.rows.is_multiple_of(REPORT_EVERY) {
            watch(CopyProgress::Copying { table: table.name(), done: read.rows, of });
        }
    }
    if read.rows < there.rows {
        return Ok(None);
    }
    if read.rows != of {
        return Err(CopyError::Differs { table: table.name() });
    }
    target.flush(table).await?;
    watch(CopyProgress::Copying { table: table.name(), done: read.rows, of });
    Ok(Some(read))
}
