//! HTTP responses, as sent by the measured servers.

/// A complete response.
#[derive(Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Whether the server closes the connection.
    pub closes: bool,
    /// Body, with chunks joined.
    pub body: Vec<u8>,
    /// Everything before the body.
    pub head: String,
}

/// Result of parsing.
#[derive(Debug, PartialEq, Eq)]
pub enum Parsed {
    /// A complete response, and its length in the input.
    Whole(Response, usize),
    /// An incomplete response.
    Partial,
    /// Invalid HTTP.
    Broken,
}

/// Upper bounds for plausible responses.
const MOST_HEAD_BYTES: usize = 64 << 10;
const MOST_CHUNK_BYTES: usize = 64 << 20;

impl Response {
    /// Returns the value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

/// Parses the response at the beginning of the input. Without a length, it ends when the connection does (`ended`).
pub fn parse(bytes: &[u8], ended: bool) -> Parsed {
    let Some(end) = head_end(bytes) else {
        return if bytes.len() > MOST_HEAD_BYTES { Parsed::Broken } else { Parsed::Partial };
    };
    let Some((status, head)) = read_head(&bytes[..end]) else { return Parsed::Broken };
    let closes = header(&head, "connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    let whole =
        |body: Vec<u8>, taken: usize| Parsed::Whole(Response { status, closes, body, head: head.clone() }, taken);
    if status == 101 || status == 204 {
        return whole(Vec::new(), end);
    }
    let rest = &bytes[end..];
    if header(&head, "transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        return match chunks(rest) {
            Chunks::Whole(body, taken) => whole(body, end + taken),
            Chunks::Partial => Parsed::Partial,
            Chunks::Broken => Parsed::Broken,
        };
    }
    match header(&head, "content-length").map(str::parse::<usize>) {
        Some(Ok(length)) => rest.get(..length).map_or(Parsed::Partial, |body| whole(body.to_vec(), end + length)),
        Some(Err(_)) => Parsed::Broken,
        None if ended => whole(rest.to_vec(), bytes.len()),
        None => Parsed::Partial,
    }
}

/// Returns the offset of the body.
fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

fn read_head(bytes: &[u8]) -> Option<(u16, String)> {
    let head = std::str::from_utf8(bytes).ok()?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.get(..3)?.parse().ok()?;
    Some((status, head.to_owned()))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
    lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// Result of decoding a chunked body.
enum Chunks {
    /// The joined body, and its length in the input.
    Whole(Vec<u8>, usize),
    Partial,
    Broken,
}

fn chunks(mut rest: &[u8]) -> Chunks {
    let all = rest.len();
    let mut body = Vec::new();
    loop {
        let Some(line) = rest.windows(2).position(|window| window == b"\r\n") else { return Chunks::Partial };
        let Some(size) = chunk_size(&rest[..line]) else { return Chunks::Broken };
        rest = &rest[line + 2..];
        let (Some(chunk), Some(after)) = (rest.get(..size), rest.get(size + 2..)) else { return Chunks::Partial };
        body.extend_from_slice(chunk);
        rest = after;
        if size == 0 {
            return Chunks::Whole(body, all - rest.len());
        }
    }
}

fn chunk_size(line: &[u8]) -> Option<usize> {
    let digits = std::str::from_utf8(line).ok()?.split(';').next()?.trim();
    usize::from_str_radix(digits, 16).ok().filter(|size| *size <= MOST_CHUNK_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_cut_anywhere_is_partial() {
        let plain = "HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX: y\r\n\r\nhello";
        let chunked = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n";
        for text in [plain, chunked] {
            for end in 0..text.len() {
                assert_eq!(parse(&text.as_bytes()[..end], false), Parsed::Partial, "{end} bytes");
            }
            let Parsed::Whole(response, taken) = parse(text.as_bytes(), false) else { panic!("{text}") };
            assert_eq!((response.status, response.closes, taken), (201, false, text.len()));
            assert_eq!(response.body, b"hello");
        }
    }

    #[test]
    fn one_without_a_length_ends_with_its_connection() {
        let text = b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nhe";
        assert_eq!(parse(text, false), Parsed::Partial);
        let Parsed::Whole(response, _) = parse(text, true) else { panic!("it is over") };
        assert_eq!((response.closes, &*response.body), (true, &b"he"[..]));
    }

    #[test]
    fn an_upgrade_has_no_body() {
        let text = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x01";
        let Parsed::Whole(response, taken) = parse(text, false) else { panic!("it is whole") };
        assert_eq!((response.status, taken, response.header("upgrade")), (101, text.len() - 2, Some("websocket")));
    }

    #[test]
    fn what_is_no_http_is_broken() {
        assert_eq!(parse(b"220 smtp\r\n\r\n", false), Parsed::Broken);
        assert_eq!(parse(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", false), Parsed::Broken);
    }
}
