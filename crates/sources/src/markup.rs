//! How much of a page is taken apart, so that no page takes long, whatever it is made of.

use std::sync::LazyLock;

use scraper::{Html, Selector};

use crate::page::{PageText, selector};

/// The maximum number of tags and character references read; a longer list begins with what is new.
const MOST_MARKS: usize = 150_000;
/// No real page nests its elements deeper.
const DEEPEST: usize = 400;
/// No real element has more attributes.
const MOST_ATTRIBUTES: usize = 500;

/// Elements that are often left open, and so say nothing of how deeply others are nested.
const OFTEN_OPEN: [&[u8]; 24] = [
    b"area", b"base", b"br", b"col", b"dd", b"dt", b"embed", b"hr", b"img", b"input", b"li", b"link", b"meta",
    b"option", b"p", b"param", b"path", b"source", b"td", b"th", b"tr", b"track", b"wbr", b"use",
];

static BASE: LazyLock<Selector> = selector!("base[href]");

/// A page taken apart.
///
/// # Errors
/// Why it is not: reading it would take longer than any real page does.
pub(crate) fn parse(page: &str) -> Result<Html, &'static str> {
    Ok(Html::parse_document(&page[..readable(page.as_bytes())?]))
}

/// Parses a page and resolves its later addresses against its `<base href>`, if it has one.
///
/// # Errors
/// As [`parse`].
pub(crate) fn parse_page(page: &mut PageText<'_>) -> Result<Html, &'static str> {
    let html = parse(&page.text)?;
    if let Some(base) = html.select(&BASE).next().and_then(|base| base.attr("href")) {
        page.set_base(base);
    }
    Ok(html)
}

/// What stands between a mark and the next end mark after it, of markup that is known well enough to be searched for.
pub(crate) fn between<'a>(page: &'a str, mark: &str, end: &str) -> Option<&'a str> {
    let rest = &page[page.find(mark)?..];
    Some(&rest[..rest.find(end).map_or(rest.len(), |at| at + end.len())])
}

/// How many of a page's bytes are read.
fn readable(page: &[u8]) -> Result<usize, &'static str> {
    let mut depth = 0_usize;
    let mut marks = 0;
    let mut at = 0;
    while let Some(next) = page[at..].iter().position(|byte| matches!(byte, b'<' | b'&')) {
        at += next;
        marks += 1;
        if marks > MOST_MARKS {
            return Ok(at);
        }
        let rest = &page[at + 1..];
        let is_end = rest.first() == Some(&b'/');
        let tag = if is_end { &rest[1..] } else { rest };
        let length = tag.iter().take(20).position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(tag.len().min(20));
        let name = tag[..length].to_ascii_lowercase();
        at += 1;
        if rest.starts_with(b"!--") {
            at += find(rest, b"-->").unwrap_or(rest.len());
        } else if page[at - 1] == b'<' && name.first().is_some_and(u8::is_ascii_alphabetic) {
            if has_too_many_attributes(tag) {
                return Err("one of its elements has more attributes than any real one");
            }
            if is_end {
                depth = depth.saturating_sub(usize::from(!OFTEN_OPEN.contains(&&*name)));
            } else if name == b"script" || name == b"style" {
                at += find(rest, b"</").unwrap_or(rest.len());
            } else {
                depth += usize::from(!OFTEN_OPEN.contains(&&*name));
            }
        }
        if depth > DEEPEST {
            return Err("its elements are nested deeper than any real page's");
        }
    }
    Ok(page.len())
}

/// Whether what looks like a tag has more attributes than there are; what is in quotation marks is a value.
fn has_too_many_attributes(tag: &[u8]) -> bool {
    let mut count = 0;
    let mut quote = None;
    let mut before = b'<';
    for byte in tag {
        match (quote, byte) {
            (Some(open), byte) if open == *byte => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return false,
            (None, b'"' | b'\'') if before == b'=' => quote = Some(*byte),
            (None, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c') if before == b'=' => continue,
            (None, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'/') => {
                count += usize::from(!before.is_ascii_whitespace());
            }
            (None, _) => count += usize::from(matches!(before, b'"' | b'\'')),
        }
        if count > MOST_ATTRIBUTES {
            return true;
        }
        before = *byte;
    }
    false
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(page: &str) -> Result<usize, &'static str> {
        readable(page.as_bytes())
    }

    #[test]
    fn real_pages_are_read_whole() {
        let data = "{&quot;a&quot;: 1, 'b' > c} ".repeat(5_000);
        for page in [
            "<p>a < b & c</p>".repeat(1_000),
            "<li><p>never closed".repeat(10_000),
            format!("<div data-page=\"{data}\" class='a b c'>x</div>"),
            format!("<script>if (a<b) {{ {} }}</script>", "one two three ".repeat(10_000)),
            format!("<!-- <a {} -->", "b ".repeat(10_000)),
            "<div>".repeat(300) + &"</div>".repeat(300),
        ] {
            assert_eq!(reads(&page), Ok(page.len()), "{}", &page[..60]);
        }
    }

    #[test]
    fn what_would_take_long_is_refused_or_cut() {
        assert!(reads(&"<div>".repeat(500)).unwrap_err().contains("nested"));
        assert!(reads(&"<b><i>".repeat(500)).unwrap_err().contains("nested"));
        let names = |between: &str| (0..600).map(|n| format!("a{n}{between}")).collect::<Vec<_>>().concat();
        for page in [
            format!("<p {}", names(" ")),
            format!("<p {}>", names("='>' ")),
            format!("<p {}>", names("=\"\"")),
            format!("<p/{}", names("/")),
        ] {
            assert!(reads(&page).unwrap_err().contains("attributes"), "{}", &page[..60]);
        }
        assert_eq!(reads(&"<p>".repeat(400_000)), Ok(450_000));
        assert_eq!(reads(&"&lt;".repeat(400_000)), Ok(600_000));
    }
}
