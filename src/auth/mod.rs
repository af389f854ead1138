//! Who is asking: secrets, passwords, and what a credential allows.

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

/// Finds out who a credential belongs to.
#[derive(Clone)]
pub struct Authenticator {
    records: HubStore,
    lookups: LookupBatcher,
    known: CredentialCache,
    notes: LastUsedBuffer,
}

/// Of the sessions, and of the tokens, at most so many pages are known from the beginning, ...
const PAGES: usize = 64;
/// ... each of so many.
const PAGE: u32 = 256;

impl Authenticator {
    /// An authenticator over the users, sessions and tokens there are.
    pub fn new(records: HubStore, lifecycle: Lifecycle) -> Self {
        Self {
            lookups: LookupBatcher::new(records.clone(), lifecycle.clone()),
            known: CredentialCache::default(),
            notes: LastUsedBuffer::new(records.clone(), lifecycle),
            records,
        }
    }

    /// The principal a credential stands for, or `None` when it is not valid (any more).
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn authenticate(
        &self,
        credential: &PresentedCredential,
        now: Timestamp,
    ) -> Result<Option<Arc<Principal>>, StoreError> {
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

    /// The same for somebody who hears of revocations from the log: it may not know of the newest ones, which the log has
    /// and the caller will hear of, and need not ask the store.
    ///
    /// # Errors
    /// When the store has to be asked and cannot be read.
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

    /// Learns the newest credentials, so that all who come back after a restart are recognized. From now on revocations
    /// are to be heard of.
    pub async fn warm_cache(self) {
        if let Err(error) = self.read_newest().await {
            tracing::warn!(%error, "credentials could not be read beforehand; each is looked up when it is first used");
        }
    }

    async fn read_newest(&self) -> Result<(), StoreError> {
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

    /// Keeps what was read, unless something was revoked meanwhile: then it is looked up when it is used.
    fn cache_records(&self, lookup: PendingLookup, found: Vec<([u8; 32], impl Into<CredentialRecord>)>) {
        self.known.put(lookup, found.into_iter().map(|(hash, one)| (hash, one.into())));
    }

    /// Something was revoked.
    pub fn forget(&self, revocation: &Revocation) {
        self.known.forget(revocation);
    }

    /// Ends a session in this process, where the store could not end it.
    pub fn end(&self, credential: &PresentedCredential) {
        credential.hashes().for_each(|(_, hash)| self.known.end(hash));
    }

    /// Asks the store, and keeps its answer.
    async fn look_up(
        &self,
        lookup: PendingLookup,
        kind: SecretKind,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Arc<Principal>>, StoreError> {
        if self.known.has_ended(&hash) {
            return Ok(None);
        }
        let Some(found) = self.lookups.find(kind, hash).await? else { return Ok(None) };
        self.known.put(lookup, [(hash, found.clone())]);
        Ok(Some(self.used(&hash, found, now)))
    }

    /// Has the use of a credential noted, if that is due.
    fn used(&self, hash: &[u8; 32], found: CredentialRecord, now: Timestamp) -> Arc<Principal> {
        if self.records.is_touch_due(found.used_at) {
            let used_before = self.known.note(hash, now).or(found.used_at);
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
    /// The id of the user it acts as, if any.
    pub fn user_id(&self) -> Option<UserId> {
        self.user().map(|user| user.id)
    }
}
