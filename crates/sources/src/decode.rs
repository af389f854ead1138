//! Decodes a page's bytes, however they came in: fetched, posted, or read from a file.
//!
//! The encoding is that of the byte order mark, else of the HTTP header, else of the page's own declaration, else what
//! `chardetng` detects. Each of them is checked against the bytes: servers and generators often name an encoding that the page is
//! not in.

use std::borrow::Cow;
use std::io::Read as _;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
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
    let utf8 = std::str::from_utf8(body);
    let is_multibyte_utf8 = utf8.is_ok() && !body.is_ascii();
    let header = content_type.and_then(charset_parameter).and_then(|label| Encoding::for_label(label.as_bytes()));
    let trusted = header
        .filter(|encoding| is_plausible(encoding, body, is_multibyte_utf8))
        .or_else(|| utf16_without_mark(body))
        .or_else(|| declared(body).filter(|encoding| is_plausible(encoding, body, is_multibyte_utf8)));
    // ISO-2022-JP is ASCII with escape sequences.
    let utf8 = utf8.ok().filter(|_| is_multibyte_utf8 || !body.contains(&0x1b));
    match (trusted, utf8) {
        (None, Some(text)) => text.into(),
        (Some(encoding), Some(text)) if encoding == UTF_8 => text.into(),
        (Some(encoding), _) => encoding.decode_without_bom_handling(body).0,
        (None, None) => detect(body, top_level_domain).decode_without_bom_handling(body).0,
    }
}

/// Whether a page can be in the encoding that it, or its server, claims.
fn is_plausible(encoding: &'static Encoding, body: &[u8], is_multibyte_utf8: bool) -> bool {
    if encoding == UTF_8 {
        // A few broken characters, as where a text was cut in the middle of one, do not make it another encoding.
        return is_multibyte_utf8 || is_mostly_utf8(body);
    }
    if encoding == UTF_16LE || encoding == UTF_16BE {
        // Text in UTF-16 has a zero byte in at least one of its first characters: markup and JSON begin with ASCII.
        return body.iter().take(64).any(|byte| *byte == 0);
    }
    // Text in a single-byte encoding is valid UTF-8 only by a very unlikely accident. Encodings of several bytes look like
    // UTF-8 more often, and are obeyed.
    !(is_multibyte_utf8 && encoding.is_single_byte())
}

