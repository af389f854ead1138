//! Asks for pages: one request at a time, bounded in bytes and in time, and nowhere that is private.

use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderValue};
use superbot_domain::Timestamp;
use url::Url;

use crate::address::{Private, Reach};
use crate::decode::MAX_PAGE_BYTES;

/// How this program calls itself in robots.txt.
pub(crate) const PRODUCT: &str = "Super-Bot";

/// Asks for pages.
#[derive(Clone, Debug)]
pub struct Fetcher {
    client: reqwest::Client,
    reach: Reach,
    timeout: Duration,
}

/// How pages are asked for.
#[derive(Clone, Debug)]
pub struct FetchOptions {
    /// The operator's contact, sent to every site: the address of a page or of mail.
    pub contact: Option<String>,
    /// A request that has not ended by then has failed.
    pub timeout: Duration,
    /// Which addresses may be asked.
    pub reach: Reach,
}

/// What a page had to say of its version, so that it need not be sent again while it is the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) validators: Validators,
    /// When to come back, where the answer says.
    pub(crate) retry_after: Option<Duration>,
    /// Where to ask instead, of a redirect.
    pub(crate) location: Option<Url>,
    pub(crate) content_type: Option<String>,
    /// In the encoding that it came in.
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error(transparent)]
    Private(#[from] Private),
    #[error("no whole answer within {0:?}")]
    Timeout(Duration),
    #[error("the answer has more than {0} bytes, unpacked")]
    TooLarge(usize),
    #[error("{0}")]
    Broken(String),
}

impl Fetcher {
    /// A fetcher with a pool of connections of its own.
    ///
    /// # Errors
    /// When the contact cannot stand in a header, or TLS cannot be set up.
    pub fn new(options: FetchOptions) -> Result<Self, reqwest::Error> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let version = env!("CARGO_PKG_VERSION");
        let agent = match &options.contact {
            Some(contact) => format!("{PRODUCT}/{version} (+{contact})"),
            None => format!("{PRODUCT}/{version}"),
        };
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ACCEPT,
            HeaderValue::from_static(
                "text/html,application/xhtml+xml,application/json,application/xml;q=0.9,*/*;q=0.8",
            ),
        );
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("en-US,en;q=0.8"));
        let client = reqwest::Client::builder()
            .user_agent(agent)
            .default_headers(headers)
            // Redirects are followed step by step by those who know which hosts belong together.
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would resolve names in our place, and not refuse the private ones.
            .no_proxy()
            .connect_timeout(options.timeout)
            .pool_max_idle_per_host(1)
            .dns_resolver(options.reach.clone())
            .build()?;
        Ok(Self { client, reach: options.reach, timeout: options.timeout })
    }

    /// Asks for a page once; `known` is what was said of the version that was read before.
    pub(crate) async fn get(&self, url: &Url, known: &Validators, now: Timestamp) -> Result<Answer, FetchError> {
        self.reach.check(url)?;
        let asking = self.ask(url, known, now);
        tokio::time::timeout(self.timeout, asking).await.unwrap_or(Err(FetchError::Timeout(self.timeout)))
    }

    async fn ask(&self, url: &Url, known: &Validators, now: Timestamp) -> Result<Answer, FetchError> {
        let mut request = self.client.get(url.clone());
        for (name, value) in [(header::IF_NONE_MATCH, &known.etag), (header::IF_MODIFIED_SINCE, &known.last_modified)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let mut response = request.send().await.map_err(broken)?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let retry_after = header(header::RETRY_AFTER).and_then(|text| wait(text, now));
        let location = header(header::LOCATION).and_then(|text| url.join(text).ok());
        let content_type = header(header::CONTENT_TYPE).map(str::to_owned);
        let owned = |name| response.headers().get(name).cloned();
        let validators = Validators { etag: owned(header::ETAG), last_modified: owned(header::LAST_MODIFIED) };
        let status = response.status().as_u16();
        let mut body = Vec::new();
        // Counted as they are unpacked: a small answer may be a very large page.
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > MAX_PAGE_BYTES {
                return Err(FetchError::TooLarge(MAX_PAGE_BYTES));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, validators, retry_after, location, content_type, body })
    }
}

impl Validators {
    /// Whether there is anything to ask with.
    pub(crate) fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// The innermost reason: the outer ones only say that a request failed.
fn broken(error: reqwest::Error) -> FetchError {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    FetchError::Broken(cause.to_string())
}

/// `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_in_seconds_or_until_a_date() {
        let now = "2026-10-09T08:00:00Z".parse().unwrap();
        assert_eq!(wait("120", now), Some(Duration::from_mins(2)));
        assert_eq!(wait("Fri, 09 Oct 2026 08:01:30 GMT", now), Some(Duration::from_secs(90)));
        assert_eq!(wait("Fri, 09 Oct 2026 07:00:00 GMT", now), Some(Duration::ZERO), "it is over");
        assert_eq!(wait("soon", now), None);
        assert_eq!(wait("-5", now), None);
    }
}
