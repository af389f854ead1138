//! How commands open the store: which of them may make one, and that those which change it say where it is.

use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;
use superbot_domain::SystemClock;
use superbot_store::{CopyError, Store, StoreError};

use super::Failure;
use super::output::note;
use crate::app;
use crate::config::{Config, SystemFolders};

/// What a command does with the store.
#[derive(Clone, Copy, PartialEq)]
pub enum Access {
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
    access: Access,
    work: impl AsyncFnOnce(&Store) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let store = match access {
        Access::Create => app::open_store(config, Arc::new(SystemClock)).await?,
        Access::Read | Access::Change => open_existing(config).await?,
    };
    let outcome = work(&store).await;
    store.close().await;
    if outcome.is_ok() && access != Access::Read {
        name_changed(&config.store.url.place());
    }
    outcome
}

/// Opens a store that is there.
pub async fn open_existing(config: &Config) -> Result<Store, Failure> {
    let opened = app::open_existing_store(config, Arc::new(SystemClock)).await;
    opened.map_err(|error| explain_missing(error, config))
}

/// Says which store was changed: it may not be the one that was meant.
pub fn name_changed(place: &str) {
    note(&format!("changed the store {place}"));
}

/// Says where a store was looked for that is not there, and where it may be instead.
pub fn explain_missing(error: anyhow::Error, config: &Config) -> Failure {
    let of_copy = error.downcast_ref::<CopyError>().and_then(|error| match error {
        CopyError::Store(error) => Some(error),
        _ => None,
    });
    if !matches!(error.downcast_ref().or(of_copy), Some(StoreError::NoStore(_))) {
        return error.into();
    }
    let place = config.store.url.place();
    let of_service = SystemFolders::default().data;
    let advice = if of_service.is_dir() && !Path::new(&place).starts_with(&of_service) {
        format!(
            "that of the service is in {0}: give --data-dir {0}, or install /etc/superbot/superbot.toml",
            of_service.display()
        )
    } else {
        "is the server run by another user, or with --data-dir?".to_owned()
    };
    anyhow!("there is no store at {place}; {advice}").into()
}
