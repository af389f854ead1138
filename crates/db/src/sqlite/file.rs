//! The file: made for its owner alone, and opened.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use rustix::fs::Access;

use super::connection::{OpenOptions, SqliteConnection};
use super::owner::{file_error, give_to_owner_of};
use crate::error::{DbError, Result};

/// Makes the file and its folder where there are none; both are for their owner alone, as will be the files beside it.
pub fn create(path: &Path) -> Result<()> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    let mut file = fs::OpenOptions::new();
    file.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    let made = match file.open(path) {
        Ok(file) => give_to_owner_of(folder_of(path), &file),
        // SQLite would not say that it is another user's.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => check_access(path),
        Err(error) => Err(error),
    };
    made.map_err(|error| file_error(path, error))
}

/// Checks that a file may be read and written, without opening it: closing it would give up all locks that this process has
/// on it, also those of a store that has it open ("How To Corrupt An SQLite Database File", section 2.2).
pub fn check_access(path: &Path) -> std::io::Result<()> {
    rustix::fs::access(path, Access::READ_OK | Access::WRITE_OK).map_err(Into::into)
}

/// The folder that a file is in.
pub fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Warns of what is unusual about the file that is about to be opened: that it is empty or gone where there was a store, and
/// that others may read or change it.
pub fn inspect(path: &Path) {
    let shown = path.display();
    match fs::metadata(path) {
        Ok(file) => {
            if file.len() == 0 {
                tracing::warn!(
                    "the store's file {shown} is empty, so a new store is made in it; if it held one, stop the program and \
                     restore a backup"
                );
            }
            warn_of_mode(path, &file, 0o077, "0600");
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut wal = path.as_os_str().to_owned();
            wal.push("-wal");
            if fs::metadata(&wal).is_ok_and(|wal| wal.len() > 0) {
                tracing::warn!(
                    "the store's file {shown} is gone, but its write-ahead log is still there; a new store is made; if there \
                     was one, stop the program and restore a backup"
                );
            }
        }
        // Opening it says why it cannot be.
        Err(_) => {}
    }
    let folder = folder_of(path);
    if let Ok(found) = fs::metadata(folder) {
        // Others may look into many data folders; what is in them has modes of its own.
        warn_of_mode(folder, &found, 0o022, "0700");
    }
}

fn warn_of_mode(path: &Path, found: &fs::Metadata, unwanted: u32, right: &str) {
    let mode = std::os::unix::fs::MetadataExt::mode(found) & 0o7777;
    // In a folder with the sticky bit, such as /tmp, others cannot replace what is not theirs.
    let is_sticky = found.is_dir() && mode & 0o1000 != 0;
    if mode & unwanted != 0 && !is_sticky {
        let shown = path.display();
        tracing::warn!(
            "{shown} has mode {mode:04o}, so others on this machine can get at the store; set it to {right}"
        );
    }
}

/// Makes a folder for its owner alone where there is none.
pub fn create_folder(folder: &Path) -> Result<()> {
    if folder.as_os_str().is_empty() || folder.exists() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| file_error(folder, error))
}

/// Opens the file for writing.
pub async fn connect(options: &OpenOptions) -> Result<SqliteConnection> {
    const TRIES: u32 = 100;
    const PAUSE: Duration = Duration::from_millis(50);
    let mut tries = 0;
    loop {
        tries += 1;
        match options.connect().await {
            // Turning to write-ahead logging does not wait for the lock when another process is just doing the same.
            Err(DbError::Busy) if tries < TRIES => tokio::time::sleep(PAUSE).await,
            other => return other,
        }
    }
}
