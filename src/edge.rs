//! What the outside of a request says: whose address, over which scheme, from which page.

use std::net::{IpAddr, SocketAddr};

use http::request::Parts;
use http::{HeaderMap, Method, header};
use url::Url;

use crate::config::IpRange;
use crate::problem::Problem;

/// The peer's socket address, put into each request by the accept loop.
#[derive(Debug, Clone, Copy)]
pub struct PeerAddress(pub SocketAddr);

/// What decides how the outside of a request is read: `web.public_url`, `web.trusted_proxies`.
pub struct Edge {
    public_url: Option<Url>,
    trusted_proxies: Vec<IpRange>,
}

impl Edge {
    /// An edge behind these proxies, known to the world under `public_url`.
    pub fn new(public_url: Option<Url>, trusted_proxies: Vec<IpRange>) -> Self {
        Self { public_url, trusted_proxies }
    }

    /// The address of the client, past the proxies that are trusted.
    pub fn client_address(&self, parts: &Parts) -> Option<IpAddr> {
        let peer = parts.extensions.get::<PeerAddress>()?.0.ip().to_canonical();
        if !self.trusts(peer) {
            return Some(peer);
        }
        // The header is read from its end: what stands left of the first address that is no
        // proxy of ours was written by whoever sent the request.
        let forwarded = parts.headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok());
        let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        let mut client = peer;
        for hop in hops.into_iter().rev() {
            match hop.parse::<IpAddr>() {
                Ok(address) => client = address.to_canonical(),
                Err(_) => break,
            }
            if !self.trusts(client) {
                break;
            }
        }
        Some(client)
    }

    /// Whether whoever asks is on this machine. What a proxy hands on that we were told nothing of is not: it names somebody,
    /// and nobody vouches for it.
    pub fn is_local(&self, parts: &Parts) -> bool {
        let peer = parts.extensions.get::<PeerAddress>().map(|peer| peer.0.ip().to_canonical());
        let is_trusted = peer.is_some_and(|peer| self.trusts(peer));
        let is_handed_on =
            ["x-forwarded-for", "forwarded", "x-real-ip"].iter().any(|name| parts.headers.contains_key(*name));
        (is_trusted || !is_handed_on) && self.client_address(parts).is_some_and(|address| address.is_loopback())
    }

    /// Whether the browser reached us over https, so that cookies are marked `Secure`.
    pub fn is_https(&self, parts: &Parts) -> bool {
        if let Some(url) = &self.public_url {
            return url.scheme() == "https";
        }
        let proxied = parts.extensions.get::<PeerAddress>().is_some_and(|peer| self.trusts(peer.0.ip().to_canonical()));
        proxied && text(&parts.headers, "x-forwarded-proto").is_some_and(|proto| proto == "https")
    }

    /// Refuses a request that changes something, is authenticated by a cookie, and was made by
    /// a page of another site. Programs send neither header, and no cookie by accident.
    ///
    /// # Errors
    /// 403 `forbidden`.
    pub fn refuse_forgery(&self, parts: &Parts) -> Result<(), Problem> {
        if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return Ok(());
        }
        match text(&parts.headers, "sec-fetch-site") {
            Some("same-origin" | "none") => return Ok(()),
            Some(_) => return Err(forged()),
            None => {}
        }
        match text(&parts.headers, header::ORIGIN.as_str()) {
            None => Ok(()),
            Some(origin) if self.is_own_origin(origin, &parts.headers) => Ok(()),
            Some(_) => Err(forged()),
        }
    }

    /// Whether a request was made by a page of ours, or by no page at all.
    pub fn is_same_origin(&self, headers: &HeaderMap) -> bool {
        text(headers, header::ORIGIN.as_str()).is_none_or(|origin| self.is_own_origin(origin, headers))
    }

    fn is_own_origin(&self, origin: &str, headers: &HeaderMap) -> bool {
        let Ok(origin) = Url::parse(origin) else {
            return false;
        };
        if let Some(public) = &self.public_url
            && public.origin() == origin.origin()
        {
            return true;
        }
        let host = text(headers, header::HOST.as_str());
        let authority = match (origin.host_str(), origin.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return false,
        };
        host.is_some_and(|host| host.eq_ignore_ascii_case(&authority))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|range| range.contains(address))
    }
}

fn forged() -> Problem {
    Problem::forbidden("the request was made by a page of another site; sign in there is not taken for sign in here")
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
            request = request.header(*name, *value);
        }
        let mut parts = request.body(()).unwrap().into_parts().0;
        parts.extensions.insert(PeerAddress(peer.parse().unwrap()));
        parts
    }

    fn edge(proxies: &[&str]) -> Edge {
        Edge::new(None, proxies.iter().map(|range| range.parse().unwrap()).collect())
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
    fn pages_of_other_sites_may_not_change_anything() {
        let edge = edge(&[]);
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "http://evil.example")],
            &[("origin", "http://bot.example:5001")],
            &[("origin", "null")],
        ] {
            assert!(edge.refuse_forgery(&parts("1.1.1.1:1", headers)).is_err(), "{headers:?}");
        }
        for headers in [
            &[][..],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            &[("origin", "http://bot.example:5000")],
        ] {
            assert!(edge.refuse_forgery(&parts("1.1.1.1:1", headers)).is_ok(), "{headers:?}");
        }
    }
}
