//! `superbot import`: imports the database of the Python Super-Bot.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;
use superbot_domain::SystemClock;
use superbot_store::{Store, StoreError, StoreOptions};
use superbot_transfer::{CopyError, ImportNote, ImportOptions, ImportOutcome, ImportProgress, ImportReport};

use super::cli::{CommandError, CommandResult, GlobalArgs};
use super::output::{note, say, say_json};
use super::progress::ProgressLine;
use super::store_access::{StoreAccess, with_store};
use crate::app;
use crate::auth::can_check;
use crate::config::Config;

/// Import users, listings, price histories, favourites, price alerts and saved searches of the Python Super-Bot.
///
/// Run it with --dry-run first: that reports what could not be imported, and why. It works while a server runs, and can be
/// repeated: nothing is imported twice, and no notifications are sent about imported listings.
#[derive(Args)]
pub struct ImportArgs {
    /// The database of the Python Super-Bot, often superbot.db; it is only read
    file: PathBuf,
    /// Import into a temporary copy of the store, and report the result
    #[arg(long)]
    dry_run: bool,
    /// Print the whole report as JSON
    #[arg(long)]
    json: bool,
}

/// Maximum notes per kind in a report on the terminal.
const SHOWN: usize = 20;

impl ImportArgs {
    pub async fn run(self, global: &GlobalArgs) -> CommandResult {
        let config = global.settings(Vec::new())?;
        let report = if self.dry_run {
            tokio::select! {
                report = self.rehearse(&config) => report?,
                // Ends by returning, so that the copy is deleted.
                _ = tokio::signal::ctrl_c() => return Err(anyhow::anyhow!("stopped; nothing was taken over").into()),
            }
        } else {
            self.run_import(&config).await?
        };
        if self.json {
            let file = self.file.display().to_string();
            let mut shown = json!({ "file": file, "dry_run": self.dry_run });
            if let (Some(shown), serde_json::Value::Object(report)) = (shown.as_object_mut(), json!(report)) {
                shown.extend(report);
            }
            say_json(&shown)?;
        } else {
            self.show(&report);
        }
        Ok(())
    }

    async fn run_import(&self, config: &Config) -> Result<ImportReport, CommandError> {
        // Before a store is created in vain.
        let _ = std::fs::File::open(&self.file).with_context(|| format!("opening {}", self.file.display()))?;
        with_store(config, StoreAccess::Create, async |store| self.import_into(store, config).await).await
    }

    /// Imports into a copy of the store, so that the report is the same as that of the import.
    async fn rehearse(&self, config: &Config) -> Result<ImportReport, CommandError> {
        let folder = tempfile::Builder::new().prefix("superbot-dry-run-").tempdir_in(&config.server.data_dir);
        let folder = folder.or_else(|_| tempfile::tempdir()).context("creating a folder for a copy of the store")?;
        // SQLite, whichever database the store is in: a file is deleted easily.
        let copy = format!("sqlite:{}", folder.path().join("superbot.db").display());
        let options = StoreOptions::new(Arc::new(SystemClock), rand::random());
        match superbot_transfer::copy(config.store.url.reveal(), &copy, &options, &mut |_| {}).await {
            // Without a store the import starts with an empty one, as without --dry-run.
            Ok(_) | Err(CopyError::Store(StoreError::NoStore(_))) => {}
            Err(error) => {
                return Err(anyhow::Error::new(error)
                    .context("copying the store, to try the import on the copy")
                    .into());
            }
        }
        let store = app::open_store_at(&copy, config, Arc::new(SystemClock)).await?;
        let report = self.import_into(&store, config).await;
        store.close().await;
        report
    }

    // Exits with an error only: rows that cannot be imported are part of the report.
    async fn import_into(&self, store: &Store, config: &Config) -> Result<ImportReport, CommandError> {
        let options = ImportOptions { currency: config.listings.currency, can_check };
        let mut line = ProgressLine::new();
        let mut has_begun = false;
        let mut on_progress = |ImportProgress { table, done, of }| {
            has_begun = true;
            line.show(&format!("{table}: {done} of {of}"));
        };
        let report = superbot_transfer::import(store, &self.file, options, &mut on_progress).await;
        line.end();
        report.map_err(|error| match anyhow::Error::from(error) {
            error if has_begun && !self.dry_run => {
                error.context("the import is incomplete; what it has imported is kept, and it can be repeated").into()
            }
            error => error.into(),
        })
    }

    fn show(&self, report: &ImportReport) {
        let file = self.file.display();
        if self.dry_run {
            say(&format!("Tried {file} on a copy of the store; nothing was taken over yet. It would be:"));
        } else {
            say(&format!("Imported {file}:"));
        }
        say("");
        say(&format!("{:<16}{:>12}{:>16}{:>16}", "", "imported", "already there", "rejected"));
        for table in &report.tables {
            if table.found {
                let new = table.taken_over;
                let known = table.already_there;
                let refused = table.refused;
                say(&format!("{:<16}{new:>12}{known:>16}{refused:>16}", table.name));
            } else {
                say(&format!("{:<16}  is not in the file", table.name));
            }
        }
        show_notes(report, ImportOutcome::Refused, "Rejected:");
        show_notes(report, ImportOutcome::Changed, "Imported with a change:");
        show_notes(report, ImportOutcome::Noted, "Notes:");
        if report.more_notes > 0 {
            say("");
            say(&format!("{} more were counted, but not recorded.", report.more_notes));
        }
        let columns: Vec<String> = report.tables.iter().flat_map(columns_left).collect();
        if !columns.is_empty() {
            say("");
            say(&format!("Columns without a counterpart: {}", columns.join(", ")));
        }
        let tables: Vec<_> =
            report.other_tables.iter().map(|table| format!("{:?} ({} rows)", table.name, table.rows)).collect();
        if !tables.is_empty() {
            say("");
            say(&format!("Tables without a counterpart: {}", tables.join(", ")));
        }
        if self.dry_run {
            note("");
            note("Run the command without --dry-run to import.");
        }
    }
}

fn columns_left(table: &superbot_transfer::ImportedTable) -> impl Iterator<Item = String> {
    table.other_columns.iter().map(|column| format!("{}.{column:?}", table.name))
}

fn show_notes(report: &ImportReport, outcome: ImportOutcome, title: &str) {
    let notes: Vec<&ImportNote> = report.notes.iter().filter(|note| note.outcome == outcome).collect();
    if notes.is_empty() {
        return;
    }
    say("");
    say(title);
    for ImportNote { table, id, field, value, reason, .. } in notes.iter().take(SHOWN) {
        say(&format!("  {table} {id}: {field}: {value}: {reason}"));
    }
    if let Some(more) = notes.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        say(&format!("  and {more} more; --json names them all"));
    }
}
