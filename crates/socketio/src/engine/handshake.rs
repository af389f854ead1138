//! The HTTP request a session began with.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Extensions, request};

use super::transport::TransportKind;
use crate::query;

/// What is known of the HTTP request that opened a session.
///
/// Sessions live long and are many, while a parsed request pins the buffer it was read into: the
/// headers are kept as one compact copy and parsed again when someone asks.
pub struct Handshake {
    headers: Box<[u8]>,
    uri: Box<str>,
    extensions: Extensions,
    transport: TransportKind,
    client: Option<IpAddr>,
}

impl Handshake {
    pub(crate) fn new(parts: request::Parts, transport: TransportKind, client: Option<IpAddr>) -> Handshake {
        let mut headers = Vec::new();
        for (name, value) in &parts.headers {
            headers.extend_from_slice(name.as_str().as_bytes());
            headers.push(b':');
            headers.extend_from_slice(value.as_bytes());
            headers.push(b'\n');
        }
        Handshake {
            headers: headers.into_boxed_slice(),
            uri: parts.uri.to_string().into_boxed_str(),
            extensions: parts.extensions,
            transport,
            client,
        }
    }

    /// The request's headers, parsed anew on every call.
    pub fn headers(&self) -> HeaderMap {
        self.lines()
            .filter_map(|(name, value)| {
                let name = HeaderName::from_bytes(name).ok()?;
                Some((name, HeaderValue::from_maybe_shared(Bytes::copy_from_slice(value)).ok()?))
            })
            .collect()
    }

    /// The first header of that name, when it is visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.lines_of(name).next()?
    }

    /// The first header of that name, whatever bytes it consists of.
    pub fn header_bytes(&self, name: &str) -> Option<&[u8]> {
        self.lines().find(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// All headers of that name that are visible ASCII.
    pub fn headers_named(&self, name: &str) -> impl Iterator<Item = &str> {
        self.lines_of(name).flatten()
    }

    fn lines_of(&self, name: &str) -> impl Iterator<Item = Option<&str>> {
        let of_name = self.lines().filter(move |(known, _)| known.eq_ignore_ascii_case(name.as_bytes()));
        of_name.map(|(_, value)| str::from_utf8(value).ok().filter(|text| text.is_ascii()))
    }

    /// The request's target, as the service saw it.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The first query parameter of that name, percent-decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        query::get(self.uri.split_once('?')?.1, name)
    }

    /// What outer layers attached to the request, such as the peer's address.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// The client that the session was opened for, as [`Gatekeeper::client`](crate::Gatekeeper::client) named it.
    pub fn client(&self) -> Option<IpAddr> {
        self.client
    }

    /// The bytes it takes, about.
    pub(crate) fn len(&self) -> usize {
        self.headers.len() + self.uri.len()
    }

    /// The transport the session began with.
    pub fn transport(&self) -> TransportKind {
        self.transport
    }

    // Neither a header's name nor its value may contain the separators.
    fn lines(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.headers.split(|b| *b == b'\n').filter_map(|line| {
            let colon = line.iter().position(|b| *b == b':')?;
            Some((&line[..colon], &line[colon + 1..]))
        })
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and query carry credentials.
        f.debug_struct("Handshake").field("transport", &self.transport).finish_non_exhaustive()
    }
}
