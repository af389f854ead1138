//! The address of a picture, out of the attributes that pages keep it in.

use crate::xml::StartTag;

/// Attributes with an address, in the order of trust: where a page loads its pictures late, `src` is a placeholder.
const ADDRESS_ATTRIBUTES: [&str; 10] = [
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-lazy",
    "data-srcset",
    "src",
    "srcset",
    "data-bg",
    "style",
    "content",
];

/// The picture of an element, whose attributes `attribute` returns.
pub(crate) fn picture_of(attribute: impl Fn(&str) -> Option<String>) -> Option<String> {
    ADDRESS_ATTRIBUTES.iter().find_map(|name| picture_in_attribute(name, &attribute(name)?))
}

pub(crate) fn picture_of_tag(tag: StartTag<'_>) -> Option<String> {
    picture_of(|name| tag.attribute(name))
}

/// The address in the value of an attribute of that name; none for a placeholder that is part of the page.
pub(crate) fn picture_in_attribute(name: &str, value: &str) -> Option<String> {
    let address = match name {
        _ if name.ends_with("srcset") => largest_candidate(value)?,
        "style" => css_url(value)?,
        _ => value.trim(),
    };
    let is_inline = address.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"));
    (!address.is_empty() && !is_inline).then(|| address.to_owned())
}

/// The candidate of a `srcset` with the greatest width or density (HTML, section 4.8.4.2.1).
fn largest_candidate(srcset: &str) -> Option<&str> {
    let mut rest = srcset;
    let mut largest: Option<(f64, &str)> = None;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if rest.is_empty() {
            return largest.map(|(_, address)| address);
        }
        // An address may have commas; one at its end separates candidates.
        let (written, after) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
        let address = written.trim_end_matches(',');
        let ends_here = address.len() < written.len();
        let (descriptor, next) = if ends_here { ("", after) } else { after.split_once(',').unwrap_or((after, "")) };
        let size = descriptor.trim().trim_end_matches(['w', 'x', 'h']).parse().unwrap_or(1.0);
        if largest.is_none_or(|(before, _)| size > before) {
            largest = Some((size, address));
        }
        rest = next;
    }
}

/// The first address of a style, as in `background-image: url("a.jpg")`; in quotation marks it may have parentheses.
fn css_url(style: &str) -> Option<&str> {
    let (_, rest) = style.split_once("url(")?;
    let rest = rest.trim_start();
    match rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        Some(quote) => rest[1..].split_once(quote).map(|(address, _)| address.trim()),
        None => rest.split_once(')').map(|(address, _)| address.trim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_found_in_every_attribute() {
        for (attributes, expected) in [
            (&[("src", "/a.jpg")][..], Some("/a.jpg")),
            (&[("src", "blank.gif"), ("data-src", "/a.jpg")], Some("/a.jpg")),
            (&[("src", "data:image/gif;base64,R0lGOD"), ("srcset", "/a.jpg 1x, /b.jpg 2x")], Some("/b.jpg")),
            (&[("srcset", "/a.jpg 320w, /b.jpg 640w, /c.jpg 480w")], Some("/b.jpg")),
            (&[("srcset", "/a.jpg, /b.jpg 2x")], Some("/b.jpg")),
            (&[("srcset", "/a,b.jpg 1x,/c.jpg 0.5x")], Some("/a,b.jpg")),
            (&[("srcset", " /only.jpg ")], Some("/only.jpg")),
            (&[("data-srcset", "/a.jpg 100w,\n /b.jpg 200w")], Some("/b.jpg")),
            (&[("style", "width: 1px; background-image: url('/a.jpg')")], Some("/a.jpg")),
            (&[("style", "background:url(/a.jpg) center")], Some("/a.jpg")),
            (&[("style", "background: url( '/a b.jpg' ), url(/2.jpg)")], Some("/a b.jpg")),
            (&[("style", "background-image: url(\"/a(1).jpg\")")], Some("/a(1).jpg")),
            (&[("style", "background-image: url('/a.jpg?b=(c)')")], Some("/a.jpg?b=(c)")),
            (&[("style", "background-image: url('/a.jpg)")], None),
            (&[("style", "color: red")], None),
            (&[("content", "/a.jpg")], Some("/a.jpg")),
            (&[("src", "")], None),
            (&[("srcset", " , ")], None),
        ] {
            let attribute = |name: &str| {
                attributes.iter().find(|(written, _)| *written == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(picture_of(attribute).as_deref(), expected, "{attributes:?}");
        }
    }
}
