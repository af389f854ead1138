//! The HTTP request that opened a session.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Extensions, request};

use super::transport::TransportKind;
use crate::query;

/// The HTTP request that opened a session.
///
/// There are many long-lived sessions, and a parsed request keeps its whole read buffer alive. The headers are
/// therefore stored as one compact copy, which is parsed on access.
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

    /// Parses and returns all headers.
    pub fn headers(&self) -> HeaderMap {
        self.lines()
            .filter_map(|(name, value)| {
                let name = HeaderName::from_bytes(name).ok()?;
                Some((name, HeaderValue::from_maybe_shared(Bytes::copy_from_slice(value)).ok()?))
            })
            .collect()
    }

    /// Returns the first header with this name, if it is ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.lines_of(name).next()?
    }

    /// Returns the first header with this name as bytes.
    pub fn header_bytes(&self, name: &str) -> Option<&[u8]> {
        self.lines().find(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// Returns all headers with this name that are ASCII.
    pub fn headers_named(&self, name: &str) -> impl Iterator<Item = &str> {
        self.lines_of(name).flatten()
    }

    fn lines_of(&self, name: &str) -> impl Iterator<Item = Option<&str>> {
        let of_name = self.lines().filter(move |(known, _)| known.eq_ignore_ascii_case(name.as_bytes()));
        of_name.map(|(_, value)| str::from_utf8(value).ok().filter(|text| text.is_ascii()))
    }

    /// Returns the request target as received.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Returns the first query parameter with this name, percent-decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        query::get(self.uri.split_once('?')?.1, name)
    }

    /// Returns the request's extensions, in which outer layers store data such as the peer's address.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Returns the client to which the session was charged; see [`Gatekeeper::client`](crate::Gatekeeper::client).
    pub fn client(&self) -> Option<IpAddr> {
        self.client
    }

    /// Returns the approximate memory used, in bytes.
    pub(crate) fn len(&self) -> usize {
        self.headers.len() + self.uri.len()
    }

    /// Returns the initial transport.
    pub fn transport(&self) -> TransportKind {
        self.transport
    }

    // Neither names nor values can contain the separators: `http` rejects line breaks, and names contain no colon.
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
