//! Whether the store is fit for use, and what is wrong where it is not.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::error::{DbError, Result};

/// How long a full disk counts as full before another write is tried.
const PROBE_AFTER: Duration = Duration::from_secs(10);

/// The faults of a store that was opened, as its connections come upon them. Each change is logged once.
#[derive(Default)]
pub struct StoreCondition {
    fault: Mutex<Option<StoreFault>>,
    file: Option<FileIdentity>,
}

struct StoreFault {
    error: DbError,
    /// When it was noted, or tried again.
    checked_at: Instant,
}

/// Which file was opened, wherever its path leads later.
struct FileIdentity {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl FileIdentity {
    /// Whether its path still leads to the file; where that cannot be found out, it counts as unchanged.
    fn is_in_place(&self) -> bool {
        match std::fs::metadata(&self.path) {
            Ok(found) => (found.dev(), found.ino()) == (self.device, self.inode),
            Err(error) => error.kind() != ErrorKind::NotFound,
        }
    }
}

impl StoreCondition {
    /// The condition of a file that is there.
    pub fn of_file(path: &Path) -> std::io::Result<Self> {
        let found = std::fs::metadata(path)?;
        let file = FileIdentity { path: path.to_owned(), device: found.dev(), inode: found.ino() };
        Ok(Self { file: Some(file), ..Self::default() })
    }

    /// Checks that what is written goes where it will be found again: one `stat`, a few microseconds.
    ///
    /// # Errors
    /// [`DbError::Replaced`] where the file was deleted or replaced, from then on.
    pub fn verify_file(&self) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        if matches!(self.fault(), Some(DbError::Replaced)) || !file.is_in_place() {
            self.note(&DbError::Replaced);
            return Err(DbError::Replaced);
        }
        Ok(())
    }

    /// The fault that the store has, as the error of whoever uses it.
    pub fn fault(&self) -> Option<DbError> {
        self.fault.lock().as_ref().map(|fault| fault.error.clone())
    }

    /// Whether it is time to try whether the store can be written to again; if so, that counts as tried.
    pub fn take_probe(&self) -> bool {
        let mut fault = self.fault.lock();
        let full = fault.as_mut().filter(|fault| matches!(fault.error, DbError::Full));
        let due = full.filter(|fault| fault.checked_at.elapsed() >= PROBE_AFTER);
        due.map(|fault| fault.checked_at = Instant::now()).is_some()
    }

    /// Notes what an error says about the store; most say nothing.
    pub fn note(&self, error: &DbError) {
        if !matches!(error, DbError::Damaged(_) | DbError::Replaced | DbError::Full | DbError::Unreachable(_)) {
            return;
        }
        let mut fault = self.fault.lock();
        if fault.as_ref().is_none_or(|known| rank(error) > rank(&known.error) || is_other_passing(error, &known.error))
        {
            tracing::error!(target: "audit", event = "store_failed", %error, "the store failed");
            *fault = Some(StoreFault { error: error.clone(), checked_at: Instant::now() });
        }
    }

    /// Notes that the store has just been written to.
    pub fn note_write(&self) {
        self.recover(|known| !is_lasting(known));
    }

    /// Notes that the store has just been reached.
    pub fn note_contact(&self) {
        self.recover(|known| matches!(known, DbError::Unreachable(_)));
    }

    fn recover(&self, is_over: impl FnOnce(&DbError) -> bool) {
        if let Some(StoreFault { error, .. }) = self.fault.lock().take_if(|fault| is_over(&fault.error)) {
            tracing::warn!(target: "audit", event = "store_recovered", after = %error, "the store works again");
        }
    }
}

/// How bad a fault is. Those above 0 last until the store is opened again, as what a damaged or foreign file answers later
/// proves nothing; a file that was replaced is worst, whatever is read from it.
fn rank(fault: &DbError) -> u8 {
    match fault {
        DbError::Replaced => 2,
        DbError::Damaged(_) => 1,
        _ => 0,
    }
}

fn is_lasting(fault: &DbError) -> bool {
    rank(fault) > 0
}

/// Whether both faults pass and differ, so that the later one is what is wrong now.
fn is_other_passing(later: &DbError, known: &DbError) -> bool {
    !is_lasting(later) && !is_lasting(known) && std::mem::discriminant(later) != std::mem::discriminant(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_passes_and_damage_stays() {
        let condition = StoreCondition::default();
        condition.note(&DbError::Busy);
        assert!(condition.fault().is_none(), "a lock that was waited for is no fault");
        condition.note(&DbError::Full);
        assert!(matches!(condition.fault(), Some(DbError::Full)));
        condition.note_write();
        assert!(condition.fault().is_none());
        condition.note(&DbError::Full);
        condition.note(&DbError::Damaged("page 7".to_owned()));
        condition.note_write();
        condition.note(&DbError::Full);
        assert!(matches!(condition.fault(), Some(DbError::Damaged(_))));
        condition.note(&DbError::Replaced);
        condition.note(&DbError::Damaged("page 8".to_owned()));
        assert!(matches!(condition.fault(), Some(DbError::Replaced)), "whatever another file answers");
    }
}
