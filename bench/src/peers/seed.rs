//! Users and credentials: a prepared store for this project's server, room names for the others.

use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use superbot_domain::{
    Clock as _, Currency, NewPriceAlert, StandingQuery as _, SystemClock, TokenScope, UserId, UserRole, Username,
};
use superbot_store::{NewSession, Store, StoreOptions};
use tokio::task::JoinSet;

use super::Credential;

/// The clients of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Crowd {
    pub clients: usize,
    /// Number of clients, from the first, that share one user or room.
    pub together: usize,
    /// Whether every user has a price alert.
    pub alerts: bool,
}

/// Number of concurrent writes to the store, which share a commit.
const AT_ONCE: usize = 64;

/// Session duration, longer than any run.
const SESSION: std::time::Duration = std::time::Duration::from_hours(24);

impl Crowd {
    /// Returns the index of a client's user or room.
    pub fn user_of(self, client: usize) -> usize {
        if client < self.together { 0 } else { client }
    }

    /// Returns credentials for a server without authentication: clients only name their room.
    pub fn rooms(self) -> String {
        (0..self.clients).fold(String::new(), |mut lines, client| {
            let _ = writeln!(lines, "\t{{\"room\":\"u{}\"}}", self.user_of(client));
            lines
        })
    }

    /// Returns credentials for a server without rooms.
    pub fn nobody(self) -> String {
        "\t{}\n".repeat(self.clients)
    }
}

/// Fills a new store with users, credentials and alerts. Returns the clients' credentials, and a token for publishing.
pub fn fill(url: &str, crowd: Crowd, credential: Credential) -> Result<(String, String)> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(fill_store(url, crowd, credential))
}

async fn fill_store(url: &str, crowd: Crowd, credential: Credential) -> Result<(String, String)> {
    let store = Store::open(url, StoreOptions::new(Arc::new(SystemClock), rand::random())).await?;
    let publish = secret("sbt_");
    store.tokens().create("bench", TokenScope::Publish, None, hash(&publish), &publish[..12]).await?;
    let first = make_user(&store, 0, crowd).await?;
    let mut tasks = JoinSet::new();
    for task in 0..AT_ONCE {
        let store = store.clone();
        tasks.spawn(async move {
            let mut lines = Vec::new();
            for client in (task..crowd.clients).step_by(AT_ONCE) {
                let user = match crowd.user_of(client) {
                    0 => first,
                    number => make_user(&store, number, crowd).await?,
                };
                lines.push((client, line(&store, user, credential).await?));
            }
            anyhow::Ok(lines)
        });
    }
    let mut lines = Vec::with_capacity(crowd.clients);
    for made in tasks.join_all().await {
        lines.extend(made?);
    }
    store.close().await;
    lines.sort_unstable_by_key(|(client, _)| *client);
    Ok((lines.into_iter().map(|(_, line)| line).collect(), publish))
}

async fn make_user(store: &Store, number: usize, crowd: Crowd) -> Result<UserId> {
    let name = Username::parse(&format!("u{number}")).context("a user's name")?;
    // Passwords are not used, and no hash has this value.
    let user = store.users().create(&name, UserRole::User, "none").await?.id;
    if crowd.alerts {
        let wanted = json!({"keywords": keyword(number), "threshold_price": 500});
        let wanted = NewPriceAlert::from_json(&wanted, Currency::USD).map_err(|error| anyhow::anyhow!("{error:?}"))?;
        store.queries().create(user, &wanted).await?;
    }
    Ok(user)
}

/// Returns the word that only one user's alert matches.
pub fn keyword(user: usize) -> String {
    format!("brand{user}")
}

/// Creates a credential, and returns its line for the load generator.
async fn line(store: &Store, user: UserId, credential: Credential) -> Result<String> {
    match credential {
        Credential::Token => {
            let token = secret("sbt_");
            store.tokens().create("bench", TokenScope::User, Some(user), hash(&token), &token[..12]).await?;
            Ok(format!("\t{{\"token\":\"{token}\"}}\n"))
        }
        Credential::Cookie => {
            let cookie = secret("sbs_");
            let session = NewSession {
                token_hash: hash(&cookie),
                user_agent: "bench".to_owned(),
                address: "127.0.0.1".to_owned(),
                expires_at: SystemClock.now() + SESSION,
            };
            store.sessions().create(user, session).await?;
            Ok(format!("superbot_session={cookie}\t{{}}\n"))
        }
    }
}

/// Generates a secret in the program's format.
fn secret(prefix: &str) -> String {
    let bytes: [u8; 32] = rand::random();
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_ones_share_a_room() {
        let crowd = Crowd { clients: 4, together: 2, alerts: false };
        let rooms: Vec<String> = crowd.rooms().lines().map(str::to_owned).collect();
        assert_eq!(rooms, ["\t{\"room\":\"u0\"}", "\t{\"room\":\"u0\"}", "\t{\"room\":\"u2\"}", "\t{\"room\":\"u3\"}"]);
    }
}
