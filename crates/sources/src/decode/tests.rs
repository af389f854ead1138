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
fn a_broken_character_does_not_change_the_encoding() {
    let utf8 = Some("text/xml; charset=utf-8");
    for (body, content_type, expected) in [
        (&b"V\xc3\xa9lo \xff \xc3\xa9t\xc3\xa9"[..], None, "Vélo \u{fffd} été"),
        (b"V\xe9lo \xc3\xa9t\xc3\xa9", None, "V\u{fffd}lo été"),
        (b"<?xml version='1.0'?><a>\xe9 \xc3\xa9\xc3\xa9</a>", None, "<?xml version='1.0'?><a>\u{fffd} éé</a>"),
        (b"\xd0\x94\xd0\xbe\xd0", Some("text/html"), "До\u{fffd}"),
        (b"\xe8\x87\xaa\xe8\xbb\xa2\xe8\xbb", None, "自転\u{fffd}"),
        (b"\xc3\xa9 \xc3\xa9 \xc3", utf8, "é é \u{fffd}"),
        (b"{\"a\": \"\xc3\xa9\xc3\xbc \xa0\"}", Some("application/json"), "{\"a\": \"éü \u{fffd}\"}"),
        // The other way round: a single accident of valid UTF-8 among characters of one byte.
        (b"<meta charset=latin1>\xe9\xe8\xfc \xc3\xa9", None, "<meta charset=latin1>éèü Ã©"),
        (b"\xe9t\xe9, tr\xe8s \xe9l\xe9gant, fran\xe7ais", None, "été, très élégant, français"),
        (b"\xe9t\xe9, tr\xe8s \xe9l\xe9gant, fran\xe7ais", utf8, "été, très élégant, français"),
    ] {
        assert_eq!(read(body, content_type), expected, "{:?} {content_type:?}", String::from_utf8_lossy(body));
    }
    let many = ["é".repeat(20).as_bytes(), b"\xff"].concat();
    let expected = format!("{}\u{fffd}", "é".repeat(20));
    for label in ["iso-8859-1", "windows-1251", "koi8-r", "windows-1252", "iso-8859-15", "macintosh"] {
        assert_eq!(read(&many, Some(&format!("text/html; charset={label}"))), expected, "{label}");
        let declared = [format!("<?xml version='1.0' encoding='{label}'?>").as_bytes(), &many].concat();
        assert!(read(&declared, None).ends_with(&expected), "{label}");
    }
}

#[test]
fn iso_2022_jp_is_known_by_its_escape_sequences() {
    let text = "自転車 9,500円 ｶﾅ";
    for declaration in [
        "",
        "<?xml version=\"1.0\" encoding=\"ISO-2022-JP\"?>",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
        "<?xml version=\"1.0\"?>",
        "<meta charset=iso-2022-jp>",
        "<meta http-equiv=Content-Type content=\"text/html; charset=ISO-2022-JP\">",
        "{\"title\": ",
    ] {
        for content_type in [None, Some("text/xml"), Some("text/html; charset=iso-2022-jp"), Some("a; charset=utf-8")] {
            let page = format!("{declaration}<p>自転車 9,500円</p>");
            let (bytes, _, _) = ISO_2022_JP.encode(&page);
            assert_eq!(read(&bytes, content_type), page, "{declaration} {content_type:?}");
        }
    }
    let (bytes, _, _) = ISO_2022_JP.encode(text);
    assert!(read(&bytes, None).starts_with("自転車 9,500円"));
    for plain in ["\u{1b}[31mred", "a \u{1b} b", "\u{1b}(B", "é \u{1b}$B"] {
        assert_eq!(read(plain.as_bytes(), None), plain, "{plain:?}");
    }
    // Encodings that the standard replaces with an error are no reason to lose a page.
    for label in ["iso-2022-kr", "hz-gb-2312", "replacement", "iso-2022-jp"] {
        assert_eq!(read("Desk é".as_bytes(), Some(&format!("text/html; charset={label}"))), "Desk é", "{label}");
    }
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
    fn a_broken_character_costs_nothing_but_itself(
        text in "[à-þa-z а-яぁ-ん<>/]{0,40}[éж自]{4}",
        broken in prop::sample::select(vec![&b"\xff"[..], b"\xe9", b"\xc3", b"\xe3\x81", b"\xf0\x9f"]),
        place in any::<prop::sample::Index>(),
        content_type in prop::sample::select(vec![None, Some("text/xml"), Some("text/html; charset=utf-8")]),
    ) {
        let boundaries: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        let at = boundaries[place.index(boundaries.len())];
        let body = [&text.as_bytes()[..at], broken, b" ", &text.as_bytes()[at..]].concat();
        prop_assert_eq!(read(&body, content_type), format!("{}\u{fffd} {}", &text[..at], &text[at..]));
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
