//! `[listings]`: how listings are read.

use super::Problem;
use super::section::{Parse, Section};

/// How listings are read.
#[derive(Debug, Clone)]
pub struct Listings {
    /// The currency of a price that names none: three capital letters.
    pub currency: String,
}

impl Listings {
    pub(super) fn read(section: &Section) -> Result<Self, Problem> {
        let CurrencyCode(currency) = section.text("currency")?;
        Ok(Self { currency })
    }
}

struct CurrencyCode(String);

impl Parse for CurrencyCode {
    const EXPECTED: &'static str = "an ISO 4217 code, such as \"USD\"";

    fn parse(text: &str) -> Option<Self> {
        let code = text.len() == 3 && text.chars().all(|letter| letter.is_ascii_alphabetic());
        code.then(|| Self(text.to_ascii_uppercase()))
    }
}
