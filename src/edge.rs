//! Interpretation of a request's origin behind proxies: client address, scheme, and the page that sent it.

use std::net::{IpAddr, SocketAddr};

use http::request::Parts;
use http::{HeaderMap, Method, header};
use url::{Host, Url};

use crate::config::IpRange;
use crate::problem::Problem;
use crate::refusal::RefusalReason;

pub use crate::client_network::ClientNetwork;

/// The socket address of the TCP peer, added to each request by the accept loop.
#[derive(Debug, Clone, Copy)]
pub struct PeerAddress(pub SocketAddr);

/// Rules for proxies and origins, from `web.public_url` and `web.trusted_proxies`.
pub struct ProxyPolicy {
    public_url: Option<Url>,
    trusted_proxies: Vec<IpRange>,
}

impl ProxyPolicy {
    /// Creates the rules for a server that clients reach at `public_url` through `trusted_proxies`.
    pub fn new(public_url: Option<Url>, trusted_proxies: Vec<IpRange>) -> Self {
        Self { public_url, trusted_proxies }
    }

    /// Returns the client's address behind trusted proxies; `None` if the proxy's entry in X-Forwarded-For is not an address.
    /// Such a client must not be taken for the proxy.
    pub fn client_address(&self, parts: &Parts) -> Option<IpAddr> {
        let peer = parts.extensions.get::<PeerAddress>()?.0.ip().to_canonical();
        if !self.trusts(peer) {
            return Some(peer);
        }
        // Read from the end, and as bytes: everything left of the first untrusted address was sent by the client, which must
        // not be able to make the rest unreadable, for example with invalid UTF-8.
        let values = parts.headers.get_all("x-forwarded-for").iter().rev();
        let hops = values.flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b','));
        let mut client = peer;
        for (position, hop) in hops.map(<[u8]>::trim_ascii).filter(|hop| !hop.is_empty()).enumerate() {
            match parse_hop(hop) {
                Some(address) => client = address,
                None if position == 0 => return None,
                None => break,
            }
            if !self.trusts(client) {
                break;
            }
        }
        Some(client)
    }

    /// Returns whether a peer is listed in `web.trusted_proxies`.
    pub fn is_trusted_proxy(&self, peer: IpAddr) -> bool {
        self.trusts(peer.to_canonical())
    }

    /// Returns whether the browser used HTTPS, so that cookies have to be marked `Secure`.
    pub fn is_https(&self, parts: &Parts) -> bool {
        if let Some(url) = &self.public_url {
            return url.scheme() == "https";
        }
        let proxied = parts.extensions.get::<PeerAddress>().is_some_and(|peer| self.trusts(peer.0.ip().to_canonical()));
        proxied && text(&parts.headers, "x-forwarded-proto").is_some_and(|proto| proto == "https")
    }

    /// Rejects cross-site requests that change something (CSRF), by Sec-Fetch-Site or Origin, and bodies of a type that pages
    /// of other sites can send without a preflight. Programs send neither header, and no cookie unintentionally.
    ///
    /// # Errors
    /// 403 `forbidden` or 415 `unsupported_media_type`.
    pub fn refuse_forgery(&self, parts: &Parts) -> Result<(), Problem> {
        if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return Ok(());
        }
        let headers = &parts.headers;
        // Sec-Fetch-Site is set by the browser and cannot be changed by pages; older browsers send Origin only.
        let is_own = match headers.get("sec-fetch-site") {
            Some(_) => all(headers, "sec-fetch-site", |site| matches!(site, "same-origin" | "none")),
            None => {
                all(headers, header::ORIGIN.as_str(), |origin| self.is_own_origin(origin, headers, self.scheme(parts)))
            }
        };
        if !is_own {
            return Err(forged());
        }
        if is_sent_without_asking(headers) { Err(not_json()) } else { Ok(()) }
    }

    /// Returns whether a request was sent by a page of this server, or not by a page.
    pub fn is_same_origin(&self, headers: &HeaderMap) -> bool {
        all(headers, header::ORIGIN.as_str(), |origin| self.is_own_origin(origin, headers, None))
    }

    /// Returns whether `origin` is the origin this request was sent to. If `scheme` is `None`, an unlisted proxy may have
    /// terminated TLS, so either scheme is accepted.
    fn is_own_origin(&self, origin: &str, headers: &HeaderMap, scheme: Option<&str>) -> bool {
        let Ok(url) = Url::parse(origin) else {
            return false;
        };
        // Browsers serialize an origin in exactly one way (RFC 6454, section 6.2); other forms, as with user information, are
        // not from browsers.
        if url.origin().ascii_serialization() != origin {
            return false;
        }
        if let Some(public) = &self.public_url
            && public.origin() == url.origin()
        {
            return true;
        }
        let Some(sent_to) = text(headers, header::HOST.as_str()).filter(|_| url.has_host()) else { return false };
        let authority = authority_of(&url);
        // At the public host only the public scheme is ours: a page of the other one may come from a network attacker.
        let is_public_host = self.public_url.as_ref().is_some_and(|public| authority_of(public) == authority);
        sent_to.eq_ignore_ascii_case(&authority)
            && !is_public_host
            && scheme.is_none_or(|scheme| scheme == url.scheme())
    }

    /// Returns the scheme used by the browser, if a trusted proxy states it.
    fn scheme<'p>(&self, parts: &'p Parts) -> Option<&'p str> {
        let peer = parts.extensions.get::<PeerAddress>()?.0.ip().to_canonical();
        text(&parts.headers, "x-forwarded-proto").filter(|_| self.trusts(peer))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|range| range.contains(address))
    }
}

