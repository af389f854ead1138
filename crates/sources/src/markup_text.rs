//! The text of HTML that stands within other data: descriptions of feeds, texts in JSON.

use crate::character_references::{decode_references, has_reference};
use crate::xml::{StartTag, XmlToken, XmlTokens, local_name};

/// Elements that begin and end a line where they are shown; all others are part of the line that they are in.
const BLOCK_ELEMENTS: [&str; 50] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "menu",
    "nav",
    "ol",
    "optgroup",
    "option",
    "p",
    "pre",
    "search",
    "section",
    "select",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
];

/// Elements without an effect on lines.
const INLINE_ELEMENTS: [&str; 75] = [
    "a", "abbr", "acronym", "applet", "area", "audio", "b", "base", "basefont", "bdi", "bdo", "big", "button",
    "canvas", "cite", "code", "col", "colgroup", "data", "datalist", "del", "dfn", "em", "embed", "font", "frame",
    "head", "html", "i", "iframe", "img", "input", "ins", "kbd", "label", "legend", "link", "map", "mark", "meta",
    "meter", "nobr", "noscript", "object", "output", "param", "path", "picture", "progress", "q", "rp", "rt", "ruby",
    "s", "samp", "script", "slot", "small", "source", "span", "strike", "strong", "style", "sub", "sup", "svg",
    "template", "textarea", "time", "track", "tt", "u", "var", "video", "wbr",
];

/// Elements that have no end tag.
const VOID_ELEMENTS: [&str; 9] = ["br", "col", "embed", "hr", "img", "input", "param", "source", "wbr"];

/// Whether an element begins and ends a line where it is shown.
pub(crate) fn is_block_element(name: &str) -> bool {
    BLOCK_ELEMENTS.binary_search(&name).is_ok()
}

/// Whether the content of an element is never shown as text.
pub(crate) fn is_hidden_element(name: &str) -> bool {
    matches!(name, "script" | "style" | "template" | "noscript" | "svg")
}

/// The text of a piece of HTML, with a line for each block. What only looks like a tag, such as `<wanted>`, is text.
pub(crate) fn text_of_markup(markup: &str) -> String {
    if markup.contains('<') {
        return without_tags(markup, |_, _| true);
    }
    decode_references(markup).into_owned()
}

/// The text of a title, which may or may not be HTML: an element counts only where it is closed, has attributes, or needs no end
/// tag, so that "Size <S> or <M>" stays as it is.
pub(crate) fn text_of_title(title: &str) -> String {
    let is_markup = title.contains('<') || has_reference(title);
    if !is_markup {
        return title.to_owned();
    }
    let lower = title.to_ascii_lowercase();
    let is_closed = |name: &str| lower.contains(&format!("</{name}"));
    let counts = |name: &str, has_attributes: bool| {
        has_attributes || VOID_ELEMENTS.contains(&name) || name == "p" || is_closed(name)
    };
    without_tags(title, counts)
}

/// `counts` decides about elements of HTML, by their name and whether they have attributes.
fn without_tags(markup: &str, counts: impl Fn(&str, bool) -> bool) -> String {
    let mut text = String::with_capacity(markup.len());
    let mut hidden: Option<String> = None;
    let mut tokens = XmlTokens::new(markup);
    loop {
        let start = tokens.position();
        let Some(token) = tokens.next() else { break };
        match token {
            XmlToken::End(name) if hidden.as_ref().is_some_and(|open| open.eq_ignore_ascii_case(name)) => hidden = None,
            _ if hidden.is_some() => {}
            XmlToken::Start(tag) => {
                let name = tag.name.to_ascii_lowercase();
                let counts = |name: &str| counts(name, tag.attributes().next().is_some());
                if !push_tag(&mut text, &name, || has_markup_form(tag), counts) {
                    text.push_str(&decode_references(&markup[start..tokens.position()]));
                } else if is_hidden_element(&name) && !tag.is_empty {
                    hidden = Some(name);
                }
            }
            XmlToken::End(name) => {
                if !push_tag(&mut text, &name.to_ascii_lowercase(), || has_qualified_name(name), |_| true) {
                    text.push_str(&markup[start..tokens.position()]);
                }
            }
            XmlToken::Text(part) => text.push_str(&decode_references(part)),
            XmlToken::CData(part) => text.push_str(part),
        }
    }
    text
}

