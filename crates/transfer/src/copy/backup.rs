//! Backups: copies in a single file that appears only once it is complete.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use superbot_db::sql::{self, SqlConn};
use superbot_db::sqlite::{self, file_error, folder_of, give_to_owner_of};
use superbot_store::StoreOptions;
use superbot_store::maintenance;
use superbot_store::maintenance::StoreAddress;
use tempfile::TempPath;

use super::error::{CopyError, Result};
use super::file::{failed, sync, temporary, temporary_file};
use super::source::SourceSnapshot;
use super::tables::TableColumns;
use super::target::{CopyTarget, in_use, used};
use super::transfer::{CopyPlan, CopySummary, ProgressWatch, transfer};

/// Writes a backup of a store, which may be in use, to an SQLite file with access for its owner only, whatever database
/// the store is in. An existing file is only replaced if `replace` is set.
pub async fn backup(
    store: &str,
    file: &Path,
    replace: bool,
    options: &StoreOptions,
    watch: ProgressWatch<'_>,
) -> Result<CopySummary> {
    if file.exists() && !replace {
        return Err(CopyError::Exists(file.to_owned()));
    }
    if let StoreAddress::Sqlite(store) = StoreAddress::parse(store)?
        && let (Ok(store), Ok(file)) = (Path::new(store).canonicalize(), file.canonicalize())
        && store == file
    // Both paths are resolved, so that symbolic links cannot hide that the backup would overwrite its store.
    {
        return Err(CopyError::Itself(file));
    }
    let mut source = SourceSnapshot::store(store, options).await?;
    let folder = folder_of(file);
    let place = temporary(folder, file)?;
    let mut target = CopyTarget::file(&place, options).await?;
    let tables = TableColumns::shared(&mut source.conn, &mut target.conn).await?;
    target.take(&source.epoch).await?;
    // The word index is rebuilt when the backup is opened; copying it would only cost time and space.
    let copied = transfer(source, target, &tables, &CopyPlan { epoch: None, with_words: false }, watch).await?;
    // A rename: an interrupted backup never leaves a partial file under the final name.
    let persisted = if replace { place.persist(file) } else { place.persist_noclobber(file) };
    persisted.map_err(|error| match error.error.kind() {
        ErrorKind::AlreadyExists => CopyError::Exists(file.to_owned()),
        _ => failed(file)(error.error),
    })?;
    sync(folder)?;
    Ok(copied)
}

/// Replaces a store, which must not be in use, with a backup; a store with data only if `replace` is set. The restored
/// store gets a new epoch, so that clients that have seen later events start over instead of resuming.
pub async fn restore(
    file: &Path,
    store: &str,
    replace: bool,
    options: &StoreOptions,
    watch: ProgressWatch<'_>,
) -> Result<CopySummary> {
    // Checked first: a misspelt name is no reason to stop a server.
    std::fs::File::open(file)
        .map_err(|error| CopyError::Unreadable { path: file.to_owned(), error: Arc::new(error) })?;
    let plan = CopyPlan { epoch: Some(maintenance::new_epoch(options)), with_words: true };
    match StoreAddress::parse(store)? {
        StoreAddress::Sqlite(path) => restore_file(file, Path::new(path), replace, &plan, options, watch).await,
        StoreAddress::Postgres(url) => {
            let mut target = CopyTarget::database(url, options).await?;
            let (mut source, _upgraded) = SourceSnapshot::backup(file, folder_of(file), options).await?;
            let tables = TableColumns::shared(&mut source.conn, &mut target.conn).await?;
            target.take_at_once(&source.epoch, replace).await?;
            transfer(source, target, &tables, &plan, watch).await
        }
    }
}

/// Builds the new file beside the old one, which is locked in the meantime, and then renames it.
async fn restore_file(
    file: &Path,
    path: &Path,
    replace: bool,
    plan: &CopyPlan,
    options: &StoreOptions,
    watch: ProgressWatch<'_>,
) -> Result<CopySummary> {
    let old = ReplacedFile::lock(path, replace).await?;
    let folder = folder_of(path);
    sqlite::create_folder(folder)?;
    let (mut source, _upgraded) = SourceSnapshot::backup(file, folder, options).await?;
    let place = temporary_file(folder, path)?;
    give_to_owner_of(folder, place.as_file()).map_err(failed(path))?;
    let place = place.into_temp_path();
    let mut target = CopyTarget::file(&place, options).await?;
    let tables = TableColumns::shared(&mut source.conn, &mut target.conn).await?;
    target.take(&source.epoch).await?;
    let copied = transfer(source, target, &tables, plan, watch).await?;
    match old {
        Some(old) => old.give_way(place, path).await?,
        None => place.persist_noclobber(path).map_err(|error| failed(path)(error.error))?,
    }
    sync(folder)?;
    Ok(copied)
}

/// The store's file that is about to be replaced, locked so that no process can open it.
struct ReplacedFile(SqlConn);

impl ReplacedFile {
    /// Returns `None` if there is no file.
    async fn lock(path: &Path, replace: bool) -> Result<Option<Self>> {
        let there = std::fs::OpenOptions::new().read(true).write(true).open(path);
        if let Err(error) = there {
            if error.kind() != ErrorKind::NotFound {
                return Err(file_error(path, error).into());
            }
            // SQLite would apply a left-over WAL or journal to the new file.
            let beside = ["-wal", "-journal"].map(|end| with_end(path, end));
            return match beside.into_iter().find(|path| path.exists()) {
                Some(left) => Err(CopyError::LeftOver(left)),
                None => Ok(None),
            };
        }
        // An in-memory journal: one on disk would be found by the process that opens the new file.
        let alone = sqlite::OpenOptions::new(path).pragma("locking_mode", "EXCLUSIVE").pragma("journal_mode", "MEMORY");
        let mut conn = SqlConn::from(alone.connect().await.map_err(in_use)?);
        sql::query("BEGIN EXCLUSIVE").execute(&mut conn).await.map_err(in_use)?;
        if !replace {
            match maintenance::schema_version(&mut conn).await? {
                Some(_) => {
                    if let Some(table) = used(&mut conn).await? {
                        return Err(CopyError::NotEmpty { table });
                    }
                }
                None if std::fs::metadata(path).is_ok_and(|file| file.len() == 0) => {}
                None => return Err(CopyError::Exists(path.to_owned())),
            }
        }
        Ok(Some(Self(conn)))
    }

    /// Renames the new file over this one. A process that has opened the old file in the meantime, and waits for the
    /// lock, gets `SQLITE_READONLY_DBMOVED`: WAL mode was ended here, so restoring it requires a write, which SQLite
    /// refuses for a moved file.
    async fn give_way(self, new: TempPath, path: &Path) -> Result<()> {
        // Renamed before the lock is released, so that no process can use the old file in between.
        new.persist(path).map_err(|error| failed(path)(error.error))?;
        self.0.close().await?;
        Ok(())
    }
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}
