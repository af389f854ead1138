//! The files that copies are written into.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use superbot_db::sqlite::file_error;
use tempfile::{NamedTempFile, TempPath};

use super::error::{CopyError, Result};

/// A file of its own, beside the one that it is to become; gone with what this gives.
pub(super) fn temporary(folder: &Path, file: &Path) -> Result<TempPath> {
    Ok(temporary_file(folder, file)?.into_temp_path())
}

/// A file of its own, still open.
pub(super) fn temporary_file(folder: &Path, file: &Path) -> Result<NamedTempFile> {
    let mut prefix = file.file_name().map_or_else(OsString::new, OsString::from);
    prefix.push(".");
    let made = tempfile::Builder::new().prefix(&prefix).suffix(".partial").tempfile_in(folder);
    made.map_err(failed(folder))
}

/// The error of a copy that could not write a file.
pub(super) fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> CopyError {
    let path = path.to_owned();
    move |source| match source.kind() {
        ErrorKind::PermissionDenied => file_error(&path, source).into(),
        _ => CopyError::File { path, source: Arc::new(source) },
    }
}

/// A file that was renamed is there after a power cut when its folder is on the disk.
pub(super) fn sync(folder: &Path) -> Result<()> {
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))
}
