//! `[sources]`: how pages are fetched.

use std::time::Duration;

use super::problem::ConfigProblem;
use super::section::{ConfigSection, ParseSetting};
use super::web::IpRange;

/// How pages are fetched.
#[derive(Debug, Clone)]
pub struct SourcesConfig {
    /// Address of the person responsible for the requests, sent to every site in the `User-Agent` header.
    pub contact: Option<ContactAddress>,
    /// Minimum time between two requests to one site.
    pub gap: Duration,
    /// Deadline of a request.
    pub request_timeout: Duration,
    /// Private addresses that sources may connect to; all others are refused, as a protection against SSRF.
    pub private_addresses: Vec<IpRange>,
}

/// A URL of a page or a `mailto:` address.
#[derive(Debug, Clone)]
pub struct ContactAddress(String);

impl SourcesConfig {
    pub(super) fn read(section: &ConfigSection) -> Result<Self, ConfigProblem> {
        let seconds = |key, range| section.duration(key, Duration::from_secs(1), &range);
        Ok(Self {
            contact: section.optional_text("contact")?,
            gap: seconds("seconds_between_requests", 1..=3600)?,
            request_timeout: seconds("request_timeout_seconds", 1..=300)?,
            private_addresses: section.list("private_addresses")?,
        })
    }
}

impl ContactAddress {
    /// Returns the address as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ParseSetting for ContactAddress {
    const EXPECTED: &'static str =
        "an address of a page or of mail, such as \"https://example.com/bot\" or \"mailto:me@example.com\"";

    fn parse(text: &str) -> Option<Self> {
        // It is part of a comment in the User-Agent header, which parentheses would end (RFC 9110, section 5.6.5).
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"()".contains(&byte));
        let is_address = ["https://", "http://", "mailto:"].iter().any(|start| text.starts_with(start));
        (is_plain && is_address && text.len() <= 200).then(|| Self(text.to_owned()))
    }
}
