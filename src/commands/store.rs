//! `superbot store`: moves whole stores, and keeps and restores backups.

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

/// Move the whole store, back it up, restore it.
#[derive(Subcommand)]
pub enum StoreCommand {
    /// Copy a whole store to an empty place; where that was interrupted, the same command goes on with it
    Copy {
        /// What to copy: `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`; it may be in use. A relative FILE is
        /// taken from the data directory, as in `store.url`
        from: String,
        /// Where to, in the same form; nothing else may use it at the same time
        to: String,
        /// Print what was copied as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a backup of the store into a file, also while a server runs
    Backup {
        /// The file: a SQLite store of its own, whatever the store is in
        file: PathBuf,
        /// Replace the file if there is one
        #[arg(long)]
        force: bool,
        /// Print what was written as JSON
        #[arg(long)]
        json: bool,
    },
    /// Put a backup in the place of the store, while no server runs
    Restore {
        /// The backup
        file: PathBuf,
        /// Replace a store that has been used: what it holds is gone
        #[arg(long)]
        force: bool,
        /// Print what was restored as JSON
        #[arg(long)]
        json: bool,
    },
}

/// What is read and what is written, for people.
struct CopyEnds {
    from: String,
    to: String,
    /// Whether what is written is a store, and not a backup of one.
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
                    let new = NewStore::about_to_be_made(&store.place());
                    let copied = superbot_transfer::restore(file, store.reveal(), *force, &options, &mut watch).await?;
                    new.name(&config);
                    Ok((copied, CopyEnds { from: shown(file), to: store.place(), changes_store: true }))
                }
            }
        };
        let done: Result<_, CommandError> = tokio::select! {
            done = work => done,
            // What is left undone cleans up after itself.
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

    /// Says what to do about a failure, where something can be done.
    fn explained(&self, failure: CommandError, store: &str) -> CommandError {
        let CommandError::Failed(error) = failure else { return failure };
        let advice = match (error.downcast_ref::<CopyError>(), self) {
            (Some(CopyError::Exists(_)), Self::Backup { .. }) => "--force replaces it",
            (Some(CopyError::NotEmpty { .. } | CopyError::Exists(_)), Self::Restore { .. }) => {
                "--force replaces it, with all that it holds"
            }
            (Some(CopyError::InUse), Self::Restore { .. }) => {
                return CommandError::Failed(anyhow!("{error:#}; it is {store}"));
            }
            (Some(CopyError::NotEmpty { .. }), _) => "copy to a new file or an empty database",
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
            note("Clients that saw more than the backup holds reload everything when they reconnect.");
        }
        Ok(())
    }
}

/// An address of a store; a relative file is taken from the data directory, as in `store.url`.
fn url(config: &Config, which: &str, text: &str) -> Result<StoreUrl, CommandError> {
    config.store_url(text).map_err(|error| CommandError::Usage(format!("{which} {error}")))
}

fn show(line: &mut ProgressLine, progress: CopyProgress) {
    match progress {
        CopyProgress::Copying { table, done, of } => line.show(&format!("copying {table}: {done} of {of}")),
        CopyProgress::Checking { table, done, of } => line.show(&format!("checking {table}: {done} of {of}")),
        CopyProgress::Indexing => line.show_now("indexing the words of listings"),
        CopyProgress::BeginsAnew => {
            line.end();
            note("The store has changed since the copy was begun; it is started again.");
        }
    }
}
