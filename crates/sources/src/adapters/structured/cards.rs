//! Recognizes listings by their form: cards that repeat, each with a link and a price.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ego_tree::NodeId;
use scraper::{ElementRef, Html, Node, Selector};
use superbot_domain::{FoundListing, ListingDetails, Price, parse_price};

use crate::page::{PageText, line, price_line, selector};
use crate::picture::picture_of;
use crate::shown_text::{is_shown, shown_price, shown_text};

/// Fewer cards may be anything.
const MIN_CARDS: usize = 3;
/// Real cards do not nest their price deeper.
const MAX_LEVELS: usize = 12;
/// A longer text is no price.
const MAX_PRICE_BYTES: usize = 60;
/// The most nodes within an element that is one price in pieces.
const MAX_PRICE_NODES: usize = 64;
/// More prices than listings are read of a page.
const MAX_PRICES: usize = 20_000;

static LINK: LazyLock<Selector> = selector!("a[href]");
static HEADING: LazyLock<Selector> = selector!("h1, h2, h3, h4, h5, h6, [class*=title i]");
static PICTURE: LazyLock<Selector> = selector!("img, [style*=background]");

/// A card, and the element of its price.
struct Card<'a> {
    element: ElementRef<'a>,
    price: ElementRef<'a>,
}

/// The listings of the cards that repeat most often, and the number of these cards.
pub(super) fn find_cards(page: &PageText<'_>, html: &Html) -> (Vec<FoundListing>, usize) {
    let mut groups: HashMap<(NodeId, &str, &str), Vec<Card<'_>>> = HashMap::new();
    let mut seen = HashSet::new();
    let destinations = destinations(html);
    for price in price_elements(html) {
        let Some(card) = card_of(price, &destinations).filter(|card| seen.insert(card.id())) else { continue };
        let Some(parent) = card.parent() else { continue };
        let class = card.value().classes().next().unwrap_or_default();
        groups.entry((parent.id(), card.value().name(), class)).or_default().push(Card { element: card, price });
    }
    // Of groups of the same size, the first on the page.
    let best = groups.into_iter().max_by_key(|((parent, ..), cards)| (cards.len(), std::cmp::Reverse(*parent)));
    let cards = best.map(|(_, cards)| cards).filter(|cards| cards.len() >= MIN_CARDS).unwrap_or_default();
    (cards.iter().filter_map(|card| card.read(page)).collect(), cards.len())
}

/// Whether a page shows as many prices as a list of results does.
pub(super) fn shows_prices(html: &Html) -> bool {
    price_elements(html).take(MIN_CARDS).count() == MIN_CARDS
}

/// The innermost elements whose text is a price with a currency.
fn price_elements(html: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    let texts = html.tree.nodes().filter_map(|node| match node.value() {
        Node::Text(text) if text.len() <= MAX_PRICE_BYTES && text.contains(is_price_character) => {
            Some((&**text, ElementRef::wrap(node.parent()?)?))
        }
        _ => None,
    });
    let is_struck = |element: &ElementRef<'_>| matches!(element.value().name(), "del" | "s" | "strike");
    let is_former = move |element: &ElementRef<'_>| {
        let around = element.ancestors().filter_map(ElementRef::wrap).take(3);
        std::iter::once(*element).chain(around).any(|outer| is_struck(&outer))
    };
    let asked = texts.filter(move |(_, element)| !is_former(element)).take(MAX_PRICES);
    asked.filter_map(|(text, element)| price_element(text, element)).filter(|element| is_shown(*element))
}

/// The element of the price that a piece of text belongs to: its own, or the one around it where that holds the pieces of one
/// price, such as `<i>$</i><b>10</b>`, and nothing else.
fn price_element<'a>(text: &str, element: ElementRef<'a>) -> Option<ElementRef<'a>> {
    if states_price(text) {
        return Some(element);
    }
    let is_piece = |text: &str| text.split_whitespace().all(is_price_word);
    let own = [Some(element), element.parent().and_then(ElementRef::wrap)].into_iter().flatten();
    // Bounded before its texts are read: each text of an element with many would read all of them.
    own.filter(|element| element.descendants().nth(MAX_PRICE_NODES).is_none())
        .filter(|element| element.text().all(|text| is_piece(text) && !states_price(text)))
        .find(|element| states_price(&shown_text(*element)))
}