/// Returns whether a request was made on this machine. A loopback peer does not suffice: forwarded requests, and those with
/// another Host header, are excluded. The latter come from pages that use DNS rebinding, and through tunnels or proxies that
/// add no header.
pub fn is_local(parts: &Parts) -> bool {
    let is_loopback =
        parts.extensions.get::<PeerAddress>().is_some_and(|peer| peer.0.ip().to_canonical().is_loopback());
    let is_forwarded = parts.headers.keys().any(|name| {
        let name = name.as_str();
        name.starts_with("x-forwarded-") || FORWARDING_HEADERS.contains(&name)
    });
    is_loopback && !is_forwarded && text(&parts.headers, header::HOST.as_str()).is_some_and(is_loopback_host)
}

/// Headers besides `X-Forwarded-*` by which proxies and tunnels pass on the client's address.
const FORWARDING_HEADERS: [&str; 10] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-forwarded-for",
    "true-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
    "fly-client-ip",
];

/// Returns whether a `Host` header contains a loopback address or `localhost`.
fn is_loopback_host(host: &str) -> bool {
    let Ok(url) = Url::parse(&format!("http://{host}/")) else { return false };
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Parses an entry of `X-Forwarded-For`; some proxies add the port.
fn parse_hop(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?;
    let address = hop.parse::<IpAddr>().or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip()));
    Some(address.ok()?.to_canonical())
}

fn forged() -> Problem {
    let detail = "the request was made by a page of another site; sign in there is not taken for sign in here";
    Problem::forbidden(detail).counted_as(RefusalReason::Origin)
}

fn not_json() -> Problem {
    Problem::unsupported_media_type(
        "a body that comes with a session cookie or begins a session must have a type that pages of other sites cannot send; \
         send `Content-Type: application/json`",
    )
}

/// Returns whether every header of that name satisfies `fits`, also if there is none; non-ASCII values never do.
fn all(headers: &HeaderMap, name: &str, fits: impl Fn(&str) -> bool) -> bool {
    headers.get_all(name).iter().all(|value| value.to_str().is_ok_and(&fits))
}

