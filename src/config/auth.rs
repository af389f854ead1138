//! `[auth]`: accounts and sessions.

use std::time::Duration;

use super::problem::ConfigProblem;
use super::section::{ConfigSection, ParseSetting};

const DAY: Duration = Duration::from_hours(24);

/// Accounts and sessions.
#[derive(Debug, Clone)]
pub struct AuthConfig {
    /// Who may create an account.
    pub registration: RegistrationPolicy,
    /// Lifetime of a session, from its sign-in.
    pub session: Duration,
    /// Minimum length of a new password, in characters.
    pub password_min_length: usize,
}

impl AuthConfig {
    pub(super) fn read(section: &ConfigSection) -> Result<Self, ConfigProblem> {
        Ok(Self {
            registration: section.text("registration")?,
            session: section.duration("session_days", DAY, &(1..=3_650))?,
            password_min_length: section.integer("password_min_length", &(1..=128))?,
        })
    }
}

/// Policy for creating accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationPolicy {
    /// Only admins create accounts.
    Closed,
    /// Anybody with an invitation may register.
    Invite,
    /// Anybody may register.
    Open,
}

impl RegistrationPolicy {
    /// Returns the value as written in the settings and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Invite => "invite",
            Self::Open => "open",
        }
    }
}

impl ParseSetting for RegistrationPolicy {
    const EXPECTED: &'static str = "\"closed\", \"invite\" or \"open\"";

    fn parse(text: &str) -> Option<Self> {
        [Self::Closed, Self::Invite, Self::Open].into_iter().find(|known| known.as_str() == text)
    }
}
