//! A tokenizer for XML as it is found on the web: it never fails, and a fault costs no more than the tag that it is in.
//!
//! What no XML parser accepts is read as its writer meant it: a lone `&` or `<` is text, attributes may lack quotation marks,
//! comments and sections that are never closed end at the next tag's end. Whether tags match is for the caller to decide.

use std::borrow::Cow;

use crate::character_references::decode_references;

/// A piece of a document. Texts are slices of it, and still have their character references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum XmlToken<'a> {
    Start(StartTag<'a>),
    /// The name of an end tag.
    End(&'a str),
    /// Text with character references.
    Text(&'a str),
    /// The content of a CDATA section.
    CData(&'a str),
}

/// A start tag, or the tag of an empty element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StartTag<'a> {
    /// As written, with its prefix.
    pub(crate) name: &'a str,
    attributes: &'a str,
    /// Whether it has no content: `<name/>`.
    pub(crate) is_empty: bool,
}

/// Splits a document into tokens; comments, processing instructions and the document type are left out.
#[derive(Clone, Debug)]
pub(crate) struct XmlTokens<'a> {
    text: &'a str,
    position: usize,
    /// Ends of which the rest has none: each is searched for in vain once, so that the time stays linear.
    absent: Vec<&'static str>,
    /// Whether there was a tag; a document type comes before it.
    has_tags: bool,
    /// Whether a tag, a comment or a section so far had no end.
    has_faults: bool,
}

impl<'a> XmlTokens<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, position: 0, absent: Vec::new(), has_tags: false, has_faults: false }
    }

    /// Where the next token begins.
    pub(crate) const fn position(&self) -> usize {
        self.position
    }

    /// Whether a tag, a comment or a section so far had no end.
    pub(crate) const fn has_faults(&self) -> bool {
        self.has_faults
    }

    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    fn find(&mut self, end: &'static str) -> Option<usize> {
        if self.absent.contains(&end) {
            return None;
        }
        let found = self.rest().find(end);
        if found.is_none() {
            self.has_faults = true;
            self.absent.push(end);
        }
        found
    }

    /// Moves behind the next `end`, else behind the next `>`: of what is never closed, one tag is lost and not the rest.
    fn skip_past(&mut self, end: &'static str) {
        let length = self.find(end).map(|at| at + end.len()).or_else(|| self.find(">").map(|at| at + 1));
        self.position += length.unwrap_or(self.rest().len());
    }

    /// Moves behind a document type, whose internal subset has declarations of its own.
    fn skip_doctype(&mut self) {
        self.has_tags = true;
        let rest = self.rest();
        let end = match (rest.find('['), rest.find('>')) {
            (Some(subset), Some(end)) if subset < end => rest.find("]>").map_or(end + 1, |at| at + 2),
            (_, end) => end.map_or(rest.len(), |at| at + 1),
        };
        self.position += end;
    }

    fn cdata(&mut self) -> XmlToken<'a> {
        self.position += "<![CDATA[".len();
        let (length, skipped) = match self.find("]]>") {
            Some(end) => (end, 3),
            // A section that is never closed ends with the element that it is in.
            None => (self.find("</").unwrap_or(self.rest().len()), 0),
        };
        let content = self.rest();
        self.position += length + skipped;
        XmlToken::CData(&content[..length])
    }

    fn end_tag(&mut self) -> XmlToken<'a> {
        let rest = &self.rest()[2..];
        let length = rest.find(['>', '<']).unwrap_or(rest.len());
        let has_end = rest[length..].starts_with('>');
        self.has_faults |= !has_end;
        self.position += 2 + length + usize::from(has_end);
        XmlToken::End(rest[..length].trim())
    }

    fn start_tag(&mut self) -> XmlToken<'a> {
        self.has_tags = true;
        let rest = &self.rest()[1..];
        let name_length = rest.find(|c: char| c.is_whitespace() || matches!(c, '/' | '>' | '<')).unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_length);
        let length = tag_length(after);
        let has_end = after[length..].starts_with('>');
        self.has_faults |= !has_end || after[..length].contains(['<', '>']);
        self.position += 1 + name_length + length + usize::from(has_end);
        let inside = after[..length].trim_end();
        let is_empty = inside.ends_with('/') && !ends_in_unquoted_value(inside);
        let attributes = if is_empty { &inside[..inside.len() - 1] } else { inside };
        XmlToken::Start(StartTag { name, attributes, is_empty })
    }
}

