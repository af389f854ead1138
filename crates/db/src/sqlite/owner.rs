//! Ownership of files, which SQLite's errors do not mention.

use std::fs::File;
use std::io::{Error, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

use rustix::process::geteuid;

use crate::error::DbError;

/// Returns the error for a file that could not be opened or created; names the owner if that is another user.
pub fn file_error(path: &Path, source: Error) -> DbError {
    let path = path.to_owned();
    if source.kind() == ErrorKind::PermissionDenied
        && let Some(owner) = nearest_owner(&path).filter(|owner| *owner != geteuid().as_raw())
    {
        return DbError::NotPermitted { path, owner: user_name(owner) };
    }
    DbError::File { path, source: Arc::new(source) }
}

/// Returns the owner of the file, or of its nearest existing parent folder.
fn nearest_owner(path: &Path) -> Option<u32> {
    path.ancestors().find_map(|path| path.symlink_metadata().ok()).map(|found| found.uid())
}

/// Returns the user's name from `/etc/passwd`; `#` and the id if there is none.
fn user_name(uid: u32) -> String {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut entries = users.lines().map(|line| line.split(':'));
    let name = entries.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("#{uid}"))
}

/// Gives a new file created by root to the owner of its folder; otherwise the service could not open it.
///
/// SQLite copies the owner to the files that it creates beside it.
pub fn give_to_owner_of(folder: &Path, file: &File) -> std::io::Result<()> {
    if !geteuid().is_root() {
        return Ok(());
    }
    let folder = folder.metadata()?;
    std::os::unix::fs::fchown(file, Some(folder.uid()), Some(folder.gid()))
}
