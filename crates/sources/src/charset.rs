//! Pages in any encoding of the web, as UTF-8.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// A page's bytes in UTF-8: by its byte order mark, else the header, else what its beginning says, else as browsers guess.
pub(crate) fn to_utf8(body: Vec<u8>, content_type: Option<&str>) -> Vec<u8> {
    let encoding = Encoding::for_bom(&body)
        .map(|(encoding, _)| encoding)
        .or_else(|| Encoding::for_label(parameter(content_type?)?.as_bytes()))
        .or_else(|| declared(&body))
        .unwrap_or(if std::str::from_utf8(&body).is_ok() { UTF_8 } else { WINDOWS_1252 });
    let (text, _, _) = encoding.decode(&body);
    if encoding != UTF_8 && text.starts_with("<?xml") {
        // Readers of XML would believe what it says of its encoding, which is no longer true.
        let end = text.find("?>").map_or(0, |end| end + 2);
        return text.as_bytes()[end..].to_vec();
    }
    match text {
        std::borrow::Cow::Borrowed(text) if text.len() == body.len() => body,
        text => text.into_owned().into_bytes(),
    }
}

/// The `charset` of a content type.
fn parameter(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').skip(1).map(str::trim);
    let named = |text: &str| text.get(..8).is_some_and(|name| name.eq_ignore_ascii_case("charset="));
    parameters.find(|text| named(text)).map(|text| text[8..].trim_matches(['"', '\'']))
}

/// What the first 1,024 bytes say, in the ways of HTML and XML.
fn declared(body: &[u8]) -> Option<&'static Encoding> {
    let beginning = String::from_utf8_lossy(&body[..body.len().min(1024)]).to_ascii_lowercase();
    let is_xml = beginning.starts_with("<?xml");
    let mark = if is_xml { "encoding=" } else { "charset=" };
    let value = beginning.split(mark).nth(1)?.trim_start_matches(['"', '\'', ' ']);
    let end = value.find(['"', '\'', ' ', ';', '>', '/', '?']).unwrap_or(value.len());
    let encoding = Encoding::for_label(&value.as_bytes()[..end])?;
    // The mark was readable, so it cannot be in UTF-16, whatever it says.
    Some(if encoding.is_ascii_compatible() { encoding } else { UTF_8 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &[u8], content_type: Option<&str>) -> String {
        String::from_utf8(to_utf8(body.to_vec(), content_type)).unwrap()
    }

    #[test]
    fn every_way_to_say_the_encoding_counts() {
        assert_eq!(read("é".as_bytes(), None), "é");
        assert_eq!(read(b"\xe9", Some("text/html; charset=\"ISO-8859-1\"")), "é");
        assert_eq!(read(b"\xe9", None), "é", "as browsers guess");
        assert_eq!(read(b"<meta charset='windows-1251'>\xe9", None), "<meta charset='windows-1251'>й");
        assert_eq!(read(b"<meta content=\"text/html; charset=shift_jis\">\x82\xa0", None).chars().last(), Some('あ'));
        assert_eq!(read(b"\xff\xfea\0", Some("text/html; charset=utf-8")), "a", "the mark is surer than the header");
        assert_eq!(read(b"\xef\xbb\xbfa", None), "a");
        assert_eq!(read(b"<meta charset=utf-16>a", None), "<meta charset=utf-16>a");
        assert_eq!(read(b"a\xff", Some("text/html; charset=utf-8")), "a\u{fffd}");
        assert_eq!(read("é".as_bytes(), Some("text/html; charset=nonsense")), "é");
    }

    #[test]
    fn xml_no_longer_says_what_it_was() {
        let xml = b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>\xe9</a>";
        assert_eq!(read(xml, None), "<a>é</a>");
        assert_eq!(
            read(b"<?xml version=\"1.0\" encoding=\"utf-8\"?><a/>", None),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><a/>"
        );
    }
}
