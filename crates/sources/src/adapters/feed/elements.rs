//! The elements of one entry of an XML feed, and what their names mean.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::character_references::decode_references;
use crate::markup_text::{text_of_markup, text_of_title};
use crate::xml::{StartTag, local_name};

/// Namespaces of which elements are read, without scheme, in lower case and without a `/` or `#` at the end, and the prefix that
/// names their elements here. Elements of RSS and Atom have none.
const NAMESPACES: [(&str, &str); 24] = [
    ("backend.userland.com/rss", ""),
    ("backend.userland.com/rss2", ""),
    ("base.google.com/cns/1.0", "g"),
    ("base.google.com/ns/1.0", "g"),
    ("blogs.law.harvard.edu/tech/rss", ""),
    ("channel.netscape.com/rdf/simple/0.9", ""),
    ("cyber.law.harvard.edu/rss/rss.html", ""),
    ("my.netscape.com/rdf/simple/0.9", ""),
    ("opengis.net/gml", "gml"),
    ("purl.org/atom/ns", ""),
    ("purl.org/dc/elements/1.0", "dc"),
    ("purl.org/dc/elements/1.1", "dc"),
    ("purl.org/dc/terms", "dc"),
    ("purl.org/net/rss1.1", ""),
    ("purl.org/rss/1.0", ""),
    ("purl.org/rss/1.0/modules/content", "content"),
    ("purl.org/rss/1.0/modules/rss091", ""),
    ("search.yahoo.com/mrss", "media"),
    ("tools.ietf.org/html/draft-dehora-farrell-oasis-media", "media"),
    ("w3.org/1999/02/22-rdf-syntax-ns", "rdf"),
    ("w3.org/1999/xhtml", "xhtml"),
    ("w3.org/2005/atom", ""),
    ("w3.org/tr/rec-html40", "xhtml"),
    ("w3.org/tr/xhtml1/strict", "xhtml"),
];

/// Which prefix stands for which namespace. Prefixes hardly ever change their meaning within a feed, so one table serves it all.
#[derive(Debug, Default)]
pub(super) struct Prefixes(HashMap<String, &'static str>);

impl Prefixes {
    /// Notes the declarations of a tag; the result is the prefix of its default namespace, if it declares one.
    pub(super) fn declare(&mut self, tag: StartTag<'_>) -> Option<&'static str> {
        let mut default = None;
        for (name, value) in tag.attributes().filter(|(name, _)| has_prefix(name, "xmlns")) {
            let known = known_namespace(&value);
            match (name.split_once(':'), known) {
                (None, known) => default = Some(known.unwrap_or("")),
                (Some((_, prefix)), Some(known)) => drop(self.0.insert(prefix.to_ascii_lowercase(), known)),
                (Some(_), None) => {}
            }
        }
        default
    }

    /// The name of an element in lower case with the prefix of [`NAMESPACES`]: `media:content`, `title`.
    pub(super) fn resolve(&self, name: &str, default: &str) -> String {
        let lower = name.to_ascii_lowercase();
        let (prefix, local) = match lower.split_once(':') {
            None => (default, &*lower),
            Some((written, local)) => (self.0.get(written).copied().unwrap_or(conventional_prefix(written)), local),
        };
        if prefix.is_empty() { local.to_owned() } else { format!("{prefix}:{local}") }
    }
}

/// The meaning of a prefix that is not declared, or declared as something else by mistake.
fn conventional_prefix(written: &str) -> &str {
    match written {
        "atom" | "atom10" | "a10" | "rss" => "",
        "dcterms" => "dc",
        other => other,
    }
}

fn has_prefix(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn known_namespace(address: &str) -> Option<&'static str> {
    let lower = address.trim().to_ascii_lowercase();
    let bare = lower.split_once("://").map_or(&*lower, |(_, rest)| rest);
    let bare = bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches(['/', '#']);
    let place = NAMESPACES.binary_search_by_key(&bare, |(namespace, _)| namespace).ok();
    place.map(|place| NAMESPACES[place].1).or_else(|| bare.contains("itunes.com/dtds").then_some("itunes"))
}

/// An element within an entry.
#[derive(Debug)]
pub(super) struct Element<'a> {
    /// As [`Prefixes::resolve`] names it.
    pub(super) name: String,
    pub(super) tag: StartTag<'a>,
    /// The place of the element that it is in; none in the entry itself.
    pub(super) parent: Option<usize>,
    /// Its own text, with character references replaced.
    pub(super) text: Cow<'a, str>,
    /// What is between its tags, as written.
    pub(super) inner: &'a str,
    pub(super) has_children: bool,
}

impl Element<'_> {
    /// Its text as HTML: that of markup within it as written, or else its own.
    pub(super) fn markup(&self) -> Cow<'_, str> {
        if let Some(decoded) = self.base64() {
            return decoded.into();
        }
        if self.has_children { self.inner.into() } else { Cow::Borrowed(&*self.text) }
    }

    /// Its text on any number of lines.
    pub(super) fn plain(&self) -> String {
        text_of_markup(&self.markup())
    }

    /// Its text where it may be HTML or not, as titles of RSS. In Atom an attribute says which of them it is.
    pub(super) fn title(&self, is_atom: bool) -> String {
        let kind = self.tag.attribute("type").map(|kind| kind.to_ascii_lowercase()).unwrap_or_default();
        let is_html = kind.contains("html");
        if self.has_children || is_html || self.base64().is_some() {
            return self.plain();
        }
        if is_atom { self.text.clone().into_owned() } else { text_of_title(&self.text) }
    }

    /// Its text, if Atom 0.3's `mode` says that it is encoded so.
    fn base64(&self) -> Option<String> {
        use base64::Engine as _;
        self.tag.attribute("mode").filter(|mode| mode.eq_ignore_ascii_case("base64"))?;
        let text: String = self.text.split_whitespace().collect();
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
        String::from_utf8(bytes).ok()
    }

    /// Its name without a prefix.
    pub(super) fn local_name(&self) -> &str {
        local_name(&self.name)
    }
}

