//! The audit log: one line per event that concerns accounts and credentials, with the log target `audit`.
//!
//! `docs/FAIL2BAN.md` relies on the order of the fields: values that an attacker can choose come after the address.

use std::net::IpAddr;

use superbot_domain::{TokenId, TokenScope, is_invisible};

/// A security-relevant event; its name in the log is [`AuditEvent::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditEvent {
    /// Name and password do not match, or the account is disabled.
    SignInFailed,
    /// A session began.
    SignInSucceeded,
    /// A signed-in user entered a wrong password where it is required again.
    PasswordCheckFailed,
    /// An invalid set-up link, invitation or password reset link was used.
    SecretRejected,
    /// The first admin was created.
    SetUp,
    /// An account was created.
    UserCreated,
    /// An account was disabled.
    UserDisabled,
    /// A disabled account was enabled.
    UserEnabled,
    /// An account was removed with all of its data.
    UserRemoved,
    /// A listing was removed.
    ListingRemoved,
    /// A user changed their password.
    PasswordChanged,
    /// A password reset link was created.
    ResetLinkCreated,
    /// A user set a new password through a reset link.
    ResetLinkUsed,
    /// An invitation was created.
    InviteCreated,
    /// An account was created with an invitation.
    InviteUsed,
    /// An unused invitation was revoked.
    InviteRevoked,
    /// An API token was created.
    TokenCreated,
    /// An API token was used for the first time, to the knowledge of this process.
    TokenFirstUsed,
    /// An API token was revoked.
    TokenRevoked,
    /// A session was ended by signing out, or from the list of sessions.
    SessionRevoked,
}

/// One line of the audit log; fields that are `None` are omitted.
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

/// Maximum characters of a field that contains text from outside.
const MAX_CHARS: usize = 100;

impl AuditEvent {
    /// Returns the stable name in the log, which filters rely on.
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

    /// Returns whether the event may be part of an attack: logged as a warning, which every usual log level includes.
    const fn is_failure(self) -> bool {
        matches!(self, Self::SignInFailed | Self::PasswordCheckFailed | Self::SecretRejected)
    }

    /// Starts a line about this event.
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
    /// Sets the address of the client, after resolving trusted proxies.
    pub fn from_address(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// Sets the name of the user concerned.
    pub fn user(self, name: &str) -> Self {
        Self { user: Some(printable(name)), ..self }
    }

    /// Sets who caused it: a user, a token, or a user by means of a token.
    pub fn by(self, (user, token): (Option<&str>, Option<TokenId>)) -> Self {
        Self { actor: user.map(printable), actor_token: token.map(TokenId::get), ..self }
    }

    /// Sets the id of the token, session, invitation, listing, or removed user.
    pub fn id(self, id: i64) -> Self {
        Self { id: Some(id), ..self }
    }

    /// Sets the name of the token.
    pub fn name(self, name: &str) -> Self {
        Self { name: Some(printable(name)), ..self }
    }

    /// Sets the scope of the token.
    pub fn scope(self, scope: TokenScope) -> Self {
        Self { scope: Some(scope), ..self }
    }

    /// Sets the number of revoked tokens.
    pub fn count(self, count: u64) -> Self {
        Self { count: Some(count), ..self }
    }

    /// Writes the line.
    pub fn write(self) {
        // The level of a tracing event has to be constant, hence the macro. The order of the fields is part of the format.
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

/// Makes text from outside safe to log: at most [`MAX_CHARS`] characters, on one line, without control characters and
/// invisible or bidirectional formatting characters.
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