/// Appends what a tag means for the text, if it is one; `is_other` decides about names that HTML does not have.
fn push_tag(text: &mut String, name: &str, is_other: impl FnOnce() -> bool, counts: impl FnOnce(&str) -> bool) -> bool {
    if is_block_element(name) {
        let counts = counts(name);
        if counts {
            text.push('\n');
        }
        return counts;
    }
    if INLINE_ELEMENTS.binary_search(&name).is_ok() { counts(name) } else { is_other() }
}

/// Whether an unknown element is markup all the same: `<o:p>`, `<my-price>`, `<x y="z">`.
fn has_markup_form(tag: StartTag<'_>) -> bool {
    has_qualified_name(tag.name) || tag.attributes().next().is_some()
}

fn has_qualified_name(name: &str) -> bool {
    name.contains('-') || local_name(name).len() != name.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::page::line;

    #[test]
    fn the_tables_are_in_order() {
        assert!(BLOCK_ELEMENTS.is_sorted() && INLINE_ELEMENTS.is_sorted());
    }

    #[test]
    fn markup_becomes_the_text_that_it_shows() {
        for (markup, expected) in [
            ("<b>Runs</b> well", "Runs well"),
            ("i<em>Pad</em> 9", "iPad 9"),
            ("one<br>two<p>three</p>four", "one two three four"),
            ("<ul><li>a<li>b</ul>", "a b"),
            ("<td>Price</td><td>$5</td>", "Price $5"),
            ("x<script>if (a<b) alert('</p>')</script>y", "xy"),
            ("x<style>p { color: red }</style>y", "xy"),
            ("Salt & pepper &amp; &eacute;", "Salt & pepper & é"),
            ("Lens <wanted> $90", "Lens <wanted> $90"),
            ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
            ("<o:p>Word</o:p> <my-tag>x</my-tag> <x y='z'>w", "Word x w"),
            ("a<!-- <b>hidden</b> -->c", "ac"),
            ("Kin<wbr>der<span>wagen</span>", "Kinderwagen"),
            ("<img src='x.jpg' alt='y'>z", "z"),
            ("<p>never closed", "never closed"),
        ] {
            assert_eq!(line(&text_of_markup(markup)).unwrap_or_default(), expected, "{markup}");
        }
    }

    #[test]
    fn a_title_is_markup_only_where_it_must_be() {
        for (title, expected) in [
            ("Lens <wanted> $90", "Lens <wanted> $90"),
            ("Size <S> or <M>", "Size <S> or <M>"),
            ("<b>Sale</b> now", "Sale now"),
            ("<B>Sale</B> now", "Sale now"),
            ("one<br/>two<BR>three", "one two three"),
            ("<a href='x'>Bike", "Bike"),
            ("Desk &amp; <b>lamp</b>", "Desk & lamp"),
            ("a <b> c", "a <b> c"),
            ("I <3 this", "I <3 this"),
            ("<<< look >>>", "<<< look >>>"),
            ("R&D", "R&D"),
            ("<title>", "<title>"),
        ] {
            assert_eq!(line(&text_of_title(title)).unwrap_or_default(), expected, "{title}");
        }
    }

    proptest! {
        #[test]
        fn text_without_markup_stays(text in "[^<&]{0,40}") {
            prop_assert_eq!(text_of_markup(&text), text.clone());
            prop_assert_eq!(text_of_title(&text), text);
        }

        #[test]
        fn any_markup_is_read(pieces in prop::collection::vec(prop::sample::select(vec!["<", ">", "</", "<b>", "<p ", "<script>", "&lt;", "é", "<!--", "\""]), 0..20)) {
            let markup = pieces.concat();
            let _ = (text_of_markup(&markup), text_of_title(&markup));
        }
    }
}
