//! The canonical form of addresses.

use url::Url;

use super::tracking::{is_of_site, is_session_parameter, tracks_visitors};

/// Version of the rules of the canonical form. Raise it with every change: stores then compute the keys of their listings again.
/// The store has to know the rules of the version before, as it knows the first ones (`first_link.rs`), to find listings until that is done.
pub const LINK_RULES_VERSION: u32 = 2;

/// Labels that hosts have only for a kind of device.
const DEVICE_LABELS: [&str; 3] = ["www.", "m.", "mobile."];
/// Sites whose subdomains all show the same pages: languages, devices, and lite versions.
const ONE_SITE: [&str; 1] = ["facebook.com"];

/// Returns the canonical form of a URL whose scheme is http or https.
pub(super) fn canonical(mut url: Url) -> String {
    // Cannot fail, as both schemes have hosts; it removes a port that is the default one.
    let _ = url.set_scheme("https");
    let host = url.host_str().map(canonical_host).unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = canonical_path(url.path());
    let query = canonical_query(url.query().unwrap_or_default(), &host);
    let fragment = canonical_fragment(url.fragment().unwrap_or_default());
    let mark = if query.is_empty() { "" } else { "?" };
    let user = userinfo(&url);
    format!("https://{user}{host}{port}{path}{mark}{query}{fragment}")
}

/// What stands before the host; hardly any address of an ad has it.
fn userinfo(url: &Url) -> String {
    match (url.username(), url.password()) {
        ("", None) => String::new(),
        (user, None) => format!("{user}@"),
        (user, Some(password)) => format!("{user}:{password}@"),
    }
}

/// Whether a fragment is a part of the address: that of a page which loads its contents by a script.
fn is_address(fragment: &str) -> bool {
    fragment.starts_with(['/', '!'])
}

fn canonical_host(host: &str) -> String {
    let mut host = host.strip_suffix('.').unwrap_or(host);
    while let Some(rest) = DEVICE_LABELS.iter().find_map(|label| host.strip_prefix(label)) {
        // Not the `m.` of a domain such as `m.org`.
        if !rest.contains('.') {
            break;
        }
        host = rest;
    }
    let site = ONE_SITE.into_iter().find(|site| is_of_site(host, site));
    site.unwrap_or(host).to_owned()
}

fn canonical_path(path: &str) -> String {
    // `;jsessionid=...` is how servers of Java write a session into links.
    let parts = path.split('/').map(|part| match part.split_once(';') {
        Some((before, parameter)) if is_session_parameter(parameter) => before,
        _ => part,
    });
    let path = parts.collect::<Vec<_>>().join("/");
    escape_only(path.trim_end_matches('/'), |c| is_unreserved(c) || b"!$&'()*+,:=@".contains(&c), b"/;")
}

fn canonical_query(query: &str, host: &str) -> String {
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    let kept = parameters.filter(|parameter| !tracks_visitors(parameter, host));
    let mut kept: Vec<String> = kept
        .map(|parameter| {
            // In a query both stand for a space.
            let spaced = parameter.replace("%20", "+");
            escape_only(&spaced, |c| is_unreserved(c) || b"!'()*,/:?@$".contains(&c), b"+=;")
        })
        .collect();
    kept.sort_unstable();
    kept.join("&")
}

/// The fragment with its sign, if it is a part of the address.
fn canonical_fragment(fragment: &str) -> String {
    let escaped = escape_only(fragment, |c| is_unreserved(c) || b"!$&'()*+,/:;=?@".contains(&c), b"");
    let fragment = escaped.trim_end_matches('/');
    if is_address(fragment) { format!("#{fragment}") } else { String::new() }
}

/// Characters that never need an escape (RFC 3986, section 2.3).
fn is_unreserved(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b"-._~".contains(&c)
}

/// Writes a text with escapes where they are needed only: bytes that are `plain` have none, all others have one, except that those
/// of `separators` stay as they are, with or without, as they mean something else without it.
fn escape_only(text: &str, plain: impl Fn(u8) -> bool, separators: &[u8]) -> String {
    let bytes = text.as_bytes();
    let mut escaped = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = if byte == b'%' { escaped_byte(bytes.get(at + 1..at + 3)) } else { None };
        let value = code.unwrap_or(byte);
        if plain(value) || (code.is_none() && separators.contains(&value)) {
            escaped.push(char::from(value));
        } else {
            escaped.push('%');
            for digit in [value >> 4, value & 0xf] {
                escaped.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
        at += if code.is_some() { 3 } else { 1 };
    }
    escaped
}

fn escaped_byte(digits: Option<&[u8]>) -> Option<u8> {
    let &[high, low] = digits? else { return None };
    let digit = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// The key under which a store has a listing: the canonical form of an address, and what distinguishes ads of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressKey<'a> {
    /// The canonical form of the address.
    pub address: &'a str,
    /// What [`ListingLink::with_key`](super::ListingLink::with_key) added.
    pub suffix: Option<&'a str>,
}

impl<'a> AddressKey<'a> {
    /// Splits a stored key, by whatever version of the rules it was made.
    pub fn split(key: &'a str) -> Self {
        match key.rsplit_once('#') {
            Some((address, suffix)) if !is_address(suffix) => Self { address, suffix: Some(suffix) },
            _ => Self { address: key, suffix: None },
        }
    }

    /// The key with another address.
    #[must_use]
    pub fn of_address(self, address: &str) -> String {
        self.suffix.map_or_else(|| address.to_owned(), |suffix| format!("{address}#{suffix}"))
    }
}
