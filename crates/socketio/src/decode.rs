//! Reading Socket.IO packets from clients.

use serde_json::Value;

use crate::engine::Malformed;
use crate::packet::Kind;

/// A packet as far as its own text goes; attachments follow as binary messages.
#[derive(Debug, PartialEq)]
pub(crate) struct Decoded<'a> {
    pub(crate) kind: Kind,
    pub(crate) attachments: usize,
    pub(crate) namespace: &'a str,
    pub(crate) id: Option<u64>,
    pub(crate) data: &'a str,
}

impl<'a> Decoded<'a> {
    /// Takes the parts in front of the JSON data apart.
    pub(crate) fn parse(text: &'a str) -> Result<Decoded<'a>, Malformed> {
        let (kind, binary) = match text.as_bytes().first().ok_or(Malformed)? {
            b'0' => (Kind::Connect, false),
            b'1' => (Kind::Disconnect, false),
            b'2' => (Kind::Event, false),
            b'3' => (Kind::Ack, false),
            b'5' => (Kind::Event, true),
            b'6' => (Kind::Ack, true),
            // CONNECT_ERROR is for servers to send.
            _ => return Err(Malformed),
        };
        let rest = &text[1..];
        let (attachments, rest) = if binary {
            let (count, rest) = rest.split_once('-').ok_or(Malformed)?;
            (number(count)?, rest)
        } else {
            (0, rest)
        };
        let (namespace, rest) =
            if rest.starts_with('/') { rest.split_once(',').unwrap_or((rest, "")) } else { ("/", rest) };
        // Clients put their query into the name of the namespace; it is no part of it.
        let namespace = namespace.split_once('?').map_or(namespace, |(name, _)| name);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, data) = rest.split_at(digits);
        let id = if digits == 0 { None } else { Some(number(id)?) };
        Ok(Decoded { kind, attachments: usize::try_from(attachments).map_err(|_| Malformed)?, namespace, id, data })
    }

    /// The data of a CONNECT: an object, `{}` when there is none.
    pub(crate) fn auth(&self) -> Result<Value, Malformed> {
        if self.data.is_empty() {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        match serde_json::from_str(self.data) {
            Ok(auth @ Value::Object(_)) => Ok(auth),
            _ => Err(Malformed),
        }
    }

    /// The name and arguments of an event.
    pub(crate) fn event(&self) -> Result<(String, Vec<Value>), Malformed> {
        let mut values = self.args()?;
        match values.first_mut().map(Value::take) {
            Some(Value::String(name)) => {
                values.remove(0);
                Ok((name, values))
            }
            _ => Err(Malformed),
        }
    }

    /// The arguments of an acknowledgement.
    pub(crate) fn args(&self) -> Result<Vec<Value>, Malformed> {
        serde_json::from_str(self.data).map_err(|_| Malformed)
    }
}

fn number(digits: &str) -> Result<u64, Malformed> {
    // JavaScript counts exactly up to 2^53; a leading sign is no digit.
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let number = if plain { digits.parse().ok() } else { None };
    number.filter(|number| *number <= 1 << 53).ok_or(Malformed)
}
