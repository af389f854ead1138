//! Import of the database of the Python Super-Bot.
//!
//! The file is read once, table by table, and written in batches, each in its own transaction, so that a server on the
//! same store keeps working. Existing rows are looked up first: an import that was interrupted or is repeated adds only
//! what is missing. No events or notifications are emitted.

mod cell;
mod error;
mod favorites;
mod file;
mod history;
mod keywords;
mod listings;
mod queries;
mod report;
mod users;

use std::path::Path;

use superbot_domain::Currency;
use superbot_store::Store;

pub use self::error::ImportError;
use self::error::Result;
use self::file::{ImportRows, OldFile, TABLES};
use self::report::ImportNote as Note;
pub use self::report::{ImportNote, ImportOutcome, ImportReport, ImportedTable, OtherTable};

/// Options of an import.
#[derive(Clone, Copy, Debug)]
pub struct ImportOptions {
    /// Currency of the old program's prices, which do not state one.
    pub currency: Currency,
    /// Whether a password hash is supported; users with other hashes have to choose a new password.
    pub can_check: fn(&str) -> bool,
}

/// Progress of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    /// The current table.
    pub table: &'static str,
    /// Number of its rows processed.
    pub done: u64,
    /// Its total number of rows.
    pub of: u64,
}

/// An import in progress.
struct ImportRun<'a> {
    store: &'a Store,
    file: OldFile,
    options: ImportOptions,
    report: ImportReport,
    at: ImportProgress,
    on_progress: &'a mut (dyn FnMut(ImportProgress) + Send),
}

/// The result of parsing a row, or everything that is wrong with it.
type RefusedRow<T> = Result<T, Vec<Note>>;

/// Imports the Python Super-Bot's database into a store, and returns a report.
///
/// The file is opened read-only. Rows that cannot be imported are listed in the report with the reason.
///
/// # Errors
/// If the file cannot be read or the store cannot be written; the import can then be repeated.
pub async fn import(
    store: &Store,
    file: &Path,
    options: ImportOptions,
    on_progress: &mut (dyn FnMut(ImportProgress) + Send),
) -> Result<ImportReport> {
    let file = OldFile::open(file).await?;
    let at = ImportProgress { table: TABLES[0], done: 0, of: 0 };
    let mut import = ImportRun { store, file, options, report: ImportReport::new(), at, on_progress };
    // In the order of references: users and listings before the rows that refer to them.
    let owners = import.users().await?;
    let listings = import.listings().await?;
    import.favorites(&owners, &listings).await?;
    import.price_alerts(&owners).await?;
    import.saved_searches(&owners).await?;
    import.other_tables().await?;
    Ok(import.report)
}

impl ImportRun<'_> {
    /// Starts reading a table.
    async fn open(
        &mut self,
        table: &'static str,
        columns: &'static [&'static str],
        first_by: Option<&str>,
    ) -> Result<ImportRows> {
        let part = self.report.table(table);
        part.found = true;
        part.other_columns = self.file.other_columns(table, columns);
        self.at = ImportProgress { table, done: 0, of: self.file.count(table).await? };
        Ok(self.file.rows(table, columns, first_by))
    }

    /// Reports that more rows were processed.
    fn progress(&mut self, rows: usize) {
        self.at.done += rows as u64;
        (self.on_progress)(self.at);
    }

    async fn other_tables(&mut self) -> Result<()> {
        for name in self.file.tables().filter(|name| !TABLES.contains(name)) {
            let rows = self.file.count(name).await?;
            if rows > 0 {
                self.report.other_tables.push(OtherTable { name: name.to_owned(), rows });
            }
        }
        Ok(())
    }
}
