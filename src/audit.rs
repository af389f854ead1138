//! The audit log: one line for each event that concerns accounts and credentials, with the target `audit`.
//!
//! `docs/FAIL2BAN.md` relies on the order of the fields: what a stranger chose comes after the address.

use std::net::IpAddr;

use superbot_domain::{TokenId, TokenScope, is_invisible};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditEvent {
    /// Name and password do not match, or the account is disabled.
    SignInFailed,
    /// A session began.
    SignInSucceeded,
    /// A signed-in user gave a wrong password where it is asked for once more.
    PasswordCheckFailed,
    /// A set-up link, invitation or password reset link that is not valid was tried.
    SecretRejected,
    /// The first admin was made.
    SetUp,
    /// An account was made.
    UserCreated,
    /// An account was closed.
    UserDisabled,
    /// An account was opened again.
    UserEnabled,
    /// An account was removed with everything that is its user's.
    UserRemoved,
    /// A listing was removed.
    ListingRemoved,
    /// A user changed the password.
    PasswordChanged,
    /// A password reset link was made.
    ResetLinkCreated,
    /// A user chose a new password with a link.
    ResetLinkUsed,
    /// An invitation was made.
    InviteCreated,
    /// An account was made with an invitation.
    InviteUsed,
    /// An invitation was withdrawn.
    InviteRevoked,
    /// An API token was made.
    TokenCreated,
    /// An API token was used for the first time, as far as this process knows.
    TokenFirstUsed,
    /// An API token was revoked.
    TokenRevoked,
    /// A session was ended: by signing out, or from the list of sessions.
    SessionRevoked,
}

/// One line of the audit log. What does not apply is left out.
#[derive(Debug, Clone)]
#[must_use = "a line is written by `write`"]
pub struct AuditLine {
    event: AuditEvent,
    address: Option<IpAddr>,
    user: Option<String>,
    actor: Option<String>,
    actor_token: Option<i64>,
    id: Option<i64>,
    name: Option<String>,
    scope: Option<TokenScope>,
    count: Option<u64>,
}

/// Text from outside is cut to this many characters.
const MAX_CHARS: usize = 100;

impl AuditEvent {
    /// Its name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignInFailed => "sign_in_failed",
            Self::SignInSucceeded => "sign_in_succeeded",
            Self::PasswordCheckFailed => "password_check_failed",
            Self::SecretRejected => "secret_rejected",
            Self::SetUp => "set_up",
            Self::UserCreated => "user_created",
            Self::UserDisabled => "user_disabled",
            Self::UserEnabled => "user_enabled",
            Self::UserRemoved => "user_removed",
            Self::ListingRemoved => "listing_removed",
            Self::PasswordChanged => "password_changed",
            Self::ResetLinkCreated => "reset_link_created",
            Self::ResetLinkUsed => "reset_link_used",
            Self::InviteCreated => "invite_created",
            Self::InviteUsed => "invite_used",
            Self::InviteRevoked => "invite_revoked",
            Self::TokenCreated => "token_created",
            Self::TokenFirstUsed => "token_first_used",
            Self::TokenRevoked => "token_revoked",
            Self::SessionRevoked => "session_revoked",
        }
    }

    /// Whether it is logged as a warning: what an attack consists of, so that it is there at every usual level.
    const fn is_failure(self) -> bool {
        matches!(self, Self::SignInFailed | Self::PasswordCheckFailed | Self::SecretRejected)
    }

    /// A line about it.
    pub const fn line(self) -> AuditLine {
        AuditLine {
            event: self,
            address: None,
            user: None,
            actor: None,
            actor_token: None,
            id: None,
            name: None,
            scope: None,
            count: None,
        }
    }
}

impl AuditLine {
    /// Whose request it was.
    pub fn from_address(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// The user it is about.
    pub fn user(self, name: &str) -> Self {
        Self { user: Some(printable(name)), ..self }
    }

    /// Who did it: a user, a token, or a user with a token.
    pub fn by(self, (user, token): (Option<&str>, Option<TokenId>)) -> Self {
        Self { actor: user.map(printable), actor_token: token.map(TokenId::get), ..self }
    }

    /// The number of the token, session, invitation or listing, or of the removed user.
    pub fn id(self, id: i64) -> Self {
        Self { id: Some(id), ..self }
    }

    /// What the token is called.
    pub fn name(self, name: &str) -> Self {
        Self { name: Some(printable(name)), ..self }
    }

    /// What the token may do.
    pub fn scope(self, scope: TokenScope) -> Self {
        Self { scope: Some(scope), ..self }
    }

    /// How many tokens were revoked.
    pub fn count(self, count: u64) -> Self {
        Self { count: Some(count), ..self }
    }

    /// Writes it to the log.
    pub fn write(self) {
        macro_rules! write_as {
            ($level:ident) => {
                tracing::$level!(
                    target: "audit",
                    event = self.event.name(),
                    address = self.address.map(tracing::field::display),
                    user = self.user,
                    actor = self.actor,
                    actor_token = self.actor_token,
                    id = self.id,
                    name = self.name,
                    scope = self.scope.map(TokenScope::as_str),
                    count = self.count,
                )
            };
        }
        if self.event.is_failure() { write_as!(warn) } else { write_as!(info) }
    }
}

/// Text from outside as it may stand in a log: bounded, on one line, and without what moves a terminal's cursor, hides
/// characters or turns the writing direction.
pub fn printable(text: &str) -> String {
    let shown = |c: char| if c.is_control() || is_invisible(c) { char::REPLACEMENT_CHARACTER } else { c };
    let mut chars = text.chars();
    let mut shown: String = chars.by_ref().take(MAX_CHARS).map(shown).collect();
    if chars.next().is_some() {
        shown.push('\u{2026}');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_stays_on_its_line_and_is_bounded() {
        assert_eq!(printable("Zoë \"Müller\" \\ 猫"), "Zoë \"Müller\" \\ 猫");
        for text in ["a\nb", "a\rb", "a\u{1b}b", "a\u{202e}b", "a\u{200b}b", "a\0b", "a\u{2028}b", "a\u{85}b"] {
            assert_eq!(printable(text), "a\u{fffd}b", "{text:?}");
        }
        assert_eq!(printable(&"x".repeat(1_000_000)).chars().count(), MAX_CHARS + 1);
    }
}
