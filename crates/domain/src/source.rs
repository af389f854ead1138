//! Names of sources.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::field::{InvalidField, quoted};

/// Name of a source: 1 to 50 characters of `a-z 0-9 _ . -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceName(Box<str>);

impl SourceName {
    /// Maximum length in characters.
    pub(crate) const MAX_CHARS: usize = 50;

    /// Parses a name, converting it to lower case.
    pub fn parse(text: &str) -> Result<Self, InvalidField> {
        let name = text.trim().to_ascii_lowercase();
        if is_word(&name) {
            Ok(Self(name.into()))
        } else {
            Err(InvalidField::new(format!("{} is not a source name; give 1 to 50 of a-z, 0-9, _ . -", quoted(text))))
        }
    }

    /// Returns the name, which is in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether a text has the syntax shared by source names and notification types.
pub(crate) fn is_word(text: &str) -> bool {
    (1..=SourceName::MAX_CHARS).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-'))
}

impl FromStr for SourceName {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        Self::parse(text)
    }
}

impl TryFrom<String> for SourceName {
    type Error = InvalidField;

    fn try_from(text: String) -> Result<Self, InvalidField> {
        Self::parse(&text)
    }
}

impl From<SourceName> for String {
    fn from(name: SourceName) -> Self {
        name.0.into()
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_lower_case_words() {
        assert_eq!(SourceName::parse(" Craigslist ").unwrap().as_str(), "craigslist");
        assert!(SourceName::parse("my.feed_2-b").is_ok());
        for text in ["", " ", "two words", "ä", "a/b", &"x".repeat(51)] {
            assert!(SourceName::parse(text).is_err(), "{text}");
        }
    }
}
