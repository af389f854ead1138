//! The text of an element as it is shown.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};

use crate::markup_text::{is_block_element, is_hidden_element};

/// A price as an element shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ShownPrice {
    /// What is asked now.
    pub(crate) asked: String,
    /// What is struck out.
    pub(crate) former: Option<String>,
}

/// The text of an element: blocks and line breaks separate words, other elements are part of the word that they are in.
pub(crate) fn shown_text(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    // Elements whose content is not shown, as far as they are open.
    let mut hidden = 0_usize;
    for edge in element.traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(part) if hidden == 0 => text.push_str(part),
                Node::Element(inner) => {
                    hidden += usize::from(is_hidden_element(inner.name()));
                    push_break(&mut text, inner.name());
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(inner) = node.value() {
                    hidden -= usize::from(is_hidden_element(inner.name()));
                    push_break(&mut text, inner.name());
                }
            }
        }
    }
    text
}

fn push_break(text: &mut String, name: &str) {
    if is_block_element(name) {
        text.push('\n');
    }
}

/// The roles that elements of a price have by their markup.
#[derive(Clone, Copy, Debug, Default)]
struct PriceContext {
    /// Open elements whose content is struck out.
    struck: usize,
    inserted: usize,
    /// Open elements that screen readers skip: what they show is said again elsewhere.
    aria_hidden: usize,
    raised: usize,
    hidden: usize,
}

/// The texts of a price, by the role of their elements.
#[derive(Debug, Default)]
struct PriceTexts {
    struck: String,
    inserted: String,
    aria_hidden: String,
    other: String,
}

/// The price that an element shows. `<ins>` is what is asked now, `<del>` and `<s>` are what was asked before, and a raised `50`
/// behind a number is its decimals.
pub(crate) fn shown_price(element: ElementRef<'_>) -> ShownPrice {
    let mut context = PriceContext::default();
    let mut texts = PriceTexts::default();
    for edge in element.traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(part) if context.hidden == 0 => {
                    let is_alone = node.next_sibling().is_none() && node.prev_sibling().is_none();
                    push_price(texts.of(context), part, context.raised > 0, is_alone);
                }
                Node::Element(inner) => {
                    context.count(inner, |number| number + 1);
                    push_break(texts.of(context), inner.name());
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(inner) = node.value() {
                    push_break(texts.of(context), inner.name());
                    context.count(inner, |number| number - 1);
                }
            }
        }
    }
    texts.into_price()
}

impl PriceContext {
    fn count(&mut self, element: &scraper::node::Element, change: impl Fn(usize) -> usize) {
        match element.name() {
            "del" | "s" | "strike" => self.struck = change(self.struck),
            "ins" => self.inserted = change(self.inserted),
            "sup" => self.raised = change(self.raised),
            name if is_hidden_element(name) => self.hidden = change(self.hidden),
            _ => {}
        }
        if element.attr("aria-hidden") == Some("true") {
            self.aria_hidden = change(self.aria_hidden);
        }
    }
}

impl PriceTexts {
    fn of(&mut self, context: PriceContext) -> &mut String {
        match context {
            PriceContext { struck: 1.., .. } => &mut self.struck,
            PriceContext { inserted: 1.., .. } => &mut self.inserted,
            PriceContext { aria_hidden: 1.., .. } => &mut self.aria_hidden,
            _ => &mut self.other,
        }
    }

    fn into_price(self) -> ShownPrice {
        let has_digit = |text: &String| text.contains(|c: char| c.is_numeric());
        let Self { struck, inserted, aria_hidden, other } = self;
        let mut asked = [inserted, other, aria_hidden];
        let place = asked.iter().position(has_digit);
        let place = place.or_else(|| asked.iter().position(|text| !text.trim().is_empty()));
        match place {
            Some(place) => ShownPrice { asked: asked[place].split_off(0), former: Some(struck).filter(has_digit) },
            // All of it is struck out: it is sold, or its price is.
            None => ShownPrice { asked: struck, former: None },
        }
    }
}

/// Appends a piece of a price. Two digits in an element of their own, directly behind a number or raised, are its decimals.
fn push_price(text: &mut String, piece: &str, is_raised: bool, is_alone: bool) {
    let digits = piece.trim();
    let is_cents = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_cents || !(is_raised || (is_alone && digits == piece)) {
        text.push_str(piece);
        return;
    }
    let before = if is_raised { text.trim_end().len() } else { text.len() };
    // A sign may stand between: "1299€" and a raised "95".
    let number_end =
        text[..before].trim_end_matches(|c: char| !c.is_numeric() && !c.is_alphabetic() && is_raised).len();
    if !text[..number_end].ends_with(|c: char| c.is_ascii_digit()) || text[number_end..before].contains(['.', ',']) {
        text.push_str(piece);
        return;
    }
    let digits_after_point = text[..number_end].rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().len();
    let groups_with_point = digits_after_point == 3 && text[..number_end - 3].ends_with('.');
    let decimals = format!("{}{digits}", if groups_with_point { ',' } else { '.' });
    text.insert_str(number_end, &decimals);
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn price(markup: &str) -> (String, Option<String>) {
        let html = Html::parse_fragment(markup);
        let ShownPrice { asked, former } = shown_price(html.root_element());
        let clean = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        (clean(asked), former.map(clean))
    }

    #[test]
    fn a_price_cut_into_elements_is_whole() {
        for (markup, expected) in [
            ("<i>$</i><i>1,050</i><sup>50</sup>", "$1,050.50"),
            ("<span>$</span><span>1,050<span>.</span></span><span>50</span>", "$1,050.50"),
            ("1299€<sup>95</sup>", "1299.95€"),
            ("1299 €<sup>95</sup>", "1299.95 €"),
            ("1.299<sup>95</sup> €", "1.299,95 €"),
            ("1.299,<sup>95</sup> €", "1.299,95 €"),
            ("<b>12</b>\n<sup>50</sup> zł", "12.50 zł"),
            ("<b>12</b><small>50</small> zł", "12.50 zł"),
            ("<b>1</b><b>200</b> €", "1200 €"),
            ("<b>310</b> 000 €", "310 000 €"),
            ("$5<sup>*</sup>", "$5*"),
            ("<div>$5</div><div>10 km</div>", "$5 10 km"),
            ("<b>3</b> <b>50</b>", "3 50"),
            ("<span aria-hidden=true>$1,050.50</span><span>$1,050.50</span>", "$1,050.50"),
            ("<span aria-hidden=true>$1,050.50</span>", "$1,050.50"),
            ("<style>.x { top: 5px }</style>$7", "$7"),
        ] {
            assert_eq!(price(markup).0, expected, "{markup}");
        }
    }

    #[test]
    fn what_is_struck_out_is_the_former_price() {
        for (markup, asked, former) in [
            ("<del>$90.00</del> <ins>$70.00</ins>", "$70.00", Some("$90.00")),
            ("<s>$90</s> $70", "$70", Some("$90")),
            ("$70 <strike>$90</strike>", "$70", Some("$90")),
            (
                "<del aria-hidden=true>$90.00</del> <span>Original price was: $90.00.</span><ins aria-hidden=true>$70.00</ins>\
                 <span>Current price is: $70.00.</span>",
                "$70.00",
                Some("$90.00"),
            ),
            ("<del>$90</del>", "$90", None),
            ("<del>sold</del> <b>$7</b>", "$7", None),
        ] {
            assert_eq!(price(markup), (asked.to_owned(), former.map(str::to_owned)), "{markup}");
        }
    }
}
