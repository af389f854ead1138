//! How commands open the store: which of them may make one, and that those which change it say where it is.

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

/// What a command does with the store.
#[derive(Clone, Copy, PartialEq)]
pub enum StoreAccess {
    /// Reads what is there.
    Read,
    /// Changes what is there.
    Change,
    /// Makes it where there is none.
    Create,
}

/// Opens the store for one command, beside a server that may be running, and closes it.
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

/// What is not there yet of a store that a command may make.
pub struct NewStore {
    /// The file.
    file: Option<PathBuf>,
    /// Its folder.
    folder: Option<PathBuf>,
}

impl NewStore {
    /// Looks at what is there before the command.
    pub fn about_to_be_made(place: &str) -> Self {
        let file = Path::new(place);
        let is_missing = |path: &Path| path.is_absolute() && !path.exists();
        let folder = file.parent().filter(|folder| is_missing(folder));
        Self { file: is_missing(file).then(|| file.to_owned()), folder: folder.map(Path::to_owned) }
    }

    /// Says what the command has made that may not be where, or whose, it was meant to be.
    pub fn name(&self, config: &Config) {
        if let Some(file) = self.file.as_ref().filter(|file| file.exists()) {
            note(&format!("it is new: there was no store at {}", file.display()));
            if let Some(advice) = of_service(config) {
                note(&advice);
            }
        }
        if let Some(folder) = self.folder.as_ref().filter(|folder| folder.exists())
            && rustix::process::geteuid().is_root()
        {
            let folder = folder.display();
            note(&format!(
                "made {folder}, which belongs to root; give it to the service's user: chown -R USER: {folder}"
            ));
        }
    }
}

/// Opens a store that is there.
pub async fn open_existing(config: &Config) -> Result<Store, CommandError> {
    let opened = app::open_existing_store(config, Arc::new(SystemClock)).await;
    opened.map_err(|error| explain_missing(error, config))
}

/// Says which store was changed: it may not be the one that was meant.
pub fn name_changed(place: &str) {
    note(&format!("changed the store {place}"));
}

/// Says where a store was looked for that is not there, and where it may be instead.
pub fn explain_missing(error: anyhow::Error, config: &Config) -> CommandError {
    let of_copy = error.downcast_ref::<CopyError>().and_then(|error| match error {
        CopyError::Store(error) => Some(error),
        _ => None,
    });
    if !matches!(error.downcast_ref().or(of_copy), Some(StoreError::NoStore(_))) {
        return error.into();
    }
    let advice = of_service(config);
    let advice = advice.unwrap_or_else(|| "is the server run by another user, or with --data-dir?".to_owned());
    anyhow!("there is no store at {}; {advice}", config.store.url.place()).into()
}

/// Where the store of the machine-wide service is, if there is one and these settings name another.
fn of_service(config: &Config) -> Option<String> {
    let SystemFolders { settings, data } = SystemFolders::default();
    let is_another = data.is_dir() && !Path::new(&config.store.url.place()).starts_with(&data);
    let settings = settings.join("superbot.toml");
    let data = data.display();
    let settings_shown = settings.display();
    is_another.then(|| {
        if settings.exists() {
            format!("that of the service is in {data}: give --config {settings_shown}")
        } else {
            format!("that of the service is in {data}: give --data-dir {data}, or install {settings_shown}")
        }
    })
}
