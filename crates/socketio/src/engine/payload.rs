//! Bodies of long-polling requests and responses: packets joined by a separator; see [Engine.IO protocol, HTTP
//! long-polling](https://socket.io/docs/v4/engine-io-protocol/#http-long-polling-1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::frame::EngineFrame;
use super::packet::MalformedPacket;

// ASCII record separator, U+001E.
const SEPARATOR: char = '\x1e';

/// One packet of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PayloadElement<'a> {
    /// An encoded text packet.
    Text(&'a str),
    /// A binary message.
    Binary(Bytes),
}

/// Splits a payload into its packets.
pub(crate) fn decode(body: &str) -> impl Iterator<Item = Result<PayloadElement<'_>, MalformedPacket>> {
    body.split(SEPARATOR).map(|element| match element.strip_prefix('b') {
        Some(base64) => {
            STANDARD.decode(base64).map(|data| PayloadElement::Binary(data.into())).map_err(|_| MalformedPacket)
        }
        None => Ok(PayloadElement::Text(element)),
    })
}

/// Returns the number of packets in a payload.
pub(crate) fn count(body: &str) -> usize {
    body.bytes().filter(|b| *b == SEPARATOR as u8).count() + 1
}

/// Returns the encoded length of a frame in a payload in bytes, without separator.
pub(crate) fn encoded_len(frame: &EngineFrame) -> usize {
    let length = frame.payload_bytes().len();
    if frame.is_binary() { 1 + length.div_ceil(3) * 4 } else { length }
}

/// Joins packets into a payload; a single text packet is returned without copying.
pub(crate) fn encode(frames: &[EngineFrame]) -> Bytes {
    if let [only] = frames
        && !only.is_binary()
    {
        return only.payload();
    }
    let length = frames.iter().map(|frame| encoded_len(frame) + 1).sum();
    let mut body = String::with_capacity(length);
    for frame in frames {
        if !body.is_empty() {
            body.push(SEPARATOR);
        }
        if frame.is_binary() {
            body.push('b');
            STANDARD.encode_string(frame.payload_bytes(), &mut body);
        } else {
            // Text frames are built from `str`, so this cannot fail.
            body.push_str(str::from_utf8(frame.payload_bytes()).unwrap_or_default());
        }
    }
    body.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_protocols_example() {
        let frames = [EngineFrame::message("hello"), EngineFrame::binary(&[1, 2, 3, 4])];
        assert_eq!(encode(&frames).as_ref(), b"4hello\x1ebAQIDBA==");
        let back: Vec<_> = decode("4hello\x1ebAQIDBA==").collect();
        assert_eq!(
            back,
            [Ok(PayloadElement::Text("4hello")), Ok(PayloadElement::Binary(Bytes::from_static(&[1, 2, 3, 4])))]
        );
        assert_eq!(count("4hello\x1e2"), 2);
        assert_eq!(decode("b?").next(), Some(Err(MalformedPacket)));
    }

    proptest! {
        #[test]
        fn a_payload_comes_back_as_it_went(
            packets in prop::collection::vec(
                prop_oneof!["[^\x1e]{0,20}".prop_map(Ok), prop::collection::vec(any::<u8>(), 0..40).prop_map(Err)],
                1..8,
            )
        ) {
            let frames: Vec<EngineFrame> = packets
                .iter()
                .map(|packet| match packet {
                    Ok(text) => EngineFrame::message(text),
                    Err(data) => EngineFrame::binary(data),
                })
                .collect();
            let body = encode(&frames);
            let exact: usize = frames.iter().map(encoded_len).sum();
            prop_assert_eq!(body.len(), exact + frames.len() - 1);
            let text = String::from_utf8(body.to_vec()).expect("a payload is text");
            prop_assert_eq!(count(&text), packets.len());
            for (element, packet) in decode(&text).zip(&packets) {
                match (element, packet) {
                    (Ok(PayloadElement::Text(text)), Ok(sent)) => prop_assert_eq!(&text[1..], sent),
                    (Ok(PayloadElement::Binary(data)), Err(sent)) => prop_assert_eq!(&data[..], &sent[..]),
                    other => prop_assert!(false, "{:?}", other),
                }
            }
        }

        #[test]
        fn the_decoder_never_panics(body in ".*") {
            prop_assert_eq!(decode(&body).count(), count(&body));
        }
    }
}
