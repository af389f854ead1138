//! Authentication: secrets, passwords, and the rights of a credential.

mod browser;
mod credential;
mod credential_cache;
mod hashing;
mod last_used;
mod legacy_hash;
mod lookup_batcher;
mod password;
mod password_policy;
mod principal;
mod revocation;
mod secret;

pub use browser::{BROWSER_COOKIE, BrowserKey, RECOGNIZED_FOR, RecognizedBrowser};
pub use credential::{HOST_PREFIX, PresentedCredential, SESSION_COOKIE, bearer, credential, session_of};
pub use password::{HashRequester, HashingSlot, PasswordCheck, PasswordHasher, can_check};
pub use password_policy::password_fault;
pub use principal::{AccessDenied, AuthenticatedUser, ChargedAccount, Principal};
pub use revocation::Revocation;
pub use secret::{PASSWORD_RESET_LASTS, RandomSecret, SecretKind};

use std::sync::Arc;

use superbot_domain::{Timestamp, UserId};
use superbot_store::StoreError;

use crate::audit::AuditEvent;
use crate::lifecycle::Lifecycle;
use crate::records::HubStore;
use credential_cache::{CredentialCache, CredentialRecord, PendingLookup};
use last_used::LastUsedBuffer;
use lookup_batcher::LookupBatcher;

/// Determines the [`Principal`] of a credential.
#[derive(Clone)]
pub struct Authenticator {
    records: HubStore,
    lookups: LookupBatcher,
    known: CredentialCache,
    notes: LastUsedBuffer,
}

/// Maximum pages of sessions, and of tokens, that are loaded at startup.
const PAGES: usize = 64;
/// Rows per page.
const PAGE: u32 = 256;

impl Authenticator {
    /// Creates an authenticator with an empty cache; [`Authenticator::warm_cache`] fills it.
    pub fn new(records: HubStore, lifecycle: Lifecycle) -> Self {
        Self {
            lookups: LookupBatcher::new(records.clone(), lifecycle.clone()),
            known: CredentialCache::default(),
            notes: LastUsedBuffer::new(records.clone(), lifecycle),
            records,
        }
    }

    /// Returns the principal of a credential, or `None` if it is invalid, expired or revoked.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn authenticate(
        &self,
        credential: &PresentedCredential,
        now: Timestamp,
    ) -> Result<Option<Arc<Principal>>, StoreError> {
        // A cached entry suffices only if no other process can have revoked it since: its control version must be current.
        for (kind, hash) in credential.hashes() {
            let version = self.records.control_version();
            let known = match version.and_then(|version| self.known.get_as_of(version, &hash, now)) {
                Some(found) => Some(self.used(&hash, found, now)),
                None => self.look_up(self.known.look_up(version), kind, hash, now).await?,
            };
            if known.is_some() {
                return Ok(known);
            }
        }
        Ok(None)
    }

    /// Like [`Authenticator::authenticate`], but may return a cached principal that another process has just revoked; only
    /// for callers that also follow revocation events.
    ///
    /// # Errors
    /// When the credential is not cached and the store cannot be read.
    pub async fn recognize(
        &self,
        credential: &PresentedCredential,
        now: Timestamp,
    ) -> Result<Option<Arc<Principal>>, StoreError> {
        for (kind, hash) in credential.hashes() {
            let known = match self.known.get(&hash, now) {
                Some(found) => Some(self.used(&hash, found, now)),
                None => self.look_up(self.known.look_up(self.records.control_version()), kind, hash, now).await?,
            };
            if known.is_some() {
                return Ok(known);
            }
        }
        Ok(None)
    }

    /// Loads the newest credentials, because all clients reconnect after a restart. Must run after the hub has started to
    /// follow the log, so that no revocation is missed.
    pub async fn warm_cache(self) {
        if let Err(error) = self.read_newest().await {
            tracing::warn!(%error, "loading credentials at startup failed; each will be looked up on first use");
        }
    }

    async fn read_newest(&self) -> Result<(), StoreError> {
        // Newest first, as they are the most likely to be in use.
        let mut session = None;
        let mut token = None;
        for _ in 0..PAGES {
            let lookup = self.known.look_up(self.records.control_version());
            let sessions = self.records.sessions_before(session, PAGE).await?;
            let tokens = self.records.tokens_before(token, PAGE).await?;
            if sessions.is_empty() && tokens.is_empty() {
                break;
            }
            session = sessions.last().map(|(_, last)| last.id).or(session);
            token = tokens.last().map(|(_, last)| last.id).or(token);
            self.cache_records(lookup, sessions);
            self.cache_records(lookup, tokens);
        }
        Ok(())
    }

    /// Caches a page, unless something has been revoked since the lookup began; then they are looked up on use.
    fn cache_records(&self, lookup: PendingLookup, found: Vec<([u8; 32], impl Into<CredentialRecord>)>) {
        self.known.put(lookup, found.into_iter().map(|(hash, one)| (hash, one.into())));
    }

    /// Removes revoked credentials from the cache.
    pub fn forget(&self, revocation: &Revocation) {
        self.known.forget(revocation);
    }

    /// Ends a session in this process only, for when the store cannot be written.
    pub fn end(&self, credential: &PresentedCredential) {
        credential.hashes().for_each(|(_, hash)| self.known.end(hash));
    }

    /// Queries the store and caches the result.
    async fn look_up(
        &self,
        lookup: PendingLookup,
        kind: SecretKind,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Arc<Principal>>, StoreError> {
        // The store may still contain a session whose end could not be written.
        if self.known.has_ended(&hash) {
            return Ok(None);
        }
        let Some(found) = self.lookups.find(kind, hash).await? else { return Ok(None) };
        self.known.put(lookup, [(hash, found.clone())]);
        Ok(Some(self.used(&hash, found, now)))
    }

    /// Records the use of a credential, if the recorded one is old enough, and returns its principal.
    fn used(&self, hash: &[u8; 32], found: CredentialRecord, now: Timestamp) -> Arc<Principal> {
        if self.records.is_touch_due(found.used_at) {
            let used_before = self.known.note(hash, now).or(found.used_at);
            // Unused as far as this process knows: the use by another one may not have been written yet.
            if let Principal::Token { id, name, scope, .. } = &*found.principal
                && used_before.is_none()
            {
                let line = AuditEvent::TokenFirstUsed.line().id(id.get()).name(name).scope(*scope);
                line.by(found.principal.actor()).write();
            }
            self.notes.add(&found.principal);
        }
        found.principal
    }
}

impl Principal {
    /// Id of the user on whose behalf it acts; `None` for a token without an owner.
    pub fn user_id(&self) -> Option<UserId> {
        self.user().map(|user| user.id)
    }
}
