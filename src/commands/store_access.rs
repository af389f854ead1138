//! Access of commands to the store: which of them may create one, and notes about where it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;
use superbot_domain::SystemClock;
use superbot_store::{Store, StoreError};
use superbot_transfer::CopyError;

use super::cli::CommandError;
use super::output::note;
use crate::app;
use crate::config::{Config, SystemFolders};

/// How a command uses the store, which determines whether it may create it and what it prints afterwards.
#[derive(Clone, Copy, PartialEq)]
pub enum StoreAccess {
    /// Reads an existing store.
    Read,
    /// Changes an existing store.
    Change,
    /// Changes the store, creating it if it does not exist.
    Create,
}

/// Opens the store for `work`, while a server may be running, and closes it.
pub async fn with_store<T>(
    config: &Config,
    access: StoreAccess,
    work: impl AsyncFnOnce(&Store) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    let place = config.store.url.place();
    let new = NewStore::about_to_be_made(&place);
    let store = match access {
        StoreAccess::Create => app::open_store(config, Arc::new(SystemClock)).await?,
        StoreAccess::Read | StoreAccess::Change => open_existing(config).await?,
    };
    let outcome = work(&store).await;
    store.close().await;
    if outcome.is_ok() && access != StoreAccess::Read {
        name_changed(&place);
        new.name(config);
    }
    outcome
}

/// The parts of a store that did not exist before a command.
pub struct NewStore {
    /// The file, if it was missing.
    file: Option<PathBuf>,
    /// Its folder, if it was missing.
    folder: Option<PathBuf>,
}

impl NewStore {
    /// Records what is missing; only files with absolute paths are considered, not databases.
    pub fn about_to_be_made(place: &str) -> Self {
        let file = Path::new(place);
        // The place of a database is a URL, which is not an absolute path.
        let is_missing = |path: &Path| path.is_absolute() && !path.exists();
        let folder = file.parent().filter(|folder| is_missing(folder));
        Self { file: is_missing(file).then(|| file.to_owned()), folder: folder.map(Path::to_owned) }
    }

    /// Reports what the command has created, because it may be in the wrong place or belong to the wrong user.
    pub fn name(&self, config: &Config) {
        if let Some(file) = self.file.as_ref().filter(|file| file.exists()) {
            note(&format!("created a new store: there was none at {}", file.display()));
            if let Some(advice) = of_service(config) {
                note(&advice);
            }
        }
        // Root, for example through sudo, creates folders that the service cannot write to.
        if let Some(folder) = self.folder.as_ref().filter(|folder| folder.exists())
            && rustix::process::geteuid().is_root()
        {
            let folder = folder.display();
            note(&format!(
                "created {folder}, which belongs to root; change its owner to the service's user: chown -R USER: {folder}"
            ));
        }
    }
}
pub async fn open_existing(config: &Config) -> Result<Store, CommandError> {
    let opened = app::open_existing_store(config, Arc::new(SystemClock)).await;
    opened.map_err(|error| explain_missing(error, config))
}

/// Names the changed store, which may not be the intended one.
pub fn name_changed(place: &str) {
    note(&format!("changed the store {place}"));
}

/// Adds to an error about a missing store where it was expected, and where it may be instead.
pub fn explain_missing(error: anyhow::Error, config: &Config) -> CommandError {
    // Copies wrap the error of the store.
    let of_copy = error.downcast_ref::<CopyError>().and_then(|error| match error {
        CopyError::Store(error) => Some(error),
        _ => None,
    });
    if !matches!(error.downcast_ref().or(of_copy), Some(StoreError::NoStore(_))) {
        return error.into();
    }
    let advice = of_service(config);
    let advice = advice.unwrap_or_else(|| "does the server run as another user, or with --data-dir?".to_owned());
    anyhow!("there is no store at {}; {advice}", config.store.url.place()).into()
}

/// Returns advice on using the store of the machine-wide service, if there is one and these settings name another.
fn of_service(config: &Config) -> Option<String> {
    let SystemFolders { settings, data } = SystemFolders::default();
    let is_another = data.is_dir() && !Path::new(&config.store.url.place()).starts_with(&data);
    let settings = settings.join("superbot.toml");
    let data = data.display();
    let settings_shown = settings.display();
    is_another.then(|| {
        if settings.exists() {
            format!("the service's store is in {data}: use --config {settings_shown}")
        } else {
            format!("the service's store is in {data}: use --data-dir {data}, or install {settings_shown}")
        }
    })
}
