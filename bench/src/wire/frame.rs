//! WebSocket frames (RFC 6455, section 5), as sent by Socket.IO servers without compression.

use std::borrow::Cow;

/// Opcodes.
pub const TEXT: u8 = 0x1;
pub const CLOSE: u8 = 0x8;
pub const PING: u8 = 0x9;
pub const PONG: u8 = 0xA;

/// Mask of all client frames: not zero, so that servers have to unmask, and constant, to save the clients' time.
const MASK: [u8; 4] = [0x5a, 0x0f, 0xc3, 0x71];

/// Upper bound of the length of a message in a benchmark.
const MOST_BYTES: u64 = 16 << 20;

#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    pub opcode: u8,
    mask: Option<[u8; 4]>,
    payload: &'a [u8],
}

/// Result of parsing.
#[derive(Debug, PartialEq, Eq)]
pub enum Parsed<'a> {
    /// A complete frame, and its length.
    Whole(Frame<'a>, usize),
    /// An incomplete frame.
    Partial,
    /// An unexpected or invalid frame.
    Broken(&'static str),
}

impl<'a> Frame<'a> {
    /// Returns the unmasked payload.
    pub fn payload(&self) -> Cow<'a, [u8]> {
        match self.mask {
            None => Cow::Borrowed(self.payload),
            Some(mask) => Cow::Owned(masked(self.payload, mask).collect()),
        }
    }
}

/// Parses the frame at the beginning of the input.
pub fn parse(bytes: &[u8]) -> Parsed<'_> {
    let [first, second, rest @ ..] = bytes else { return Parsed::Partial };
    if first & 0x70 != 0 {
        return Parsed::Broken("a frame with reserved bits, which only extensions set");
    }
    if first & 0x80 == 0 || first.trailing_zeros() >= 4 {
        return Parsed::Broken("a fragment of a message");
    }
    let (length, rest) = match second & 0x7f {
        126 => match rest.split_first_chunk() {
            Some((length, rest)) => (u64::from(u16::from_be_bytes(*length)), rest),
            None => return Parsed::Partial,
        },
        127 => match rest.split_first_chunk() {
            Some((length, rest)) => (u64::from_be_bytes(*length), rest),
            None => return Parsed::Partial,
        },
        length => (u64::from(length), rest),
    };
    let (mask, rest) = if second & 0x80 == 0 {
        (None, rest)
    } else {
        match rest.split_first_chunk() {
            Some((mask, rest)) => (Some(*mask), rest),
            None => return Parsed::Partial,
        }
    };
    let length = match usize::try_from(length) {
        Ok(fits) if length <= MOST_BYTES => fits,
        _ => return Parsed::Broken("a frame too long to be one"),
    };
    match rest.split_at_checked(length) {
        Some((payload, after)) => {
            Parsed::Whole(Frame { opcode: first & 0x0f, mask, payload }, bytes.len() - after.len())
        }
        None => Parsed::Partial,
    }
}

/// Encodes a client frame.
pub fn from_client(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = head(opcode, payload.len(), 0x80);
    frame.extend(MASK);
    frame.extend(masked(payload, MASK));
    frame
}

/// Encodes a server frame.
pub fn from_server(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = head(opcode, payload.len(), 0);
    frame.extend(payload);
    frame
}

fn masked(payload: &[u8], mask: [u8; 4]) -> impl Iterator<Item = u8> {
    payload.iter().zip(mask.into_iter().cycle()).map(|(byte, mask)| byte ^ mask)
}

fn head(opcode: u8, length: usize, mask_bit: u8) -> Vec<u8> {
    let mut head = Vec::with_capacity(length + 14);
    head.push(0x80 | opcode);
    if let Ok(short @ 0..=125) = u8::try_from(length) {
        head.push(mask_bit | short);
    } else if let Ok(medium) = u16::try_from(length) {
        head.push(mask_bit | 0x7e);
        head.extend(medium.to_be_bytes());
    } else {
        head.push(mask_bit | 0x7f);
        head.extend((length as u64).to_be_bytes());
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536] {
            let payload: Vec<u8> = b"socket.io ".iter().copied().cycle().take(length).collect();
            for frame in [from_client(TEXT, &payload), from_server(TEXT, &payload)] {
                let mut more = frame.clone();
                more.extend(b"next");
                let Parsed::Whole(read, taken) = parse(&more) else { panic!("{length} bytes") };
                assert_eq!((read.opcode, taken), (TEXT, frame.len()));
                assert_eq!(&*read.payload(), payload);
            }
        }
    }

    #[test]
    fn a_frame_cut_anywhere_is_partial() {
        let payload = [7; 300];
        for frame in [from_client(TEXT, &payload), from_server(PING, &payload[..10])] {
            for end in 0..frame.len() {
                assert_eq!(parse(&frame[..end]), Parsed::Partial, "{end} bytes");
            }
        }
    }

    #[test]
    fn what_is_not_expected_is_broken() {
        for bytes in [&[0x01, 0x00][..], &[0x80, 0x00], &[0xc1, 0x00], &[0x81, 0x7f, 0xff, 0, 0, 0, 0, 0, 0, 0]] {
            assert!(matches!(parse(bytes), Parsed::Broken(_)), "{bytes:?}");
        }
    }
}
