//! Addresses that are put together from parts of a listing, such as `https://shop.example/item/{$.slug}`.

use std::fmt::Write as _;

/// Text with places for values, each of which `T` leads to.
#[derive(Clone, Debug)]
pub(crate) struct Template<T>(Vec<Piece<T>>);

#[derive(Clone, Debug)]
enum Piece<T> {
    Literal(String),
    Value(T),
}

impl<T> Template<T> {
    /// Whether a text has places for values.
    pub(crate) fn is_template(text: &str) -> bool {
        text.contains('{')
    }

    /// Reads a template; `parse` reads what is within the braces.
    ///
    /// # Errors
    /// A brace without its counterpart, or what `parse` complains of.
    pub(crate) fn parse(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            let unclosed =
                || "has a { without a }; give a template such as \"https://shop.example/item/{...}\"".to_owned();
            let (inner, after) = after.split_once('}').ok_or_else(unclosed)?;
            pieces.push(Piece::Literal(literal.to_owned()));
            pieces.push(Piece::Value(parse(inner.trim())?));
            rest = after;
        }
        pieces.push(Piece::Literal(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// The text with all values in their places; none where one is missing.
    pub(crate) fn fill(&self, value: impl Fn(&T) -> Option<String>) -> Option<String> {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => filled.push_str(literal),
                Piece::Value(place) => push_escaped(&mut filled, &value(place)?),
            }
        }
        Some(filled)
    }
}

/// Appends a value so that it remains one part of an address: it may have several path segments, but neither begins a query nor a
/// fragment.
fn push_escaped(address: &mut String, value: &str) {
    for c in value.trim().chars() {
        match c {
            '?' | '#' | '%' | ' ' | '\\' => drop(write!(address, "%{:02X}", u32::from(c))),
            c if c.is_control() => {}
            c => address.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(template: &str) -> Option<String> {
        let parse = |name: &str| if name.is_empty() { Err("is empty".to_owned()) } else { Ok(name.to_owned()) };
        let value = |name: &String| Some(name.clone()).filter(|name| name != "none");
        Template::parse(template, parse).unwrap().fill(value)
    }

    #[test]
    fn values_stay_within_their_part_of_the_address() {
        for (template, expected) in [
            ("https://x.test/item/{desk-1}", Some("https://x.test/item/desk-1")),
            ("https://x.test/{a}/{ b }?c={d}", Some("https://x.test/a/b?c=d")),
            ("{https://x.test/a}", Some("https://x.test/a")),
            ("/item/{a?b#c}", Some("/item/a%3Fb%23c")),
            ("/item/{50% off}", Some("/item/50%25%20off")),
            ("/item/{a/b}", Some("/item/a/b")),
            ("/item/{none}", None),
            ("/item/", Some("/item/")),
        ] {
            assert_eq!(fill(template).as_deref(), expected, "{template}");
        }
        let refused = |text: &str| Template::parse(text, |_| Ok::<(), String>(())).unwrap_err();
        assert!(refused("https://x.test/{a").contains("a { without a }"));
    }
}
