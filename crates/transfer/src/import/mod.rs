//! Takes over the database of the Python Super-Bot.
//!
//! Its file is read once from beginning to end, table after table, and what is in it is written here in batches, each a
//! transaction of its own, so that a server on the same store goes on working. Whatever is written is looked for first: an
//! import that was interrupted, or is made again, adds what is missing and nothing else. Nobody is told of anything.

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

/// How an import is made.
#[derive(Clone, Copy, Debug)]
pub struct ImportOptions {
    /// The currency of the old program's prices, which names none.
    pub currency: Currency,
    /// Whether passwords can be checked against a hash; who has another one chooses a new password.
    pub can_check: fn(&str) -> bool,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    /// The table that is being taken over.
    pub table: &'static str,
    /// So many of its rows were looked at.
    pub done: u64,
    /// So many there are.
    pub of: u64,
}

/// An import under way.
struct ImportRun<'a> {
    store: &'a Store,
    file: OldFile,
    options: ImportOptions,
    report: ImportReport,
    at: ImportProgress,
    on_progress: &'a mut (dyn FnMut(ImportProgress) + Send),
}

/// What was read of a row, or all that is wrong with it.
type RefusedRow<T> = Result<T, Vec<Note>>;

/// Imports the Python Super-Bot's database into a store, and reports what could not be imported, and why.
///
/// The file is only read. Rows that cannot be imported are reported.
///
/// # Errors
/// Where the file cannot be read, or the store cannot be written; the import may then be started again.
pub async fn import(
    store: &Store,
    file: &Path,
    options: ImportOptions,
    on_progress: &mut (dyn FnMut(ImportProgress) + Send),
) -> Result<ImportReport> {
    let file = OldFile::open(file).await?;
    let at = ImportProgress { table: TABLES[0], done: 0, of: 0 };
    let mut import = ImportRun { store, file, options, report: ImportReport::new(), at, on_progress };
    let owners = import.users().await?;
    let listings = import.listings().await?;
    import.favorites(&owners, &listings).await?;
    import.price_alerts(&owners).await?;
    import.saved_searches(&owners).await?;
    import.other_tables().await?;
    Ok(import.report)
}

impl ImportRun<'_> {
    /// Begins to read a table.
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

    /// So many more rows were read.
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
