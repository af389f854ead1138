//! Copying between stores.

use superbot_store::StoreOptions;

use super::error::{CopyError, Result};
use super::rows::{REPORT_EVERY, RowDigest, TableRows, sum};
use super::source::SourceSnapshot;
use super::tables::{META, TableColumns};
use super::target::CopyTarget;

/// Current phase of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyProgress {
    /// Copying the rows of a table.
    Copying {
        /// The table.
        table: &'static str,
        /// Number of rows copied.
        done: u64,
        /// Total number of rows.
        of: u64,
    },
    /// Building the word index.
    Indexing,
    /// Reading back the rows of a table.
    Checking {
        /// The table.
        table: &'static str,
        /// Number of rows read.
        done: u64,
        /// Total number of rows.
        of: u64,
    },
    /// Starting over, because the source has changed since the copy was interrupted.
    BeginsAnew,
}

/// Callback for progress reports.
pub type ProgressWatch<'w> = &'w mut (dyn FnMut(CopyProgress) + Send);

/// Result of a verified copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopySummary {
    /// All tables, `meta` first.
    pub tables: Vec<CopiedTable>,
    /// Size of the target in bytes.
    pub bytes: u64,
}

/// A copied table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedTable {
    /// Name.
    pub name: &'static str,
    /// Number of rows.
    pub rows: u64,
    /// SHA-256 of all rows in key order, in hexadecimal; independent of the database.
    pub sha256: String,
}

/// Variations of a copy.
pub(super) struct CopyPlan {
    /// New epoch of the target; `None` keeps that of the source.
    pub(super) epoch: Option<String>,
    /// Whether the word index is built.
    pub(super) with_words: bool,
}

/// Copies a store to an empty target, or resumes an interrupted copy. Both are URLs as for [`Store::open`]; the source
/// may be in use, the target must not.
///
/// [`Store::open`]: superbot_store::Store::open
pub async fn copy(from: &str, to: &str, options: &StoreOptions, watch: ProgressWatch<'_>) -> Result<CopySummary> {
    let mut source = SourceSnapshot::store(from, options).await?;
    let mut target = CopyTarget::open(to, options).await?;
    let tables = TableColumns::shared(&mut source.conn, &mut target.conn).await?;
    target.take(&source.epoch).await?;
    transfer(source, target, &tables, &CopyPlan { epoch: None, with_words: true }, watch).await
}

/// Copies all tables, verifies them and completes the target.
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
    // Read back from the target, not from memory: this also detects errors of disks and drivers.
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

/// Copies all tables except `meta` and returns their checksums; `None` if the existing rows are not a prefix of the
/// source.
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
        // The existing rows were summed; here the source must have the same sum after as many rows.
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
