//! Initial data of the demo: a user, alerts and searches, and the sources.

use anyhow::Context as _;
use serde_json::json;
use superbot_domain::{Currency, NewPriceAlert, NewSavedSearch, SourceName, StandingQuery as _, UserRole, Username};
use superbot_store::{SourceChange, Store};
use url::Url;

use super::world::{ALERTS, SEARCHES, SiteKind};
use crate::auth::PasswordHasher;

/// Name of the demo's user, who is also its admin.
pub const USER: &str = "demo";
/// A public password: the demo accepts connections from this machine only, and its data is temporary.
pub const PASSWORD: &str = "demo-demo";

/// The sites with their addresses.
pub type Sites = [(SiteKind, Url)];

/// Fills a new store with the initial data.
///
/// # Errors
/// When the store cannot be written.
pub async fn prepare(store: &Store, sites: &Sites) -> anyhow::Result<()> {
    let hash = PasswordHasher::new(1)?.hash_one(PASSWORD.to_owned()).await?;
    let user = store.users().create(&Username::parse(USER)?, UserRole::Admin, &hash).await?;
    for (keywords, threshold) in ALERTS {
        let wants = json!({ "keywords": keywords, "threshold_price": threshold });
        store.queries().create(user.id, &NewPriceAlert::from_json(&wants, Currency::USD)?).await?;
    }
    for (name, keywords) in SEARCHES {
        let wants = json!({ "name": name, "keywords": keywords, "notify_new": true });
        store.queries().create(user.id, &NewSavedSearch::from_json(&wants, Currency::USD)?).await?;
    }
    for (site, url) in sites {
        let name = SourceName::parse(site.as_str())?;
        // Far more frequent than for real sites, so that something happens within seconds.
        let settings =
            json!({ "base_url": url, "area": "saltlakecity", "interval_seconds": 3, "requests_per_day": 100_000 });
        let start = SourceChange { settings: Some(settings), running: Some(true), ..SourceChange::default() };
        store.sources().update(&name, start).await?.with_context(|| format!("there is no source {name}"))?;
    }
    Ok(())
}
