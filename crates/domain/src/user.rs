//! Users, roles and scopes.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

use crate::field::{InvalidField, longer_than, quoted};
use crate::ids::UserId;
use crate::time::Timestamp;

/// A user's name, displayed as entered and compared without regard to case.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(Box<str>);

/// Permissions of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumString, strum::IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidField, parse_err_fn = unknown_role)]
pub enum UserRole {
    /// Reads listings and manages its own data.
    User,
    /// Also manages users, sources and settings.
    Admin,
}

/// A user account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// Unique id.
    pub id: UserId,
    /// Unique name.
    pub username: Username,
    /// Permissions.
    pub role: UserRole,
    /// Whether login is disabled.
    pub disabled: bool,
    /// Creation time.
    pub created_at: Timestamp,
}

/// Permitted use of an API token.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidField, parse_err_fn = unknown_scope)]
pub enum TokenScope {
    /// Acts on behalf of its owner.
    User,
    /// Publishes listings, notifications, status and messages only.
    Publish,
    /// Reads `/metrics` only.
    Metrics,
    /// Unrestricted.
    Admin,
}

impl Username {
    /// Parses the name of a new account, which must not be mistaken for another one. Existing accounts may have names
    /// that violate these rules, so [`Self::parse`] does not check them.
    pub fn parse_new(text: &str) -> Result<Self, InvalidField> {
        let name = Self::parse(text)?;
        let refused = |why: &str| Err(InvalidField::new(format!("{} {why}", quoted(text))));
        if name.0.contains(|c: char| is_invisible(c) || (c.is_whitespace() && c != ' ')) {
            return refused("has an invisible character; leave it out");
        }
        // NFKC maps full-width, mathematical and other styled letters, and ligatures, to ordinary ones.
        if !name.0.nfkc().eq(name.0.chars()) {
            return refused("has characters that look like others; use ordinary letters");
        }
        let scripts: BTreeSet<&str> = name.0.chars().filter_map(similar_script).collect();
        if scripts.len() > 1 {
            let scripts = Vec::from_iter(scripts).join(" and ");
            return refused(&format!("mixes {scripts} letters, which look alike; use one alphabet"));
        }
        // A name in a single script may still look like an ASCII name (Unicode Technical Standard #39, section 4).
        let looks_like: String = skeleton(&name.0).collect();
        if looks_like.is_ascii() && !name.0.is_ascii() {
            return refused("consists of letters that look like those of an English name; use ordinary letters");
        }
        Ok(name)
    }

    /// Parses a name of 1 to 64 visible characters without a slash.
    pub fn parse(text: &str) -> Result<Self, InvalidField> {
        const MAX_CHARS: usize = 64;
        // Composed form, so that equal-looking names are equal; `take` bounds the work on long input.
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
        // Clients resolve these two in URL paths before they send a request.
        if name == "." || name == ".." {
            return refused("cannot be part of a URL");
        }
        if name.contains(|c: char| c == '/' || c.is_control() || is_formatting(c)) {
            return refused("has a character that names cannot have");
        }
        Ok(Self(name.into()))
    }

    /// Returns the name as entered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the key under which names are compared.
    pub fn key(&self) -> String {
        // Lower-casing can undo composition, so NFC is applied again.
        self.0.to_lowercase().nfc().collect()
    }
}

/// Returns whether a character is zero-width or changes the writing direction.
fn is_formatting(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns whether a character is invisible: Unicode's `Default_Ignorable_Code_Point`, and blank letters.
pub fn is_invisible(c: char) -> bool {
    is_formatting(c)
        || matches!(c, '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0080}'..='\u{e0fff}')
}

/// Returns the script of a letter, if it is one of those with letters that look alike.
fn similar_script(c: char) -> Option<&'static str> {
    match c {
        'A'..='Z'
        | 'a'..='z'
        | '\u{c0}'..='\u{2af}'
        | '\u{1e00}'..='\u{1eff}'
        | '\u{2c60}'..='\u{2c7f}'
        | '\u{a722}'..='\u{a7ff}'
        | '\u{ab30}'..='\u{ab6f}' => Some("Latin"),
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some("Greek"),
        '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{2de0}'..='\u{2dff}' | '\u{a640}'..='\u{a69f}' => {
            Some("Cyrillic")
        }
        '\u{531}'..='\u{58f}' => Some("Armenian"),
        '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Some("Cherokee"),
        '\u{2c80}'..='\u{2cff}' => Some("Coptic"),
        _ => None,
    }
}

impl PartialEq for Username {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.key() == other.key()
    }
}

impl Eq for Username {}

impl UserRole {
    /// Returns the name used in the store and in the API.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl TokenScope {
    /// Names of all scopes.
    pub const NAMES: &[&str] = <Self as strum::VariantNames>::VARIANTS;

    /// Returns the name used in the store and in the API.
    pub fn as_str(self) -> &'static str {
        self.into()
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
text_form!(UserRole);
text_form!(TokenScope);

fn unknown_role(text: &str) -> InvalidField {
    InvalidField::new(format!("{} is not a role; give user or admin", quoted(text)))
}

fn unknown_scope(text: &str) -> InvalidField {
    InvalidField::new(format!("{} is not a scope; give one of {}", quoted(text), TokenScope::NAMES.join(", ")))
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

    #[test]
    fn a_new_name_cannot_pass_for_another_one() {
        for text in [
            "admin\u{3164}",
            "admin\u{2800}",
            "ad\u{115f}min",
            "admin\u{fe0f}",
            "ad\u{a0}min",
            "ad\u{2003}min",
            "\u{430}dmin",
            "adm\u{456}n",
            "\u{3b1}dmin",
            "ADM\u{399}N",
            "\u{ff41}dmin",
            "\u{1d41a}dmin",
            "\u{fb01}ve",
            "\u{251}dmin",
            "adm\u{131}n",
            "\u{441}\u{430}\u{440}",
        ] {
            assert!(Username::parse(text).is_ok(), "an account of that name can still sign in: {text:?}");
            assert!(Username::parse_new(text).is_err(), "{text:?}");
        }
        for text in
            ["ann", "Zoë Müller", "Иван Петров", "Ελένη", "猫 cat", "अनीता", "ann-2_b.c@example.com", "O'Neil", "Işık"]
        {
            assert_eq!(Username::parse_new(text).unwrap().as_str(), text);
        }
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