/// The number of bytes before the `>` that ends a tag.
fn tag_length(after_name: &str) -> usize {
    let mut quote = None;
    let mut is_value = false;
    let mut first_end = None;
    for (at, byte) in after_name.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            // XML does not allow `<` in a value: the quotation mark before it was not the opening one.
            (_, b'<') => return first_end.unwrap_or(at),
            (_, b'>') if quote.is_none() => return at,
            (Some(_), b'>') => first_end = first_end.or(Some(at)),
            (None, b'"' | b'\'') if is_value => quote = Some(byte),
            _ => {}
        }
        is_value = byte == b'=' || (is_value && byte.is_ascii_whitespace());
    }
    first_end.unwrap_or(after_name.len())
}

/// Whether a slash at the end belongs to a value without quotation marks: `<a href=http://shop.example/>`.
fn ends_in_unquoted_value(attributes: &str) -> bool {
    let last = attributes.rsplit(char::is_whitespace).next().unwrap_or_default();
    last.split_once('=').is_some_and(|(_, value)| !value.is_empty() && !value.contains(['"', '\'']) && value != "/")
}

impl<'a> Iterator for XmlTokens<'a> {
    type Item = XmlToken<'a>;

    fn next(&mut self) -> Option<XmlToken<'a>> {
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return None;
            }
            if !begins_markup(rest) {
                let text = &rest[..text_length(rest)];
                self.position += text.len();
                return Some(XmlToken::Text(text));
            }
            match rest.as_bytes() {
                [b'<', b'/', ..] => return Some(self.end_tag()),
                [b'<', b'?', ..] => self.skip_past("?>"),
                [b'<', b'!', b'-', b'-', ..] => self.skip_past("-->"),
                [b'<', b'!', b'[', ..] if has_prefix(rest, "<![CDATA[") => return Some(self.cdata()),
                [b'<', b'!', ..] if !self.has_tags && has_prefix(rest, "<!DOCTYPE") => self.skip_doctype(),
                [b'<', b'!', ..] => self.skip_past(">"),
                _ => return Some(self.start_tag()),
            }
        }
    }
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// Whether a text begins with a tag or anything else that is not text; a `<` before a space or a digit is a sign.
fn begins_markup(text: &str) -> bool {
    let is_name_start = |c: char| c.is_alphabetic() || matches!(c, '_' | ':');
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some('<'), Some('?' | '!')) => true,
        (Some('<'), Some('/')) => chars.next().is_some_and(is_name_start),
        (Some('<'), Some(c)) => is_name_start(c),
        _ => false,
    }
}

/// The number of bytes before the next markup; at least one character.
fn text_length(text: &str) -> usize {
    let later = |(at, _): &(usize, &str)| *at > 0 && begins_markup(&text[*at..]);
    text.match_indices('<').find(later).map_or(text.len(), |(at, _)| at)
}

impl<'a> StartTag<'a> {
    /// The names as written and the values of the attributes, without those that are no attributes.
    pub(crate) fn attributes(self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            loop {
                rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
                if rest.is_empty() {
                    return None;
                }
                let length = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
                let (name, after) = rest.split_at(length);
                let Some(value) = after.trim_start().strip_prefix('=') else {
                    rest = after;
                    continue;
                };
                let (value, after) = attribute_value(value.trim_start());
                rest = after;
                if !name.is_empty() {
                    return Some((name, decode_references(value)));
                }
            }
        })
    }

    /// The value of an attribute of XML itself, by its name with the prefix, in any case.
    pub(crate) fn xml_attribute(self, name: &str) -> Option<String> {
        let mut found = self.attributes().filter(|(written, _)| written.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.into_owned())
    }

    /// The value of an attribute, by its name without a prefix, in any case.
    pub(crate) fn attribute(self, name: &str) -> Option<String> {
        let mut found = self.attributes().filter(|(written, _)| local_name(written).eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty())
    }
}

