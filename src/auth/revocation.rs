//! Credentials that were taken away.

use superbot_domain::{EventKind, LogEvent, SessionId, TokenId, UserId};

use super::Principal;

/// Credentials that were taken away.
pub enum Revocation {
    /// All of a user's.
    User(UserId),
    /// All sessions of a user, save perhaps one.
    Sessions {
        /// Whose they are.
        user: UserId,
        /// The one that goes on.
        keep: Option<SessionId>,
    },
    /// One session.
    Session(SessionId),
    /// One API token.
    Token(TokenId),
}

impl Revocation {
    /// What a control event takes away; `None` for those that take nothing.
    pub fn read(event: &LogEvent) -> Option<Self> {
        #[derive(serde::Deserialize)]
        struct RevocationPayload {
            user_id: Option<UserId>,
            session_id: Option<SessionId>,
            token_id: Option<TokenId>,
            keep: Option<SessionId>,
        }
        let payload: RevocationPayload = serde_json::from_str(&event.payload).ok()?;
        match event.kind {
            EventKind::UserDisabled => payload.user_id.map(Self::User),
            EventKind::UserSessionsRevoked => payload.user_id.map(|user| Self::Sessions { user, keep: payload.keep }),
            EventKind::SessionRevoked => payload.session_id.map(Self::Session),
            EventKind::TokenRevoked => payload.token_id.map(Self::Token),
            _ => None,
        }
    }

    /// Whether a credential is among them.
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
