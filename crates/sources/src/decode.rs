//! Decodes a page's bytes, however they came in: fetched, posted, or read from a file.
//!
//! The encoding is that of the byte order mark, else of the HTTP header, else of the page's own declaration, else what
//! `chardetng` detects. Each of them is checked against the bytes: servers and generators often name an encoding that the page is
//! not in.

use std::borrow::Cow;
use std::io::Read as _;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;

/// The maximum number of bytes read of a page, also after it is unpacked.
pub const MAX_PAGE_BYTES: usize = 10_000_000;
/// HTML declares its encoding within the first 1,024 bytes; many pages do it later.
const DECLARATION_BYTES: usize = 4_096;
/// The detector's result hardly ever changes after this many bytes, counted from the first one that is not ASCII.
const DETECTION_BYTES: usize = 128 * 1_024;

/// A page has more bytes than an adapter reads, once it is unpacked.
#[derive(Debug)]
pub(crate) struct PageTooLarge;

/// A page as text, without its byte order mark; bytes that are invalid in its encoding are replaced by U+FFFD.
///
/// `top_level_domain` is a hint for the detector, such as `jp`.
///
/// # Errors
/// When it is compressed, and too large.
pub(crate) fn decode<'a>(
    body: &'a [u8],
    content_type: Option<&str>,
    top_level_domain: Option<&str>,
) -> Result<Cow<'a, str>, PageTooLarge> {
    Ok(match decompress(body)? {
        Some(inner) => Cow::Owned(decode_plain(&inner, content_type, top_level_domain).into_owned()),
        None => decode_plain(body, content_type, top_level_domain),
    })
}

fn decode_plain<'a>(body: &'a [u8], content_type: Option<&str>, top_level_domain: Option<&str>) -> Cow<'a, str> {
    if let Some(text) = decode_utf32(body) {
        return text.into();
    }
    if let Some((encoding, mark_bytes)) = Encoding::for_bom(body) {
        return encoding.decode_without_bom_handling(&body[mark_bytes..]).0;
    }
    if is_iso_2022_jp(body) {
        return ISO_2022_JP.decode_without_bom_handling(body).0;
    }
    let text = std::str::from_utf8(body);
    let utf8 = match text {
        Ok(text) => Utf8Evidence { valid: usize::from(!text.is_ascii()), invalid: 0 },
        Err(_) => Utf8Evidence::of(body),
    };
    let header = content_type.and_then(charset_parameter).and_then(|label| Encoding::for_label(label.as_bytes()));
    let trusted = header
        .filter(|encoding| utf8.admits(encoding, body))
        .or_else(|| utf16_without_mark(body))
        .or_else(|| declared(body).filter(|encoding| utf8.admits(encoding, body)));
    let encoding = match trusted {
        Some(encoding) => encoding,
        None if utf8.is_likely() => UTF_8,
        None => detect(body, top_level_domain),
    };
    match text {
        Ok(text) if encoding == UTF_8 => text.into(),
        _ => encoding.decode_without_bom_handling(body).0,
    }
}

/// What a page's bytes say for and against UTF-8.
#[derive(Clone, Copy, Debug, Default)]
struct Utf8Evidence {
    /// Characters of several bytes. Text in other encodings has valid ones by accident only.
    valid: usize,
    /// Sequences that are no UTF-8.
    invalid: usize,
}

impl Utf8Evidence {
    fn of(body: &[u8]) -> Self {
        let mut evidence = Self::default();
        for chunk in body.utf8_chunks() {
            evidence.valid += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count();
            evidence.invalid += usize::from(!chunk.invalid().is_empty());
        }
        evidence
    }

    /// Whether a page that names no encoding is in UTF-8. A few broken characters, as where a text was cut in the middle of one, do
    /// not make it another encoding: every third sequence is more than any other encoding has of valid ones.
    const fn is_likely(self) -> bool {
        self.invalid * 2 <= self.valid
    }

    /// Whether a page is in UTF-8 although another encoding is named.
    const fn is_certain(self) -> bool {
        self.valid > 0 && self.invalid * 10 <= self.valid
    }

