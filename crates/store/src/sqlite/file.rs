//! The file: made for its owner alone, opened, and brought up to date.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::{Result, StoreError, StoreOptions};
use crate::{listings, meta};

static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");

/// Makes the file and its folder where there are none; both are for their owner alone, as will be the files beside it.
pub(super) fn create(path: &Path) -> Result<()> {
    let failed = |path: &Path, source| StoreError::File { path: path.to_owned(), source: Arc::new(source) };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|error| failed(folder, error))?;
    }
    let mut file = fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    match file.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(path, error)),
    }
}

/// Opens the file for writing.
pub(super) async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection> {
    const TRIES: u32 = 100;
    const PAUSE: Duration = Duration::from_millis(50);
    let mut tries = 0;
    loop {
        tries += 1;
        match options.connect().await.map_err(StoreError::from) {
            // Turning to write-ahead logging does not wait for the lock when another process is just doing the same.
            Err(StoreError::Busy) if tries < TRIES => tokio::time::sleep(PAUSE).await,
            other => return other,
        }
    }
}

/// Brings the schema up to date in one transaction, so that two programs starting at once do not disturb each other.
pub(super) async fn migrate(connection: &mut SqliteConnection, options: &StoreOptions) -> Result<()> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    MIGRATOR.run_direct(None, &mut *transaction, false).await.map_err(migration_error)?;
    let epoch = format!("{:016x}", u64::from_be_bytes(options.epoch_seed));
    meta::write_new(&mut transaction, meta::EPOCH, &epoch).await?;
    // The words of listings are cut up here, not by SQL, so no migration could have done this.
    let unindexed: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM listings) AND NOT EXISTS (SELECT rowid FROM listing_words LIMIT 1)",
    )
    .fetch_one(&mut *transaction)
    .await?;
    if unindexed {
        listings::words::index_all(&mut transaction).await?;
    }
    let now = options.clock.now().as_microsecond().to_string();
    meta::write_new(&mut transaction, meta::MADE_AT, &now).await?;
    Ok(transaction.commit().await?)
}

fn migration_error(error: MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(found) => {
            let known = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0);
            StoreError::NewerSchema { found, known }
        }
        MigrateError::Execute(error) => error.into(),
        other => StoreError::Migration(Arc::new(other)),
    }
}
