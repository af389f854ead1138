//! The file: made for its owner alone, opened, and brought up to date.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Connection, Options};
use crate::sql::{self, Conn};
use crate::{Result, StoreError, StoreOptions, listings, meta, migrations};

/// Makes the file and its folder where there are none; both are for their owner alone, as will be the files beside it.
pub(crate) fn create(path: &Path) -> Result<()> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
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

/// Makes a folder for its owner alone where there is none.
pub(crate) fn create_folder(folder: &Path) -> Result<()> {
    if folder.as_os_str().is_empty() || folder.exists() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| failed(folder, error))
}

fn failed(path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File { path: path.to_owned(), source: Arc::new(source) }
}

/// Opens the file for writing.
pub(super) async fn connect(options: &Options) -> Result<Connection> {
    const TRIES: u32 = 100;
    const PAUSE: Duration = Duration::from_millis(50);
    let mut tries = 0;
    loop {
        tries += 1;
        match options.connect().await {
            // Turning to write-ahead logging does not wait for the lock when another process is just doing the same.
            Err(StoreError::Busy) if tries < TRIES => tokio::time::sleep(PAUSE).await,
            other => return other,
        }
    }
}

/// Brings the schema up to date in one transaction, so that two programs starting at once do not disturb each other.
pub(crate) async fn migrate(conn: &mut Conn, options: &StoreOptions) -> Result<()> {
    sql::query("BEGIN IMMEDIATE").execute(conn).await?;
    migrations::run(conn).await?;
    sql::query("COMMIT").execute(conn).await?;
    meta::write_first(conn, options).await
}

/// Makes the index of the listings' words where it is missing.
pub(super) async fn index(conn: &mut Conn) -> Result<()> {
    sql::query("BEGIN IMMEDIATE").execute(conn).await?;
    // The words of listings are cut up here, not by SQL, so no migration could have done this.
    let unindexed: bool = sql::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM listings) AND NOT EXISTS (SELECT rowid FROM listing_words LIMIT 1)",
    )
    .fetch_one(conn)
    .await?;
    if unindexed {
        listings::words::index_all(conn).await?;
    }
    sql::query("COMMIT").execute(conn).await.map(drop)
}
