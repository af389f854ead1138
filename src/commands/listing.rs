//! `superbot listing`: operations on single listings.

use clap::Subcommand;
use superbot_domain::ListingId;

use super::cli::{CommandResult, GlobalArgs};
use super::output::say;
use super::store_access::{StoreAccess, with_store};

/// Remove listings. Works while a server runs.
#[derive(Subcommand)]
pub enum ListingCommand {
    /// Remove a listing, also from everybody's favourites; if it is posted again it comes back without a notification
    Remove {
        /// Its id, as in `GET /api/listings` and in its address on the dashboard
        id: i64,
    },
}

impl ListingCommand {
    pub async fn run(self, global: &GlobalArgs) -> CommandResult {
        let Self::Remove { id } = self;
        with_store(&global.settings(Vec::new())?, StoreAccess::Change, async |store| {
            if !store.listings().delete(ListingId::from(id)).await? {
                return Err(anyhow::anyhow!("there is no listing {id}").into());
            }
            say(&format!("removed listing {id}"));
            Ok(())
        })
        .await
    }
}
