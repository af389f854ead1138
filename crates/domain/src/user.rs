//! Who uses the program, and what they may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::field::{InvalidField, longer_than, quoted};
use crate::ids::UserId;
use crate::time::Timestamp;

/// A user's name, shown as typed and compared without regard to case.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(Box<str>);

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees listings and manages what is theirs.
    User,
    /// Manages users, sources and settings besides.
    Admin,
}

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// The account's number.
    pub id: UserId,
    /// The account's name.
    pub username: Username,
    /// What the person may do.
    pub role: Role,
    /// Whether the account is closed for now.
    pub disabled: bool,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// What an API token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Acts as its owner.
    User,
    /// Publishes listings, notifications, status and messages, and nothing else.
    Publish,
    /// May do everything.
    Admin,
}

impl Username {
    /// Reads a name of 1 to 64 visible characters without a slash.
    pub fn parse(text: &str) -> Result<Self, InvalidField> {
        const MAX_CHARS: usize = 64;
        let name: String = text.trim().nfc().take(MAX_CHARS + 1).collect();
        let refused = |why: &str| {
            Err(InvalidField::new(format!(
                "{} {why}; give 1 to 64 characters, none of them invisible or a slash",
                quoted(text)
            )))
        };
        if name.is_empty() {
            return refused("is empty");
        }
        if longer_than(&name, MAX_CHARS) {
            return refused("is too long");
        }
        // In a path of a URL, clients resolve these two before they send anything.
        if name == "." || name == ".." {
            return refused("cannot be part of a URL");
        }
        if name.contains(|c: char| c == '/' || c.is_control() || is_invisible(c)) {
            return refused("has a character that names cannot have");
        }
        Ok(Self(name.into()))
    }

    /// The name as typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one name have in common.
    pub fn key(&self) -> String {
        // Lower-casing can undo the composed form, so that it has to be made again.
        self.0.to_lowercase().nfc().collect()
    }
}

/// Characters that make two names look alike: zero-width ones and those that turn the writing direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

impl PartialEq for Username {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.key() == other.key()
    }
}

impl Eq for Username {}

impl Role {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}

impl Scope {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Publish => "publish",
            Self::Admin => "admin",
        }
    }
}

macro_rules! text_form {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
text_form!(Username);
text_form!(Role);
text_form!(Scope);

impl FromStr for Role {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        match text {
            "user" => Ok(Self::User),
            "admin" => Ok(Self::Admin),
            _ => Err(InvalidField::new(format!("{} is no role; give user or admin", quoted(text)))),
        }
    }
}

impl FromStr for Scope {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        match text {
            "user" => Ok(Self::User),
            "publish" => Ok(Self::Publish),
            "admin" => Ok(Self::Admin),
            _ => Err(InvalidField::new(format!("{} is no scope; give user, publish or admin", quoted(text)))),
        }
    }
}

impl FromStr for Username {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Username {
    type Error = InvalidField;

    fn try_from(text: String) -> Result<Self, InvalidField> {
        Self::parse(&text)
    }
}

impl From<Username> for String {
    fn from(name: Username) -> Self {
        name.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_shown_as_typed_and_compared_without_case() {
        let name = Username::parse(" Zoë Müller ").unwrap();
        assert_eq!(name.as_str(), "Zoë Müller");
        assert_eq!(name, Username::parse("zoe\u{308} mÜLLER").unwrap());
        assert_ne!(name, Username::parse("zoe müller").unwrap());
    }

    #[test]
    fn names_that_mislead_or_break_urls_are_refused() {
        for text in ["", "  ", ".", "..", "a/b", "a\nb", "a\0", "adm\u{200b}in", "\u{202e}nimda", &"x".repeat(65)] {
            assert!(Username::parse(text).is_err(), "{text:?}");
        }
        assert!(Username::parse(&"é".repeat(64)).is_ok());
    }

    proptest! {
        #[test]
        fn a_parsed_name_parses_to_itself(text in "\\PC{0,70}") {
            if let Ok(name) = Username::parse(&text) {
                let again = Username::parse(name.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), name.as_str());
                prop_assert_eq!(Username(name.key().into()).key(), name.key());
            }
        }
    }
}
