//! Creating and opening the file, with access for its owner only.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use rustix::fs::Access;

use super::connection::{OpenOptions, SqliteConnection};
use super::owner::{file_error, give_to_owner_of};
use crate::error::{DbError, Result};

/// Creates the file and its folder if they do not exist, with access for the owner only. SQLite gives the `-wal` and
/// `-shm` files the same mode.
pub fn create(path: &Path) -> Result<()> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    let mut file = fs::OpenOptions::new();
    file.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    let made = match file.open(path) {
        Ok(file) => give_to_owner_of(folder_of(path), &file),
        // Checked here because SQLite's error does not name the owner.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => check_access(path),
        Err(error) => Err(error),
    };
    made.map_err(|error| file_error(path, error))
}

/// Checks that a file can be read and written, without opening it. Closing a descriptor would drop all POSIX locks that
/// this process holds on the file, including those of an open store ("How To Corrupt An SQLite Database File", section
/// 2.2).
pub fn check_access(path: &Path) -> std::io::Result<()> {
    rustix::fs::access(path, Access::READ_OK | Access::WRITE_OK).map_err(Into::into)
}

/// Returns the folder that contains a file; `.` for a bare file name.
pub fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Warns if the file that is about to be opened looks wrong: empty or missing where there was a store, or accessible to
/// other users.
pub fn inspect(path: &Path) {
    let shown = path.display();
    match fs::metadata(path) {
        Ok(file) => {
            if file.len() == 0 {
                tracing::warn!(
                    "the store's file {shown} is empty, so a new store is created in it; if it held one, stop the program and \
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
                    "the store's file {shown} is missing, but its write-ahead log exists; a new store is created; if there \
                     was one, stop the program and restore a backup"
                );
            }
        }
        // Opening the file reports the error.
        Err(_) => {}
    }
    let folder = folder_of(path);
    if let Ok(found) = fs::metadata(folder) {
        // A readable data folder is common and harmless: the files in it have modes of their own.
        warn_of_mode(folder, &found, 0o022, "0700");
    }
}

fn warn_of_mode(path: &Path, found: &fs::Metadata, unwanted: u32, right: &str) {
    let mode = std::os::unix::fs::MetadataExt::mode(found) & 0o7777;
    // In a directory with the sticky bit, such as /tmp, other users cannot replace the file.
    let is_sticky = found.is_dir() && mode & 0o1000 != 0;
    if mode & unwanted != 0 && !is_sticky {
        let shown = path.display();
        tracing::warn!(
            "{shown} has mode {mode:04o}, so other users of this machine can access the store; set it to {right}"
        );
    }
}

/// Creates a folder with access for the owner only, unless it exists.
pub fn create_folder(folder: &Path) -> Result<()> {
    if folder.as_os_str().is_empty() || folder.exists() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| file_error(folder, error))
}

/// Opens the file for writing, retrying while other processes are opening it.
pub async fn connect(options: &OpenOptions) -> Result<SqliteConnection> {
    const TRIES: u32 = 100;
    const PAUSE: Duration = Duration::from_millis(50);
    let mut tries = 0;
    loop {
        tries += 1;
        match options.connect().await {
            // Switching to WAL mode fails at once, without the busy timeout, while another process does the same.
            Err(DbError::Busy) if tries < TRIES => tokio::time::sleep(PAUSE).await,
            other => return other,
        }
    }
}