fn is_price_character(c: char) -> bool {
    c.is_ascii_digit() || is_currency_sign(c)
}

const fn is_currency_sign(c: char) -> bool {
    matches!(c, '$' | '£' | '€' | '¥' | '₹' | '₽' | '₩' | '₺' | '₫' | '₪' | '₴')
}

/// Whether a word can be a piece of an amount: its currency, its digits, or the signs between them.
fn is_price_word(word: &str) -> bool {
    is_currency_word(word)
        || word.chars().all(|c| is_price_character(c) || matches!(c, '.' | ',' | '\'' | '’' | '-' | '–' | '—'))
}

fn is_currency_word(word: &str) -> bool {
    matches!(
        word,
        "kr" | "kr."
            | "zł"
            | "Kč"
            | "Ft"
            | "EUR"
            | "USD"
            | "GBP"
            | "CHF"
            | "SEK"
            | "NOK"
            | "DKK"
            | "PLN"
            | "CZK"
            | "HUF"
            | "CAD"
            | "AUD"
    )
}

/// Whether a text states an amount with its currency.
fn states_price(text: &str) -> bool {
    let has_currency = text.contains(is_currency_sign) || text.split_whitespace().any(is_currency_word);
    text.len() <= MAX_PRICE_BYTES && has_currency && text.contains(|c: char| c.is_ascii_digit())
}

/// Where the links within an element lead: to one place, or to several (none).
type Destinations<'a> = HashMap<NodeId, Option<&'a str>>;

/// The destinations of every element that is near to a link; computed once, because cards may be many.
fn destinations(html: &Html) -> Destinations<'_> {
    let mut found = Destinations::new();
    for link in html.select(&LINK) {
        let address = link.attr("href").unwrap_or_default().split('#').next().unwrap_or_default();
        if address.is_empty() {
            continue;
        }
        for node in std::iter::once(*link).chain(link.ancestors().take(2 * MAX_LEVELS)) {
            let here = found.entry(node.id()).or_insert(Some(address));
            *here = here.filter(|before| *before == address);
        }
    }
    found
}

/// The largest element around a price that leads to one place, and so describes one thing.
fn card_of<'a>(price: ElementRef<'a>, destinations: &Destinations<'_>) -> Option<ElementRef<'a>> {
    let ancestors = price.ancestors().filter_map(ElementRef::wrap).take(MAX_LEVELS);
    let mut card = None;
    for element in std::iter::once(price).chain(ancestors) {
        match destinations.get(&element.id()) {
            None => {}
            Some(Some(_)) => card = Some(element),
            Some(None) => return card,
        }
    }
    None
}

impl Card<'_> {
    fn read(&self, page: &PageText<'_>) -> Option<FoundListing> {
        let links: Vec<ElementRef<'_>> = match self.element.value().name() {
            "a" => vec![self.element],
            _ => self.element.select(&LINK).collect(),
        };
        let text = |element: ElementRef<'_>| line(&shown_text(element));
        let heading = self.element.select(&HEADING).find_map(text);
        let by_attribute = || links.iter().find_map(|link| line(link.attr("title").or(link.attr("aria-label"))?));
        let by_link = || {
            links
                .iter()
                .filter(|link| link.id() != self.element.id())
                .filter_map(|link| text(*link))
                .max_by_key(String::len)
        };
        let by_picture = || self.element.select(&PICTURE).find_map(|image| line(image.attr("alt")?));
        let title = heading.or_else(by_attribute).or_else(by_link).or_else(by_picture)?;
        let shown = shown_price(self.price);
        let price = price_line(&shown.asked).map(|text| parse_price(&text, page.currency)).unwrap_or_default();
        let image =
            self.element.select(&PICTURE).find_map(|image| picture_of(|name| image.attr(name).map(str::to_owned)));
        let details =
            ListingDetails { image_url: image.and_then(|image| page.link(&image)), ..ListingDetails::default() };
        let link = links.iter().find_map(|link| page.link(link.attr("href")?))?;
        (price.price != Price::Unstated).then(|| FoundListing {
            title,
            link,
            price,
            details,
            ..FoundListing::default()
        })
    }
}
