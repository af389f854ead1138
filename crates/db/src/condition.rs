//! Health of an open store: the current fault, if any, and how it clears.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::error::{DbError, Result};

/// Time after which a full disk is probed with another write.
const PROBE_AFTER: Duration = Duration::from_secs(10);

/// Faults of an open store, as reported by its connections. Each change is logged once.
#[derive(Default)]
pub struct StoreCondition {
    fault: Mutex<Option<StoreFault>>,
    file: Option<FileIdentity>,
}

struct StoreFault {
    error: DbError,
    /// When the fault was recorded or last probed.
    checked_at: Instant,
}

/// Identity of the opened file, whatever its path refers to later.
struct FileIdentity {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl FileIdentity {
    /// Returns whether the path still refers to the file; if that cannot be determined, assumes that it does.
    fn is_in_place(&self) -> bool {
        // A transient error such as EACCES must not take a healthy store down; only absence proves anything.
        match std::fs::metadata(&self.path) {
            Ok(found) => (found.dev(), found.ino()) == (self.device, self.inode),
            Err(error) => error.kind() != ErrorKind::NotFound,
        }
    }
}

impl StoreCondition {
    /// Returns the condition of an existing file.
    pub fn of_file(path: &Path) -> std::io::Result<Self> {
        let found = std::fs::metadata(path)?;
        let file = FileIdentity { path: path.to_owned(), device: found.dev(), inode: found.ino() };
        Ok(Self { file: Some(file), ..Self::default() })
    }

    /// Checks that the path still refers to the open file, so that writes are not lost: one `stat`, a few microseconds.
    ///
    /// # Errors
    /// [`DbError::Replaced`] if the file was deleted or replaced; the store stays in this state until it is reopened.
    pub fn verify_file(&self) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        // Sticky: a file that is moved back may have been written to by another process in between.
        if matches!(self.fault(), Some(DbError::Replaced)) || !file.is_in_place() {
            self.note(&DbError::Replaced);
            return Err(DbError::Replaced);
        }
        Ok(())
    }

    /// Returns the current fault, as the error that operations should fail with.
    pub fn fault(&self) -> Option<DbError> {
        self.fault.lock().as_ref().map(|fault| fault.error.clone())
    }

    /// Returns whether a write should be attempted to see if a full disk has room again; resets the interval if so.
    pub fn take_probe(&self) -> bool {
        let mut fault = self.fault.lock();
        let full = fault.as_mut().filter(|fault| matches!(fault.error, DbError::Full));
        let due = full.filter(|fault| fault.checked_at.elapsed() >= PROBE_AFTER);
        // Updated under the lock, so that only one caller per interval probes.
        due.map(|fault| fault.checked_at = Instant::now()).is_some()
    }

    /// Records an error if it indicates a fault of the store as a whole; other errors are ignored.
    pub fn note(&self, error: &DbError) {
        if !matches!(error, DbError::Damaged(_) | DbError::Replaced | DbError::Full | DbError::Unreachable(_)) {
            return;
        }
        let mut fault = self.fault.lock();
        // The worst fault is kept: a later "unreachable" must not hide damage.
        if fault.as_ref().is_none_or(|known| rank(error) > rank(&known.error) || is_other_passing(error, &known.error))
        {
            tracing::error!(target: "audit", event = "store_failed", %error, "the store failed");
            *fault = Some(StoreFault { error: error.clone(), checked_at: Instant::now() });
        }
    }

    /// Records a successful write, which clears all transient faults.
    pub fn note_write(&self) {
        self.recover(|known| !is_lasting(known));
    }

    /// Records that the database answered, which clears [`DbError::Unreachable`] only.
    pub fn note_contact(&self) {
        self.recover(|known| matches!(known, DbError::Unreachable(_)));
    }

    fn recover(&self, is_over: impl FnOnce(&DbError) -> bool) {
        if let Some(StoreFault { error, .. }) = self.fault.lock().take_if(|fault| is_over(&fault.error)) {
            tracing::warn!(target: "audit", event = "store_recovered", after = %error, "the store has recovered");
        }
    }
}

/// Severity of a fault. Faults above 0 last until the store is reopened, since answers from a damaged or foreign file
/// prove nothing. `Replaced` outranks `Damaged` because nothing read from the path concerns our store.
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

/// Returns whether both faults are transient and differ, in which case the later one describes the current state.
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
