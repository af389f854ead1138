//! Security headers of every response.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

/// Browser features that documents are denied, because they need none of them.
const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), bluetooth=(), display-capture=()",
);
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Security headers, added to every response regardless of which part of the program created it.
#[derive(Debug, Clone, Copy)]
pub struct SecurityHeaders {
    /// Whether browsers must use HTTPS only (HSTS, RFC 6797).
    https_only: bool,
}

impl SecurityHeaders {
    /// Returns the headers of a server with this public URL.
    pub fn new(public_url: Option<&Url>) -> Self {
        Self { https_only: public_url.is_some_and(|url| url.scheme() == "https") }
    }

    /// Adds the headers to those of a response.
    pub fn add_to(self, headers: &mut HeaderMap) {
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if self.https_only {
            // One year. Subdomains are not included, because they may belong to other services.
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
