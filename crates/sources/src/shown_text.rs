//! The text of an element as it is shown.

use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use scraper::node::Element;
use scraper::{ElementRef, Node};

use crate::markup_text::{is_block_element, is_hidden_element};
use crate::reference_price::without_reference_prices;

/// A price as an element shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ShownPrice {
    /// What is asked now.
    pub(crate) asked: String,
    /// What is struck out.
    pub(crate) former: Option<String>,
}

/// Whether an element hides its content from everyone who sees the page: by its name, by `hidden`, or by its style.
fn hides_content(element: &Element) -> bool {
    let hides = |(name, value): (&str, &str)| match name {
        "hidden" => !value.eq_ignore_ascii_case("until-found"),
        "style" => {
            let bare: String = value.chars().filter(|c| !c.is_whitespace()).collect();
            let bare = bare.to_ascii_lowercase();
            bare.contains("display:none") || bare.contains("visibility:hidden")
        }
        _ => false,
    };
    is_hidden_element(element.name()) || element.attrs().any(hides)
}

/// Whether an element is shown: neither it nor an element around it hides its content.
pub(crate) fn is_shown(element: ElementRef<'_>) -> bool {
    let around = element.ancestors().filter_map(ElementRef::wrap);
    !std::iter::once(element).chain(around).any(|outer| hides_content(outer.value()))
}

/// Whether an element is part of a `<template>`, which scripts fill in.
pub(crate) fn is_in_template(element: ElementRef<'_>) -> bool {
    element.ancestors().filter_map(ElementRef::wrap).any(|outer| outer.value().name() == "template")
}

/// The text of an element: blocks and line breaks separate words, other elements are part of the word that they are in. What is
/// hidden within it is left out; the element itself may be hidden, because settings may name it.
pub(crate) fn shown_text(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    let hides = |inner: NodeRef<'_, Node>, value: &Element| hides_within(element, inner, value);
    // Elements whose content is not shown, as far as they are open.
    let mut hidden = 0_usize;
    for edge in element.traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(part) if hidden == 0 => text.push_str(part),
                Node::Element(inner) => {
                    hidden += usize::from(hides(node, inner));
                    push_break(&mut text, inner.name());
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(inner) = node.value() {
                    hidden -= usize::from(hides(node, inner));
                    push_break(&mut text, inner.name());
                }
            }
        }
    }
    text
}

/// Whether `inner` hides its content from a text that is read of `outer`.
fn hides_within(outer: ElementRef<'_>, inner: NodeRef<'_, Node>, value: &Element) -> bool {
    if inner.id() == outer.id() { is_hidden_element(value.name()) } else { hides_content(value) }
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
                    push_price(texts.of_piece(context, part), part, context.raised > 0, is_alone);
                }
                Node::Element(inner) => {
                    let is_hidden = hides_within(element, node, inner);
                    context.count(inner, is_hidden, |number| number + 1);
                    push_break(texts.of(context), inner.name());
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(inner) = node.value() {
                    push_break(texts.of(context), inner.name());
                    let is_hidden = hides_within(element, node, inner);
                    context.count(inner, is_hidden, |number| number - 1);
                }
            }
        }
    }
    texts.into_price()
}

