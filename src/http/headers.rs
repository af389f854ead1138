//! Headers that tell browsers what an answer may be used for.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

/// What a document may not ask its browser for: it needs none of it.
const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), bluetooth=(), display-capture=()",
);
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Headers of every answer, whichever part of the program makes it.
#[derive(Debug, Clone, Copy)]
pub struct SecurityHeaders {
    /// Whether browsers are to come by https only.
    https_only: bool,
}

impl SecurityHeaders {
    /// The headers of a server that is known under this address, if any.
    pub fn new(public_url: Option<&Url>) -> Self {
        Self { https_only: public_url.is_some_and(|url| url.scheme() == "https") }
    }

    /// Adds them to an answer's own.
    pub fn add_to(self, headers: &mut HeaderMap) {
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if self.https_only {
            // A year. Without its subdomains, which may be others' to decide about.
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
        let is_document =
            headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if is_document {
            headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
            headers.insert(PERMISSIONS_POLICY, PERMISSIONS);
        }
    }
}
