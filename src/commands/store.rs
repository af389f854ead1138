//! `superbot store`: copies stores, and creates and restores backups.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use clap::Subcommand;
use serde_json::json;
use superbot_domain::SystemClock;
use superbot_store::StoreOptions;
use superbot_transfer::{CopyError, CopyProgress, CopySummary};

use super::cli::{CommandError, CommandResult, GlobalArgs};
use super::output::{note, say, say_json};
use super::progress::ProgressLine;
use super::store_access::{NewStore, explain_missing, name_changed};
use crate::config::{Config, StoreUrl};

/// Copy, back up and restore the whole store.
#[derive(Subcommand)]
pub enum StoreCommand {
    /// Copy a whole store to an empty one; after an interruption, the same command continues it
    Copy {
        /// The store to copy: `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`; it may be in use. A relative FILE is
        /// relative to the data directory, as in `store.url`
        from: String,
        /// The new store, in the same form; nothing else may use it at the same time
        to: String,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Back up the store to a file, also while a server runs
    Backup {
        /// The file: a complete SQLite store, whichever database the store is in
        file: PathBuf,
        /// Replace the file if it exists
        #[arg(long)]
        force: bool,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Replace the store by a backup, while no server runs
    Restore {
        /// The backup file
        file: PathBuf,
        /// Replace a store that has been used; its content is lost
        #[arg(long)]
        force: bool,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Source and destination as printed, without passwords.
struct CopyEnds {
    from: String,
    to: String,
    /// Whether the destination is a store, and not a backup.
    changes_store: bool,
}

impl StoreCommand {
    pub async fn run(self, global: &GlobalArgs) -> CommandResult {
        let began = Instant::now();
        let config = global.settings(Vec::new())?;
        let options = StoreOptions::new(Arc::new(SystemClock), rand::random());
        let mut line = ProgressLine::new();
        let mut watch = |progress| show(&mut line, progress);
        let store = &config.store.url;
        let work = async {
            let shown = |file: &PathBuf| file.display().to_string();
            match &self {
                Self::Copy { from, to, .. } => {
                    let from = url(&config, "FROM", from)?;
                    let to = url(&config, "TO", to)?;
                    let copied = superbot_transfer::copy(from.reveal(), to.reveal(), &options, &mut watch).await?;
                    Ok((copied, CopyEnds { from: from.place(), to: to.place(), changes_store: true }))
                }
                Self::Backup { file, force, .. } => {
                    let copied = superbot_transfer::backup(store.reveal(), file, *force, &options, &mut watch).await;
                    let copied = copied.map_err(|error| explain_missing(error.into(), &config))?;
                    Ok((copied, CopyEnds { from: store.place(), to: shown(file), changes_store: false }))
                }
                Self::Restore { file, force, .. } => {
                    // Before the restore, which may create the store and its folder.
                    let new = NewStore::about_to_be_made(&store.place());
                    let copied = superbot_transfer::restore(file, store.reveal(), *force, &options, &mut watch).await?;
                    new.name(&config);
                    Ok((copied, CopyEnds { from: shown(file), to: store.place(), changes_store: true }))
                }
            }
        };
        let done: Result<_, CommandError> = tokio::select! {
            done = work => done,
            // Dropping the work cleans up what is incomplete, or leaves what the same command can continue.
            _ = tokio::signal::ctrl_c() => Err(anyhow!("it was interrupted").into()),
        };
        line.end();
        let (copied, places) = done.map_err(|failure| self.explained(failure, &store.place()))?;
        self.report(&copied, &places, began.elapsed())?;
        if places.changes_store {
            name_changed(&places.to);
        }
        Ok(())
    }

    /// Adds advice to a failure, if there is any.
    fn explained(&self, failure: CommandError, store: &str) -> CommandError {
        let CommandError::Failed(error) = failure else { return failure };
        let advice = match (error.downcast_ref::<CopyError>(), self) {
            (Some(CopyError::Exists(_)), Self::Backup { .. }) => "--force replaces it",
            (Some(CopyError::NotEmpty { .. } | CopyError::Exists(_)), Self::Restore { .. }) => {
                "--force replaces it and deletes its content"
            }
            (Some(CopyError::InUse), Self::Restore { .. }) => {
                return CommandError::Failed(anyhow!("{error:#}; it is {store}"));
            }
            (Some(CopyError::NotEmpty { .. }), _) => "copy to a new file or an empty database",
            // An interruption or an I/O error: what has been copied is kept.
            (None, Self::Copy { .. }) => "the same command continues it",
            _ => return CommandError::Failed(error),
        };
        CommandError::Failed(anyhow!("{error:#}; {advice}"))
    }

    fn report(&self, copied: &CopySummary, places: &CopyEnds, took: Duration) -> CommandResult {
        let (verb, is_json) = match self {
            Self::Copy { json, .. } => ("copied", *json),
            Self::Backup { json, .. } => ("backed up", *json),
            Self::Restore { json, .. } => ("restored", *json),
        };
        let CopyEnds { from, to, .. } = places;
        let took = took.as_secs_f64();
        if is_json {
            let table = |table: &superbot_transfer::CopiedTable| json!({ "name": table.name, "rows": table.rows, "sha256": table.sha256 });
            let tables: Vec<_> = copied.tables.iter().map(table).collect();
            say_json(&json!({ "from": from, "to": to, "tables": tables, "bytes": copied.bytes, "seconds": took }))?;
            return Ok(());
        }
        let rows: u64 = copied.tables.iter().map(|table| table.rows).sum();
        let tables = copied.tables.len();
        let megabytes = copied.bytes.div_ceil(1 << 20);
        say(&format!("{verb} {from}"));
        say(&format!(
            "to {to}: {rows} rows of {tables} tables ({megabytes} MiB) in {took:.1} s; counts and checksums agree"
        ));
        if matches!(self, Self::Restore { .. }) {
            // Their cursors are ahead of the restored log.
            note("Clients that have seen later events than the backup's reload everything when they reconnect.");
        }
        Ok(())
    }
}

/// Parses the address of a store; a relative file is relative to the data directory, as in `store.url`.
fn url(config: &Config, which: &str, text: &str) -> Result<StoreUrl, CommandError> {
    config.store_url(text).map_err(|error| CommandError::Usage(format!("{which} {error}")))
}

fn show(line: &mut ProgressLine, progress: CopyProgress) {
    match progress {
        CopyProgress::Copying { table, done, of } => line.show(&format!("copying {table}: {done} of {of}")),
        CopyProgress::Checking { table, done, of } => line.show(&format!("checking {table}: {done} of {of}")),
        CopyProgress::Indexing => line.show_now("indexing listings"),
        CopyProgress::BeginsAnew => {
            line.end();
            note("The store has changed since the copy was started; the copy restarts.");
        }
    }
}
