//! Random identifiers: secret ones of sessions, public ones of sockets.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The public id of a socket: 120 random bits as 20 URL-safe characters.
///
/// It is independent of the session's id, which is a credential, so it may be disclosed to other clients.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId([u8; 20]);

impl SocketId {
    /// Generates a random id.
    pub(crate) fn random() -> SocketId {
        let mut text = [0; 20];
        // 15 bytes encode to exactly 20 characters, so this cannot fail.
        let written = URL_SAFE_NO_PAD.encode_slice(rand::random::<[u8; 15]>(), &mut text);
        debug_assert_eq!(written, Ok(20));
        SocketId(text)
    }

    /// Parses an id; `None` if it is malformed.
    pub fn parse(text: &str) -> Option<SocketId> {
        let bytes: [u8; 20] = text.as_bytes().try_into().ok()?;
        let valid = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        bytes.iter().all(valid).then_some(SocketId(bytes))
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl AsRef<str> for SocketId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// The secret id of a session: a bearer credential for long-polling requests.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SessionId([u8; 16]);

impl SessionId {
    /// Generates an id of 128 random bits from a cryptographically secure generator.
    pub(crate) fn random() -> SessionId {
        SessionId(rand::random())
    }

    /// Parses the id in a client's request; `None` if it is malformed.
    pub(crate) fn parse(text: &str) -> Option<SessionId> {
        let mut bytes = [0; 16];
        // The decoder requires room for three bytes per started group of four characters.
        let mut room = [0; 18];
        if text.len() != 22 || URL_SAFE_NO_PAD.decode_slice(text, &mut room) != Ok(16) {
            return None;
        }
        bytes.copy_from_slice(&room[..16]);
        Some(SessionId(bytes))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

// A credential: logs must not show its value.
impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_their_text() {
        let session = SessionId::random();
        assert!(SessionId::parse(&session.to_string()) == Some(session));
        assert!(SessionId::parse("").is_none());
        assert!(SessionId::parse(&"!".repeat(22)).is_none());
        let socket = SocketId::random();
        assert_eq!(SocketId::parse(socket.as_str()), Some(socket));
        assert_eq!(SocketId::parse("no"), None);
        assert_ne!(SocketId::random(), socket);
    }
}