/// The value that a text begins with, and what follows it.
fn attribute_value(text: &str) -> (&str, &str) {
    let quoted = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    match quoted {
        Some(quote) => text[1..].split_once(quote).unwrap_or((&text[1..], "")),
        None => text.split_at(text.find(char::is_whitespace).unwrap_or(text.len())),
    }
}

/// A name without its prefix.
pub(crate) fn local_name(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A short form of each token: `<name a=v>`, `</name>`, the text, `[section]`.
    fn tokens(text: &str) -> Vec<String> {
        let shown = |token: XmlToken<'_>| match token {
            XmlToken::Start(tag) => {
                let attributes =
                    tag.attributes().map(|(name, value)| format!(" {name}={value}")).collect::<Vec<_>>().concat();
                format!("<{}{attributes}{}>", tag.name, if tag.is_empty { "/" } else { "" })
            }
            XmlToken::End(name) => format!("</{name}>"),
            XmlToken::Text(text) => text.to_owned(),
            XmlToken::CData(text) => format!("[{text}]"),
        };
        XmlTokens::new(text).map(shown).collect()
    }

    #[test]
    fn faults_cost_no_more_than_the_tag_they_are_in() {
        for (text, expected) in [
            ("<a>x</a>", &["<a>", "x", "</a>"][..]),
            ("<a b='1' c = \"2\">", &["<a b=1 c=2>"]),
            ("<a b=1 c>x", &["<a b=1>", "x"]),
            ("<a href=http://x.test/>y", &["<a href=http://x.test/>", "y"]),
            ("<a b='x>y'>z", &["<a b=x>y>", "z"]),
            ("<a b=\"x>y</a>", &["<a b=x>", "y", "</a>"]),
            ("<a/><b /><c d='e'/>", &["<a/>", "<b/>", "<c d=e/>"]),
            ("5 < 6 & 7 <3", &["5 < 6 & 7 <3"]),
            ("a <b", &["a ", "<b>"]),
            ("<a>x</a <b>", &["<a>", "x", "</a>", "<b>"]),
            ("<![CDATA[x <b> & ]]>y", &["[x <b> & ]", "y"]),
            ("<![cdata[x]]>", &["[x]"]),
            ("<a><![CDATA[x y</a><b>z</b>", &["<a>", "[x y]", "</a>", "<b>", "z", "</b>"]),
            ("<!-- <a> --><b>", &["<b>"]),
            ("<!-- open <a>x", &["x"]),
            ("<?xml version='1.0'?><a>", &["<a>"]),
            ("<!DOCTYPE rss [<!ENTITY b \"c\">]><a>", &["<a>"]),
            ("<!DOCTYPE html><a>", &["<a>"]),
            ("<é:ü>x</é:ü>", &["<é:ü>", "x", "</é:ü>"]),
            ("< a></ b>", &["< a></ b>"]),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_split_in_order(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "<", ">", "/", "<a", "</a>", "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "<!DOCTYPE", "[", "]>", "=", "\"", "'", " ", "é", "&", "x",
            ]), 0..30),
        ) {
            let text = pieces.concat();
            let mut tokens = XmlTokens::new(&text);
            let mut before = 0;
            while let Some(token) = tokens.next() {
                prop_assert!(tokens.position() > before, "{token:?}");
                before = tokens.position();
                if let XmlToken::Start(tag) = token {
                    prop_assert!(tag.attributes().count() <= text.len());
                }
            }
            prop_assert_eq!(tokens.position(), text.len());
        }
    }
}
