//! `[sources]`: how pages are asked for.

use std::time::Duration;

use super::problem::ConfigProblem;
use super::section::{ConfigSection, ParseSetting};
use super::web::IpRange;

/// How pages are asked for.
#[derive(Debug, Clone)]
pub struct SourcesConfig {
    /// Where somebody answers for the requests, told to every site that is asked.
    pub contact: Option<ContactAddress>,
    /// The shortest time between two requests to one site.
    pub gap: Duration,
    /// A request that has not ended by then has failed.
    pub request_timeout: Duration,
    /// Private addresses that may be asked all the same.
    pub private_addresses: Vec<IpRange>,
}

/// An address of a page or of mail.
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
    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ParseSetting for ContactAddress {
    const EXPECTED: &'static str =
        "an address of a page or of mail, such as \"https://example.com/bot\" or \"mailto:me@example.com\"";

    fn parse(text: &str) -> Option<Self> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"()".contains(&byte));
        let is_address = ["https://", "http://", "mailto:"].iter().any(|start| text.starts_with(start));
        (is_plain && is_address && text.len() <= 200).then(|| Self(text.to_owned()))
    }
}
