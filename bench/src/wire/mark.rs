//! The mark in every published event, which identifies the event and its time of publication.

use std::fmt;

/// Number and time of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Number of the event within the run, from 1.
    pub number: u32,
    /// Time just before publication, from the monotonic clock, which all processes of a machine share.
    pub published_ns: u64,
}

/// Prefix of the mark; payloads contain no other `#`.
const SIGN: &[u8] = b"bench#";

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bench#{}@{}#", self.number, self.published_ns)
    }
}

impl Mark {
    /// Finds the first mark in the input.
    pub fn find(bytes: &[u8]) -> Option<Self> {
        let mut from = 0;
        loop {
            let at = from + bytes[from..].iter().position(|byte| *byte == b'#')?;
            from = at + 1;
            if !bytes[..from].ends_with(SIGN) {
                continue;
            }
            let (number, rest) = digits(&bytes[from..])?;
            let (published_ns, rest) = digits(rest.strip_prefix(b"@")?)?;
            let number = u32::try_from(number).ok()?;
            return rest.starts_with(b"#").then_some(Self { number, published_ns });
        }
    }
}

/// Finds the last `"seq":` number in the input, the server's sequence number.
pub fn find_seq(bytes: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"\"seq\":";
    let at = (0..bytes.len().checked_sub(NAME.len())?).rev().find(|at| bytes[*at..].starts_with(NAME))?;
    Some(digits(&bytes[at + NAME.len()..])?.0)
}

fn digits(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    let (digits, rest) = bytes.split_at(end);
    Some((std::str::from_utf8(digits).ok()?.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_where_it_was_put() {
        let mark = Mark { number: 17, published_ns: 123_456_789_012 };
        let text = format!("42[\"new_listing\",{{\"title\":\"a # and a {mark} chair\",\"seq\":9}}]");
        assert_eq!(Mark::find(text.as_bytes()), Some(mark));
    }

    #[test]
    fn what_is_no_mark_is_none() {
        for text in ["", "#", "bench", "bench#", "bench#17", "bench#17@5", "bench#x@5#", "bench#99999999999@5#"] {
            assert_eq!(Mark::find(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_last_seq_counts() {
        assert_eq!(find_seq(b"{\"data\":{\"seq\":3},\"seq\":42}"), Some(42));
        assert_eq!(find_seq(b"{\"seq\":}"), None);
        assert_eq!(find_seq(b"seq"), None);
    }
}