/// Whether there are fewer invalid sequences than valid ones; in single-byte encodings it is the other way round.
fn is_mostly_utf8(body: &[u8]) -> bool {
    let mut valid = 0_usize;
    let mut invalid = 0_usize;
    for chunk in body.utf8_chunks() {
        valid += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    invalid == 0 || invalid < valid
}

fn detect(body: &[u8], top_level_domain: Option<&str>) -> &'static Encoding {
    let first = body.iter().position(|byte| !byte.is_ascii() || *byte == 0x1b).unwrap_or(0);
    let sample = &body[first..body.len().min(first + DETECTION_BYTES)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(sample, sample.len() == body.len() - first);
    // The detector panics for labels in other letters.
    let hint =
        top_level_domain.filter(|label| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_lowercase()));
    detector.guess(hint.map(str::as_bytes), Utf8Detection::Allow)
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
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    fn read(body: &[u8], content_type: Option<&str>) -> String {
        decode(body, content_type, None).unwrap().into_owned()
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    fn utf32(text: &str, to_bytes: fn(u32) -> [u8; 4]) -> Vec<u8> {
        text.chars().flat_map(|c| to_bytes(c.into())).collect()
    }

    #[test]
    fn the_encoding_is_found_wherever_it_is_named() {
        let html = Some("text/html; charset=utf-8");
        for (body, content_type, expected) in [
            ("é".as_bytes(), None, "é"),
            (b"\xe9", Some("text/html; charset=\"ISO-8859-1\""), "é"),
            (b"\xe9", Some("text/html;Charset = iso-8859-1"), "é"),
            (b"\xe9", Some("text/html; boundary=x; charset='latin1'"), "é"),
            (b"<meta charset='windows-1251'>\xe9", None, "<meta charset='windows-1251'>й"),
            (b"<meta charset = windows-1251 >\xe9", None, "<meta charset = windows-1251 >й"),
            (
                b"<META HTTP-EQUIV=a CONTENT=\"text/html; CHARSET=koi8-r\">\xc1",
                None,
                "<META HTTP-EQUIV=a CONTENT=\"text/html; CHARSET=koi8-r\">а",
            ),
            (
                b"<?xml version='1.0' encoding = 'windows-1251'?><a>\xe9</a>",
                None,
                "<?xml version='1.0' encoding = 'windows-1251'?><a>й</a>",
            ),
            (b"<meta charset=shift_jis>\x82\xa0", None, "<meta charset=shift_jis>あ"),
            (b"<meta charset=gbk>\xc4\xe3", None, "<meta charset=gbk>你"),
            (b"<meta charset=big5>\xa7\x41", None, "<meta charset=big5>你"),
            (b"<meta charset=euc-kr>\xb3\xaa", None, "<meta charset=euc-kr>나"),
            (b"\xff\xfea\0", html, "a"),
            (b"\xfe\xff\0a", html, "a"),
            (b"\xef\xbb\xbfa", None, "a"),
            (b"\xef\xbb\xbf{\"a\": 1}", Some("application/json"), "{\"a\": 1}"),
            (b"\xe9t\xe9", Some("text/html; charset=nonsense"), "été"),
        ] {
            assert_eq!(read(body, content_type), expected, "{:?}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_name_that_the_bytes_contradict_is_not_believed() {
        let utf8 = Some("text/xml; charset=utf-8");
        let declared = |label: &str, text: &str| format!("<?xml version=\"1.0\" encoding=\"{label}\"?><a>{text}</a>");
        for label in ["utf-16", "UTF-16LE", "utf-8", "windows-1251", "iso-8859-1", "koi8-r", "us-ascii", "x-unknown"] {
            for content_type in [None, utf8, Some("text/xml"), Some("text/xml; charset=iso-8859-1")] {
                let page = declared(label, "Дом");
                assert_eq!(read(page.as_bytes(), content_type), page, "{label} {content_type:?}");
            }
        }
        // The server says UTF-8 of everything.
        let page = b"<meta charset=windows-1251>\xc4\xee\xec";
        assert_eq!(read(page, Some("text/html; charset=utf-8")), "<meta charset=windows-1251>Дом");
        let cut = "Дом за 5 рублей".as_bytes();
        assert_eq!(read(&cut[..5], utf8), "До\u{fffd}", "a text that was cut is still UTF-8");
        assert_eq!(read("é".as_bytes(), Some("text/html; charset=utf-16")), "é");
    }

    #[test]
    fn wide_encodings_are_read_with_and_without_a_mark() {
        for label in ["utf-16", "utf-8", "utf-32", "iso-8859-1"] {
            let text = format!("<?xml version=\"1.0\" encoding=\"{label}\"?><a>Дом 家</a>");
            for mark in ["", "\u{feff}"] {
                let marked = format!("{mark}{text}");
                assert_eq!(read(&utf16(&marked, u16::to_le_bytes), None), text, "{label} LE");
                assert_eq!(read(&utf16(&marked, u16::to_be_bytes), None), text, "{label} BE");
                assert_eq!(read(&utf32(&marked, u32::to_le_bytes), None), text, "{label} 32 LE");
                assert_eq!(read(&utf32(&marked, u32::to_be_bytes), None), text, "{label} 32 BE");
            }
        }
        assert_eq!(read(&utf16("{\"a\": \"é\"}", u16::to_be_bytes), Some("application/json")), "{\"a\": \"é\"}");
    }

    #[test]
    fn what_nobody_names_is_detected() {
        for (label, text) in [
            ("windows-1252", "Vélo à vendre, très bon état, garçon"),
            ("windows-1251", "Продаю велосипед в хорошем состоянии"),
            ("shift_jis", "自転車を売ります。とても良い状態です"),
            ("euc-jp", "自転車を売ります。とても良い状態です"),
            ("iso-2022-jp", "自転車を売ります。とても良い状態です"),
            ("gbk", "出售自行车，状态非常好，价格便宜"),
            ("big5", "出售自行車，狀態非常好，價格便宜"),
            ("euc-kr", "자전거 팝니다 상태가 아주 좋습니다"),
            ("windows-1253", "Πωλείται ποδήλατο σε καλή κατάσταση"),
            ("windows-1250", "Sprzedam rower w bardzo dobrym stanie, żółty, świeżo po przeglądzie"),
        ] {
            let (bytes, _, _) = Encoding::for_label(label.as_bytes()).unwrap().encode(text);
            assert_eq!(read(&bytes, None), text, "{label}");
        }
    }

    #[test]
    fn a_page_in_gzip_is_unpacked_within_the_limit() {
        let pack = |bytes: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        assert_eq!(read(&pack(b"\xe9t\xe9"), Some("text/html; charset=iso-8859-1")), "été");
        let packed = pack("x".repeat(5_000).as_bytes());
        assert!(read(&packed[..packed.len() - 6], None).starts_with("xxx"), "the beginning of a page that was cut");
        assert!(decode(&pack(&vec![b' '; MAX_PAGE_BYTES + 1]), None, None).is_err());
        assert!(!read(b"\x1f\x8b\x08 no gzip", None).is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_are_decoded(
            start in prop::sample::select(vec!["", "<?xml version='1.0' encoding='utf-16'?>", "\u{feff}", "<meta charset=gbk>", "<\0?\0"]),
            noise in prop::collection::vec(any::<u8>(), 0..200),
            content_type in prop::sample::select(vec![None, Some("text/html; charset=utf-16be"), Some("a; charset=shift_jis"), Some(";;=")]),
            domain in prop::sample::select(vec![None, Some("jp"), Some("xn--p1ai"), Some("Рф"), Some("")]),
        ) {
            let body = [start.as_bytes(), &noise].concat();
            let _ = decode(&body, content_type, domain);
        }

        #[test]
        fn utf8_is_never_taken_for_anything_else(text in "\\PC{0,60}", label in "[a-z0-9-]{2,14}") {
            let page = format!("<p>{text}");
            prop_assert_eq!(read(page.as_bytes(), None), page.clone());
            let labelled = read(page.as_bytes(), Some(&format!("text/html; charset={label}")));
            if Encoding::for_label(label.as_bytes()).is_none() {
                prop_assert_eq!(labelled, page);
            }
        }
    }
}
