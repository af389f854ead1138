//! Revocation of credentials.

use superbot_domain::{EventKind, LogEvent, SessionId, TokenId, UserId};

use super::Principal;

/// A set of credentials that have become invalid.
pub enum Revocation {
    /// All credentials of a user.
    User(UserId),
    /// All sessions of a user, except possibly one.
    Sessions {
        /// Owner of the sessions.
        user: UserId,
        /// The session that remains valid: the one in which the user changed the password.
        keep: Option<SessionId>,
    },
    /// One session.
    Session(SessionId),
    /// One API token.
    Token(TokenId),
}

impl Revocation {
    /// Reads a control event; `None` if its kind revokes nothing.
    pub fn read(event: &LogEvent) -> Option<Self> {
        #[derive(serde::Deserialize)]
        struct RevocationPayload {
            user_id: Option<UserId>,
            session_id: Option<SessionId>,
            token_id: Option<TokenId>,
            keep: Option<SessionId>,
        }
        // The fields of all control events; each kind has some of them.
        let payload: RevocationPayload = serde_json::from_str(&event.payload).ok()?;
        match event.kind {
            EventKind::UserDisabled => payload.user_id.map(Self::User),
            EventKind::UserSessionsRevoked => payload.user_id.map(|user| Self::Sessions { user, keep: payload.keep }),
            EventKind::SessionRevoked => payload.session_id.map(Self::Session),
            EventKind::TokenRevoked => payload.token_id.map(Self::Token),
            _ => None,
        }
    }

    /// Returns whether the credential of `principal` is revoked.
    pub fn covers(&self, principal: &Principal) -> bool {
        match (self, principal) {
            (Self::User(user), _) => principal.user_id() == Some(*user),
            (Self::Session(gone), Principal::Session { id, .. }) => id == gone,
            (Self::Sessions { user, keep }, Principal::Session { id, .. }) => {
                principal.user_id() == Some(*user) && Some(*id) != *keep
            }
            (Self::Token(gone), Principal::Token { id, .. }) => id == gone,
            _ => false,
        }
    }
}
