//! Files that copies are written to.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use superbot_db::sqlite::file_error;
use tempfile::{NamedTempFile, TempPath};

use super::error::{CopyError, Result};

/// Creates a temporary file next to its final place; deleted when the returned path is dropped.
pub(super) fn temporary(folder: &Path, file: &Path) -> Result<TempPath> {
    Ok(temporary_file(folder, file)?.into_temp_path())
}

/// Like [`temporary`], but returns the open file.
pub(super) fn temporary_file(folder: &Path, file: &Path) -> Result<NamedTempFile> {
    let mut prefix = file.file_name().map_or_else(OsString::new, OsString::from);
    prefix.push(".");
    let made = tempfile::Builder::new().prefix(&prefix).suffix(".partial").tempfile_in(folder);
    made.map_err(failed(folder))
}

/// Returns a conversion of I/O errors for this path.
pub(super) fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> CopyError {
    let path = path.to_owned();
    move |source| match source.kind() {
        ErrorKind::PermissionDenied => file_error(&path, source).into(),
        _ => CopyError::File { path, source: Arc::new(source) },
    }
}

/// Syncs a folder, without which a rename in it may be lost in a power failure.
pub(super) fn sync(folder: &Path) -> Result<()> {
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))
}