/// Returns whether browsers send the body cross-site without a preflight (Fetch Standard, CORS-safelisted request-header): a
/// form, text, or bytes without a type.
fn is_sent_without_asking(headers: &HeaderMap) -> bool {
    let has_body = headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    if !has_body {
        return false;
    }
    // A Blob without a type is sent without this header.
    let Some(content_type) = text(headers, header::CONTENT_TYPE.as_str()) else { return true };
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(essence.as_str(), "" | "application/x-www-form-urlencoded" | "multipart/form-data" | "text/plain")
}

/// Returns the host of a URL, with its port unless that is the scheme's default.
fn authority_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn parts(peer: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::post("/api/x").header("host", "bot.example:5000");
        for (name, value) in headers {
            request = request.header(*name, value.as_bytes());
        }
        let mut parts = request.body(()).unwrap().into_parts().0;
        parts.extensions.insert(PeerAddress(peer.parse().unwrap()));
        parts
    }

    fn edge(proxies: &[&str]) -> ProxyPolicy {
        ProxyPolicy::new(None, proxies.iter().map(|range| range.parse().unwrap()).collect())
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
        let spoofed = [("x-forwarded-for", "6.6.6.6, 9.9.9.9")];
        let direct = edge(&[]).client_address(&parts("9.9.9.9:1", &spoofed)).unwrap();
        assert_eq!(direct.to_string(), "9.9.9.9");
        let proxied = edge(&["10.0.0.0/8"]).client_address(&parts("10.1.1.1:1", &spoofed)).unwrap();
        assert_eq!(proxied.to_string(), "9.9.9.9");
    }

    #[test]
    fn what_a_client_writes_does_not_hide_its_address() {
        let edge = edge(&["10.0.0.0/8"]);
        let client = |values: &[&[u8]]| {
            let mut parts = parts("10.1.1.1:1", &[]);
            for value in values {
                parts.headers.append("x-forwarded-for", http::HeaderValue::from_bytes(value).unwrap());
            }
            edge.client_address(&parts).map(|address| address.to_string())
        };
        let nine = Some("9.9.9.9".to_owned());
        for before in [&b"\xff"[..], b"\x80\xe4", b"x", b",,", b"6.6.6.6", b"\t"] {
            assert_eq!(client(&[&[before, b", 9.9.9.9"].concat()]), nine, "{before:?}");
            assert_eq!(client(&[before, b"9.9.9.9"]), nine, "{before:?}");
            assert_eq!(client(&[&[before, b", 9.9.9.9, 10.2.2.2"].concat()]), nine, "{before:?}");
        }
        assert_eq!(client(&[b"9.9.9.9:4711"]), nine);
        assert_eq!(client(&[b"[2001:db8::1]:4711"]), Some("2001:db8::1".to_owned()));
        assert_eq!(client(&[b"9.9.9.9, "]), nine, "an empty element is none");
        assert_eq!(client(&[b"\xff, 10.2.2.2"]), Some("10.2.2.2".to_owned()), "the last that a proxy wrote");
        for last in [&b"unix:"[..], b"unknown", b"9.9.9.9, \xff"] {
            assert_eq!(client(&[last]), None, "{last:?}");
        }
        assert_eq!(client(&[]), Some("10.1.1.1".to_owned()), "the proxy itself");
    }

    #[test]
    fn only_requests_made_on_this_machine_are_local() {
        let is_local = |peer: &str, host: Option<&str>, header: Option<&str>| {
            let mut parts = parts(peer, &[]);
            parts.headers.remove("host");
            parts.headers.extend(host.map(|host| (header::HOST, host.parse().unwrap())));
            let name = header.map(|name| http::HeaderName::from_bytes(name.as_bytes()).unwrap());
            parts.headers.extend(name.map(|name| (name, "127.0.0.1".parse().unwrap())));
            is_local(&parts)
        };
        for host in ["127.0.0.1", "127.0.0.1:5000", "localhost:5000", "LocalHost", "[::1]:5000"] {
            assert!(is_local("127.0.0.1:9", Some(host), None), "{host}");
            assert!(is_local("[::ffff:127.0.0.1]:9", Some(host), None), "{host}");
        }
        // Through a tunnel that adds no header, external requests have a loopback peer and the public name.
        for host in [
            Some("bot.example"),
            Some("evil.example"),
            Some("127.0.0.1.evil.example"),
            Some("10.0.0.1"),
            Some("a b"),
            None,
        ] {
            assert!(!is_local("127.0.0.1:9", host, None), "{host:?}");
        }
        assert!(!is_local("10.0.0.1:9", Some("localhost"), None));
        for header in ["x-forwarded-for", "x-forwarded-host", "x-forwarded-anything"].iter().chain(&FORWARDING_HEADERS)
        {
            assert!(!is_local("127.0.0.1:9", Some("localhost"), Some(header)), "{header}");
        }
    }

    #[test]
    fn pages_of_other_sites_may_not_change_anything() {
        let edge = edge(&[]);
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "s\u{e4}me-origin")],
            &[("origin", "http://evil.example")],
            &[("origin", "http://bot.example:5001")],
            &[("origin", "http://evil@bot.example:5000")],
            &[("origin", "http://bot.example:5000/")],
            &[("origin", "http://bot.example:5000#x")],
            &[("origin", "HTTP://bot.example:5000")],
            &[("origin", "http://b\u{f6}t.example:5000")],
            &[("origin", "http://bot.example:5000"), ("origin", "http://evil.example")],
            &[("origin", "")],
            &[("origin", "null")],
        ] {
            assert!(edge.refuse_forgery(&parts("1.1.1.1:1", headers)).is_err(), "{headers:?}");
        }
        for headers in [
            &[][..],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            &[("origin", "http://bot.example:5000")],
            // An unlisted proxy may have terminated TLS.
            &[("origin", "https://bot.example:5000")],
        ] {
            assert!(edge.refuse_forgery(&parts("1.1.1.1:1", headers)).is_ok(), "{headers:?}");
        }
    }

    #[test]
    fn a_page_of_the_other_scheme_is_foreign_where_the_scheme_is_known() {
        let refused =
            |edge: &ProxyPolicy, headers: &[(&str, &str)]| edge.refuse_forgery(&parts("10.1.1.1:1", headers)).is_err();
        let public = ProxyPolicy::new(Some("https://bot.example:5000".parse().unwrap()), Vec::new());
        assert!(!refused(&public, &[("origin", "https://bot.example:5000")]));
        assert!(refused(&public, &[("origin", "http://bot.example:5000")]));
        let proxied = edge(&["10.0.0.0/8"]);
        let from = |scheme, origin| [("x-forwarded-proto", scheme), ("origin", origin)];
        assert!(!refused(&proxied, &from("https", "https://bot.example:5000")));
        assert!(refused(&proxied, &from("https", "http://bot.example:5000")));
        assert!(refused(&proxied, &from("http", "https://bot.example:5000")));
    }

    #[test]
    fn a_body_must_have_a_type_that_pages_of_other_sites_cannot_send() {
        let check = |headers: &[(&str, &str)]| edge(&[]).refuse_forgery(&parts("1.1.1.1:1", headers));
        for content_type in [
            "text/plain",
            "TEXT/PLAIN;charset=UTF-8",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=application/json",
            "text/plain; application/json",
            "",
        ] {
            let problem = check(&[("content-length", "2"), ("content-type", content_type)]).unwrap_err();
            assert_eq!(problem.code, "unsupported_media_type", "{content_type}");
        }
        assert!(check(&[("content-length", "2")]).is_err(), "a Blob without a type");
        assert!(check(&[("transfer-encoding", "chunked")]).is_err());
        assert!(check(&[("content-length", "0")]).is_ok(), "there is nothing to be read");
        for content_type in
            ["application/json", "application/json; charset=utf-8", "application/merge-patch+json", "text/html"]
        {
            check(&[("content-length", "2"), ("content-type", content_type)]).unwrap();
        }
    }
}
