//! `superbot store`: moves whole stores, and keeps and restores backups.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use clap::Subcommand;
use serde_json::json;
use superbot_domain::SystemClock;
use superbot_store::{Copied, CopyError, Progress, StoreOptions};

use super::progress::Line;
use super::{Failure, Global, Outcome, complain, say};
use crate::config::StoreUrl;

/// Move the whole store, back it up, restore it.
#[derive(Subcommand)]
pub enum StoreCommand {
    /// Copy a whole store to an empty place; where that was interrupted, the same command goes on with it
    Copy {
        /// What to copy: `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`; it may be in use
        from: String,
        /// Where to, in the same form; nothing else may use it meanwhile
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

impl StoreCommand {
    pub async fn run(self, global: &Global) -> Outcome {
        let began = Instant::now();
        let options = StoreOptions::new(Arc::new(SystemClock), rand::random());
        let mut line = Line::new();
        let mut watch = |progress| show(&mut line, progress);
        let work = async {
            match &self {
                Self::Copy { from, to, .. } => {
                    let (from, to) = (url("FROM", from)?, url("TO", to)?);
                    Ok(superbot_store::copy(from.reveal(), to.reveal(), &options, &mut watch).await?)
                }
                Self::Backup { file, force, .. } => {
                    let config = global.settings(Vec::new())?;
                    let store = config.store.url.reveal();
                    Ok(superbot_store::backup(store, file, *force, &options, &mut watch).await?)
                }
                Self::Restore { file, force, .. } => {
                    let config = global.settings(Vec::new())?;
                    let store = config.store.url.reveal();
                    Ok(superbot_store::restore(file, store, *force, &options, &mut watch).await?)
                }
            }
        };
        let done: Result<Copied, Failure> = tokio::select! {
            done = work => done,
            // What is left undone cleans up after itself.
            _ = tokio::signal::ctrl_c() => Err(anyhow!("it was interrupted").into()),
        };
        line.end();
        let copied = done.map_err(|failure| self.explained(failure))?;
        self.report(&copied, began.elapsed());
        Ok(())
    }

    /// Says what to do about a failure, where something can be done.
    fn explained(&self, failure: Failure) -> Failure {
        let Failure::Failed(error) = failure else { return failure };
        let advice = match (error.downcast_ref::<CopyError>(), self) {
            (Some(CopyError::Exists(_)), Self::Backup { .. }) => "--force replaces it",
            (Some(CopyError::NotEmpty { .. } | CopyError::Exists(_)), Self::Restore { .. }) => {
                "--force replaces it, with all that it holds"
            }
            (Some(CopyError::NotEmpty { .. }), _) => "copy to a new file or an empty database",
            (None, Self::Copy { .. }) => "the same command goes on with it",
            _ => return Failure::Failed(error),
        };
        Failure::Failed(anyhow!("{error:#}; {advice}"))
    }

    fn report(&self, copied: &Copied, took: Duration) {
        let (verb, is_json) = match self {
            Self::Copy { json, .. } => ("copied", *json),
            Self::Backup { json, .. } => ("backed up", *json),
            Self::Restore { json, .. } => ("restored", *json),
        };
        if is_json {
            let table = |table: &superbot_store::CopiedTable| json!({ "name": table.name, "rows": table.rows, "sha256": table.sha256 });
            let tables: Vec<_> = copied.tables.iter().map(table).collect();
            let report = json!({ "tables": tables, "bytes": copied.bytes, "seconds": took.as_secs_f64() });
            return say(&report.to_string());
        }
        let rows: u64 = copied.tables.iter().map(|table| table.rows).sum();
        let (tables, megabytes) = (copied.tables.len(), copied.bytes.div_ceil(1 << 20));
        let took = took.as_secs_f64();
        say(&format!(
            "{verb} {rows} rows of {tables} tables ({megabytes} MiB) in {took:.1} s; counts and checksums agree"
        ));
        if matches!(self, Self::Restore { .. }) {
            complain("Clients that saw more than the backup holds load everything anew when they come back.");
        }
    }
}

fn url(which: &str, text: &str) -> Result<StoreUrl, Failure> {
    text.parse().map_err(|error| Failure::Usage(format!("{which} {error}")))
}

fn show(line: &mut Line, progress: Progress) {
    match progress {
        Progress::Copying { table, done, of } => line.show(&format!("copying {table}: {done} of {of}")),
        Progress::Checking { table, done, of } => line.show(&format!("checking {table}: {done} of {of}")),
        Progress::Indexing => line.show_now("indexing the words of listings"),
        Progress::BeginsAnew => {
            line.end();
            complain("The store has changed since the copy was begun; beginning anew.");
        }
    }
}