    /// Whether a page can be in the encoding that it, or its server, claims.
    fn admits(self, encoding: &'static Encoding, body: &[u8]) -> bool {
        if encoding == UTF_8 {
            return self.invalid == 0 || self.invalid < self.valid;
        }
        if encoding == UTF_16LE || encoding == UTF_16BE {
            // Text in UTF-16 has a zero byte in at least one of its first characters: markup and JSON begin with ASCII.
            return body.iter().take(64).any(|byte| *byte == 0);
        }
        // Text in a single-byte encoding is UTF-8 only by a very unlikely accident. Encodings of several bytes look like UTF-8
        // more often, and are obeyed where nothing else than a few characters speaks against them.
        encoding != REPLACEMENT && encoding != ISO_2022_JP && !(self.is_certain() && encoding.is_single_byte())
    }
}

/// Whether a page is in ISO-2022-JP: ASCII with escape sequences that no other text has, whatever encoding is named.
fn is_iso_2022_jp(body: &[u8]) -> bool {
    let is_escape = |bytes: &[u8]| matches!(bytes, [0x1b, b'$', b'@' | b'B'] | [0x1b, b'(', b'I' | b'J']);
    body.contains(&0x1b) && body.is_ascii() && body.windows(3).any(is_escape)
}

fn detect(body: &[u8], top_level_domain: Option<&str>) -> &'static Encoding {
    let first = body.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    let sample = &body[first..body.len().min(first + DETECTION_BYTES)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, sample.len() == body.len() - first);
    // The detector panics for labels in other letters.
    let hint =
        top_level_domain.filter(|label| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_lowercase()));
    detector.guess(hint.map(str::as_bytes), Utf8Detection::Deny)
}

/// The page inside gzip, which some servers send, and some people save, without saying so.
fn decompress(body: &[u8]) -> Result<Option<Vec<u8>>, PageTooLarge> {
    if !body.starts_with(&[0x1f, 0x8b, 8]) {
        return Ok(None);
    }
    let mut inner = Vec::new();
    // What was unpacked before an error is kept: it is the beginning of a page that was cut.
    let outcome = MultiGzDecoder::new(body).take(MAX_PAGE_BYTES as u64 + 1).read_to_end(&mut inner);
    if inner.len() > MAX_PAGE_BYTES {
        return Err(PageTooLarge);
    }
    Ok((outcome.is_ok() || !inner.is_empty()).then_some(inner))
}

/// UTF-32, which the Encoding Standard does not have, by its byte order mark or by the zeros beside a leading `<` or `{`.
fn decode_utf32(body: &[u8]) -> Option<String> {
    let (start, is_little) = match body {
        [0xff, 0xfe, 0, 0, ..] => (4, true),
        [0, 0, 0xfe, 0xff, ..] => (4, false),
        [b'<' | b'{' | b'[', 0, 0, 0, ..] => (0, true),
        [0, 0, 0, b'<' | b'{' | b'[', ..] => (0, false),
        _ => return None,
    };
    let unit = |bytes: &[u8; 4]| if is_little { u32::from_le_bytes(*bytes) } else { u32::from_be_bytes(*bytes) };
    let (units, _) = body[start..].as_chunks::<4>();
    Some(units.iter().map(|bytes| char::from_u32(unit(bytes)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// UTF-16 without a byte order mark, by the zeros beside the ASCII characters that markup and JSON begin with.
fn utf16_without_mark(body: &[u8]) -> Option<&'static Encoding> {
    match body {
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => Some(UTF_16LE),
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// The `charset` of a content type.
fn charset_parameter(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    })
}

/// What the page's beginning declares: the `encoding` of an XML declaration, or the `charset` of a meta element or a style
/// sheet.
fn declared(body: &[u8]) -> Option<&'static Encoding> {
    let beginning = String::from_utf8_lossy(&body[..body.len().min(DECLARATION_BYTES)]).to_ascii_lowercase();
    let xml = beginning.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split("?>").next());
    let by_xml = xml.and_then(|declaration| named_encoding(declaration, "encoding"));
    let by_meta =
        || beginning.split("<meta").skip(1).find_map(|rest| named_encoding(rest.split('>').next()?, "charset"));
    let encoding = by_xml.or_else(by_meta)?;
    // The declaration was readable, so the page is in no encoding of two-byte units.
    Some(if encoding.is_ascii_compatible() { encoding } else { UTF_8 })
}

/// The encoding whose label follows `name=`.
fn named_encoding(text: &str, name: &str) -> Option<&'static Encoding> {
    text.match_indices(name).find_map(|(at, _)| {
        let value = text[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
        let value = value.trim_start_matches(['"', '\'']).trim_start();
        let end = value.find(['"', '\'', ' ', ';', '>', '/', '?']).unwrap_or(value.len());
        Encoding::for_label(&value.as_bytes()[..end])
    })
}

#[cfg(test)]
mod tests;
