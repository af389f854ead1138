//! Decoding Socket.IO packets from clients.

use serde_json::Value;

use super::packet::PacketKind;
use crate::engine::MalformedPacket;

/// A decoded packet header with its JSON data; attachments follow as binary messages.
#[derive(Debug, PartialEq)]
pub(crate) struct DecodedPacket<'a> {
    pub(crate) kind: PacketKind,
    pub(crate) attachments: usize,
    pub(crate) namespace: &'a str,
    pub(crate) id: Option<u64>,
    pub(crate) data: &'a str,
}

impl<'a> DecodedPacket<'a> {
    /// Parses everything in front of the JSON data.
    pub(crate) fn parse(text: &'a str) -> Result<DecodedPacket<'a>, MalformedPacket> {
        let (kind, binary) = match text.as_bytes().first().ok_or(MalformedPacket)? {
            b'0' => (PacketKind::Connect, false),
            b'1' => (PacketKind::Disconnect, false),
            b'2' => (PacketKind::Event, false),
            b'3' => (PacketKind::Ack, false),
            b'5' => (PacketKind::Event, true),
            b'6' => (PacketKind::Ack, true),
            // CONNECT_ERROR (4) is only sent by servers.
            _ => return Err(MalformedPacket),
        };
        let rest = &text[1..];
        let (attachments, rest) = if binary {
            let (count, rest) = rest.split_once('-').ok_or(MalformedPacket)?;
            (number(count)?, rest)
        } else {
            (0, rest)
        };
        let (namespace, rest) =
            if rest.starts_with('/') { rest.split_once(',').unwrap_or((rest, "")) } else { ("/", rest) };
        // Clients append a query string to the name of the namespace, which is not part of it.
        let namespace = namespace.split_once('?').map_or(namespace, |(name, _)| name);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, data) = rest.split_at(digits);
        let id = if digits == 0 { None } else { Some(number(id)?) };
        Ok(DecodedPacket {
            kind,
            attachments: usize::try_from(attachments).map_err(|_| MalformedPacket)?,
            namespace,
            id,
            data,
        })
    }

    /// Returns the data of a CONNECT packet: an object, `{}` if missing.
    pub(crate) fn auth(&self) -> Result<Value, MalformedPacket> {
        if self.data.is_empty() {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        match serde_json::from_str(self.data) {
            Ok(auth @ Value::Object(_)) => Ok(auth),
            _ => Err(MalformedPacket),
        }
    }

    /// Returns the name and arguments of an event.
    pub(crate) fn event(&self) -> Result<(String, Vec<Value>), MalformedPacket> {
        let mut values = self.args()?;
        match values.first_mut().map(Value::take) {
            Some(Value::String(name)) => {
                values.remove(0);
                Ok((name, values))
            }
            _ => Err(MalformedPacket),
        }
    }

    /// Returns the arguments of an acknowledgement.
    pub(crate) fn args(&self) -> Result<Vec<Value>, MalformedPacket> {
        serde_json::from_str(self.data).map_err(|_| MalformedPacket)
    }
}

fn number(digits: &str) -> Result<u64, MalformedPacket> {
    // JavaScript represents integers exactly up to 2^53. `parse` would accept a leading sign.
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let number = if plain { digits.parse().ok() } else { None };
    number.filter(|number| *number <= 1 << 53).ok_or(MalformedPacket)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::socket::packet::{EventPacket, placeholder};

    fn parse(text: &str) -> Option<(PacketKind, usize, &str, Option<u64>, &str)> {
        let DecodedPacket { kind, attachments, namespace, id, data } = DecodedPacket::parse(text).ok()?;
        Some((kind, attachments, namespace, id, data))
    }

    #[test]
    fn the_protocols_examples_are_read() {
        for (text, expected) in [
            ("0", (PacketKind::Connect, 0, "/", None, "")),
            ("0/admin,{\"token\":\"1\"}", (PacketKind::Connect, 0, "/admin", None, "{\"token\":\"1\"}")),
            ("0/admin?a=1,", (PacketKind::Connect, 0, "/admin", None, "")),
            ("1/admin,", (PacketKind::Disconnect, 0, "/admin", None, "")),
            ("2[\"foo\"]", (PacketKind::Event, 0, "/", None, "[\"foo\"]")),
            ("212[\"foo\"]", (PacketKind::Event, 0, "/", Some(12), "[\"foo\"]")),
            ("3/admin,13[\"bar\"]", (PacketKind::Ack, 0, "/admin", Some(13), "[\"bar\"]")),
            ("52-/admin,[\"baz\"]", (PacketKind::Event, 2, "/admin", None, "[\"baz\"]")),
            ("61-15[\"bar\"]", (PacketKind::Ack, 1, "/", Some(15), "[\"bar\"]")),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for bad in ["", "7", "4{}", "5", "5-[]", "5+1-[]", "29007199254740993[]", "299999999999999999999[]", "é"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn arrays_are_lists_of_arguments_and_anything_else_is_one() {
        for (args, text) in [
            (json!([]), "2[\"e\"]"),
            (json!([1, "2"]), "2[\"e\",1,\"2\"]"),
            (json!([[1]]), "2[\"e\",[1]]"),
            (json!({"a": 1}), "2[\"e\",{\"a\":1}]"),
            (json!(null), "2[\"e\",null]"),
        ] {
            assert_eq!(EventPacket::event("/", "e", &args).unwrap().text(), text);
        }
        assert_eq!(EventPacket::event("/n", "q\"", &(1, "x")).unwrap().text(), "2/n,[\"q\\\"\",1,\"x\"]");
        assert_eq!(EventPacket::event_raw("/", "e", "{\"a\":1}").text(), "2[\"e\",{\"a\":1}]");
        let ack = EventPacket::encode(PacketKind::Ack, "/", Some(3), None, &json!([]), &[]).unwrap();
        assert_eq!(ack.text(), "33[]");
        let binary = EventPacket::with_attachments("/", "e", &placeholder(0), &[Bytes::from_static(&[1])]).unwrap();
        assert_eq!(binary.text(), "51-[\"e\",{\"_placeholder\":true,\"num\":0}]");
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(".*", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn events_and_acks_come_back_as_they_went(
            namespace in prop_oneof![Just("/".to_owned()), "/[a-z0-9/_-]{1,12}"],
            name in ".*",
            args in prop::collection::vec(json_value(), 0..4),
            id in prop::option::of(0_u64..1 << 53),
            attachments in 0_usize..4,
        ) {
            let data = vec![Bytes::from_static(&[1, 2, 3]); attachments];
            let event = EventPacket::encode(PacketKind::Event, &namespace, id, Some(&name), &args, &data).unwrap();
            let decoded = DecodedPacket::parse(event.text()).unwrap();
            prop_assert_eq!((decoded.kind, decoded.attachments), (PacketKind::Event, attachments));
            prop_assert_eq!((decoded.namespace, decoded.id), (&*namespace, id));
            prop_assert_eq!(decoded.event(), Ok((name, args.clone())));
            let ack = EventPacket::encode(PacketKind::Ack, &namespace, id, None, &args, &data).unwrap();
            let decoded = DecodedPacket::parse(ack.text()).unwrap();
            prop_assert_eq!((decoded.kind, decoded.id), (PacketKind::Ack, id));
            prop_assert_eq!(decoded.args(), Ok(args));
        }

        #[test]
        fn the_decoder_never_panics(text in "[0-7]{0,2}[-0-9/a-z,]{0,10}.*") {
            if let Ok(decoded) = DecodedPacket::parse(&text) {
                let _ = (decoded.auth(), decoded.event(), decoded.args());
            }
        }
    }
}