/// An entry, as far as its elements are known.
#[derive(Debug)]
pub(super) struct EntryElements<'a> {
    pub(super) tag: StartTag<'a>,
    /// Whether it is one of Atom.
    pub(super) is_atom: bool,
    pub(super) elements: Vec<Element<'a>>,
}

impl<'a> EntryElements<'a> {
    /// The elements of that name directly in the entry.
    pub(super) fn children(&self, name: &str) -> impl Iterator<Item = &Element<'a>> {
        self.elements.iter().filter(move |element| element.parent.is_none() && element.name == name)
    }

    /// The elements of that name, wherever they are in the entry, but for what describes another feed.
    pub(super) fn descendants(&self, name: &str) -> impl Iterator<Item = &Element<'a>> {
        self.elements.iter().filter(move |element| element.name == name && !self.is_in_source(element))
    }

    fn is_in_source(&self, element: &Element<'_>) -> bool {
        self.ancestors(element).any(|outer| outer.name == "source")
    }

    /// The elements of the entry around an element, from the inside out.
    pub(super) fn ancestors(&self, element: &Element<'_>) -> impl Iterator<Item = &Element<'a>> {
        let outer = |place: Option<usize>| place.map(|place| &self.elements[place]);
        std::iter::successors(outer(element.parent), move |inner| outer(inner.parent))
    }

    /// The text of the first of these elements that has one.
    pub(super) fn first_text(&self, names: &[&str]) -> Option<String> {
        let text = |name: &&str| {
            let mut texts = self.descendants(name).map(|element| element.text.trim().to_owned());
            texts.find(|text| !text.is_empty())
        };
        names.iter().find_map(text)
    }
}

/// Appends text to what an element has so far.
pub(super) fn append<'a>(text: &mut Cow<'a, str>, more: Cow<'a, str>) {
    if text.is_empty() {
        *text = more;
    } else {
        text.to_mut().push_str(&more);
    }
}

/// Text with its references replaced.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    decode_references(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(NAMESPACES.is_sorted_by_key(|(namespace, _)| namespace));
    }

    #[test]
    fn namespaces_are_known_however_they_are_written() {
        for (address, expected) in [
            ("http://search.yahoo.com/mrss", Some("media")),
            ("http://search.yahoo.com/mrss/", Some("media")),
            ("HTTPS://Search.Yahoo.com/MRSS/", Some("media")),
            ("http://www.w3.org/2005/Atom", Some("")),
            ("http://purl.org/atom/ns#", Some("")),
            ("http://backend.userland.com/rss2", Some("")),
            ("http://www.itunes.com/DTDs/Podcast-1.0.dtd", Some("itunes")),
            ("http://www.w3.org/1999/xhtml", Some("xhtml")),
            ("http://purl.org/dc/terms/", Some("dc")),
            ("http://shop.example/ns", None),
        ] {
            assert_eq!(known_namespace(address), expected, "{address}");
        }
    }
}
