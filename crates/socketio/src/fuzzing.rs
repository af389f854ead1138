//! Access to internals for the fuzz targets.

use crate::engine::decoder::MessageDecoder;
use crate::engine::packet::TextPacket;
use crate::engine::payload;
use crate::server::SocketIo;
use crate::service::direct;
use crate::socket::decode::DecodedPacket;

/// Parses an Engine.IO packet and the Socket.IO packet in it.
pub fn packet(text: &str) {
    let packet = match TextPacket::parse(text) {
        Ok(TextPacket::Message(message)) => message,
        _ => text,
    };
    if let Ok(decoded) = DecodedPacket::parse(packet) {
        let _ = (decoded.auth(), decoded.event(), decoded.args());
    }
}

/// Parses a polling payload.
pub fn payload(body: &str) {
    assert_eq!(payload::decode(body).count(), payload::count(body));
}

/// Decodes WebSocket frames both whole and split in two, which must give the same result.
pub fn frames(stream: &[u8], cut: usize) {
    let (head, tail) = stream.split_at(cut.min(stream.len()));
    assert_eq!(items(&[stream]), items(&[head, tail]));
}

/// Parses the first bytes of a connection. For an acceptable handshake, returns the accept key and the length of the
/// request.
pub fn head(io: &SocketIo, bytes: &[u8]) -> Option<(String, usize)> {
    let (key, length) = direct::granted(&io.engine.0, bytes)?;
    Some((key.to_str().ok()?.to_owned(), length))
}

fn items(pieces: &[&[u8]]) -> Vec<String> {
    let mut decoder = MessageDecoder::new(1000);
    let mut pending = Vec::new();
    let mut out = Vec::new();
    for piece in pieces {
        pending.extend_from_slice(piece);
        let mut at = 0;
        loop {
            match decoder.next(&mut pending, &mut at) {
                Ok(Some(item)) => out.push(format!("{item:?}")),
                Ok(None) => break,
                Err(error) => {
                    out.push(format!("{error:?}"));
                    return out;
                }
            }
        }
        pending.drain(..at);
    }
    out
}