impl PriceContext {
    fn count(&mut self, element: &Element, is_hidden: bool, change: impl Fn(usize) -> usize) {
        match element.name() {
            "del" | "s" | "strike" => self.struck = change(self.struck),
            "ins" => self.inserted = change(self.inserted),
            "sup" => self.raised = change(self.raised),
            _ => {}
        }
        if is_hidden {
            self.hidden = change(self.hidden);
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

    /// The dash of a range belongs to its ends, also where screen readers skip it and read out a word in its place.
    fn of_piece(&mut self, context: PriceContext, piece: &str) -> &mut String {
        let is_dash = matches!(piece.trim(), "-" | "–" | "—" | "~");
        self.of(if is_dash { PriceContext { aria_hidden: 0, ..context } } else { context })
    }

    fn into_price(self) -> ShownPrice {
        let has_digit = |text: &String| text.contains(|c: char| c.is_numeric());
        let Self { struck, inserted, aria_hidden, other } = self;
        let asked = [inserted, other, aria_hidden];
        let place = asked.iter().position(has_digit);
        let place = place.or_else(|| asked.iter().position(|text| !text.trim().is_empty()));
        match place {
            Some(place) => ShownPrice {
                asked: without_reference_prices(&asked[place]).into_owned(),
                former: Some(struck).filter(has_digit),
            },
            // All of it is struck out: it is sold, or its price is.
            None => ShownPrice { asked: struck, former: None },
        }
    }
}

/// Appends a piece of a price. Two digits in an element of their own, directly behind a number or raised, are its decimals; other
/// raised numbers refer to a footnote, and are left out.
fn push_price(text: &mut String, piece: &str, is_raised: bool, is_alone: bool) {
    let digits = piece.trim();
    let is_cents = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let before = if is_raised { text.trim_end().len() } else { text.len() };
    // A sign may stand between: "1299€" and a raised "95".
    let number_end =
        text[..before].trim_end_matches(|c: char| !c.is_numeric() && !c.is_alphabetic() && is_raised).len();
    let last_digits = text[..number_end].rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().len();
    let has_point = text[..number_end - last_digits].ends_with(['.', ',']);
    let has_decimals = has_point && last_digits == 2;
    if is_raised && (is_footnote(&text[..before], digits) || (is_cents && has_decimals)) {
        text.push(' ');
        return;
    }
    let may_be_cents = is_cents && (is_raised || (is_alone && digits == piece));
    if !may_be_cents || last_digits == 0 || text[number_end..before].contains(['.', ',']) {
        text.push_str(piece);
        return;
    }
    let groups_with_point = last_digits == 3 && text[..number_end - 3].ends_with('.');
    let decimals = format!("{}{digits}", if groups_with_point { ',' } else { '.' });
    text.insert_str(number_end, &decimals);
}

/// Whether a raised text is the number of a footnote: `1`, `1)`, `[2]`, `1,2`. Decimals have two digits, and a raised 2 or 3 behind a
/// unit of length makes it one of area or volume.
fn is_footnote(before: &str, raised: &str) -> bool {
    let inner = raised.trim_matches(['(', ')', '[', ']']);
    let mut numbers = inner.split([',', ' ']).filter(|number| !number.is_empty()).peekable();
    let is_power = || {
        let unit = before.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        matches!(inner, "2" | "3") && matches!(unit, "m" | "mm" | "cm" | "dm" | "km" | "ft" | "in" | "yd")
    };
    // ",5" is no list of numbers, but a decimal.
    !inner.starts_with([',', '.'])
        && numbers.peek().is_some()
        && numbers.all(|number| {
            let has_digits = number.bytes().all(|byte| byte.is_ascii_digit());
            has_digits && (number.len() == 1 || (number.len() == 2 && inner.len() < raised.len()))
        })
        && !is_power()
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
            ("<svg><title>Price</title></svg>$7", "$7"),
            ("$18 <span aria-hidden=true>–</span> $45", "$18 – $45"),
            ("<bdi>18 €</bdi><span aria-hidden=true> - </span><bdi>45 €</bdi>", "18 € - 45 €"),
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

    #[test]
    fn a_raised_number_of_a_footnote_is_no_part_of_a_price() {
        for (markup, expected) in [
            ("€ 45<sup>1)</sup>", "€ 45"),
            ("€ 45<sup>1</sup>", "€ 45"),
            ("45 €<sup>1)</sup>", "45 €"),
            ("45 €<sup>(1)</sup>", "45 €"),
            ("45 €<sup>[12]</sup>", "45 €"),
            ("45 EUR<sup>3</sup>", "45 EUR"),
            ("1.299 €<sup>1,2</sup>", "1.299 €"),
            ("1.299 €<sup>1, 2)</sup>", "1.299 €"),
            ("45,00 €<sup>12</sup>", "45,00 €"),
            ("$45.50<sup>10</sup>", "$45.50"),
            ("$45<sup><a href='#n'>2</a></sup>", "$45"),
            ("$19<sup>99</sup><sup>1</sup>", "$19.99"),
            ("€ 12<sup>,50</sup>", "€ 12,50"),
            ("$12<sup>.50</sup>", "$12.50"),
            ("<sup>$</sup>19<sup>99</sup>", "$19.99"),
            ("1.200 €/m<sup>2</sup>", "1.200 €/m2"),
            ("$3/ft<sup>2</sup>", "$3/ft2"),
        ] {
            assert_eq!(price(markup).0, expected, "{markup}");
        }
    }

    #[test]
    fn hidden_content_is_no_text() {
        for hidden in [
            "<span hidden>$999</span>",
            "<span hidden=''>$999</span>",
            "<span style='display:none'>$999</span>",
            "<span style='color: red; DISPLAY : none !important'>$999</span>",
            "<span style='visibility: hidden'>$999</span>",
            "<span hidden><b>$9</b>99</span>",
            "<template>$999</template>",
            "<noscript>$999</noscript>",
            "<script>'$999'</script>",
            "<style>.a { width: 999px }</style>",
            "<del hidden>$999</del>",
        ] {
            assert_eq!(price(&format!("{hidden}$50")), ("$50".to_owned(), None), "{hidden}");
            assert_eq!(price(&format!("$50{hidden}")), ("$50".to_owned(), None), "{hidden}");
            let html = Html::parse_fragment(&format!("<p>Bike{hidden}</p>"));
            assert_eq!(shown_text(html.root_element()).trim(), "Bike", "{hidden}");
        }
        let html = Html::parse_fragment("<p hidden>$5</p><div style='display: none'><b>$6</b></div>");
        let select = |css: &str| html.select(&scraper::Selector::parse(css).unwrap()).next().unwrap();
        assert_eq!(shown_text(select("p")).trim(), "$5", "an element that is named is read");
        assert!(!is_shown(select("p")) && !is_shown(select("b")) && is_shown(html.root_element()));
    }
}
