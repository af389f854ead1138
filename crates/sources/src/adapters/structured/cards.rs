//! Recognizes listings by their form: cards that repeat, each with a link and a price.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ego_tree::NodeId;
use scraper::{ElementRef, Html, Node, Selector};
use superbot_domain::{FoundListing, ListingDetails, Price, parse_price};

use crate::page::{PageText, line, price_line, selector};
use crate::picture::picture_of;
use crate::shown_text::{shown_price, shown_text};

/// Fewer cards may be anything.
const MIN_CARDS: usize = 3;
/// Real cards do not nest their price deeper.
const MAX_LEVELS: usize = 12;
/// A longer text is no price.
const MAX_PRICE_BYTES: usize = 60;
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

/// The innermost elements whose text is a price with a currency.
fn price_elements(html: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    let texts = html.tree.nodes().filter_map(|node| match node.value() {
        Node::Text(text) if text.len() <= MAX_PRICE_BYTES && text.contains(is_price_character) => node.parent(),
        _ => None,
    });
    let is_struck = |element: &ElementRef<'_>| matches!(element.value().name(), "del" | "s" | "strike");
    let is_former = move |element: &ElementRef<'_>| {
        let around = element.ancestors().filter_map(ElementRef::wrap).take(3);
        std::iter::once(*element).chain(around).any(|outer| is_struck(&outer))
    };
    let asked = texts.filter_map(ElementRef::wrap).filter(move |element| !is_former(element));
    asked.take(MAX_PRICES).filter_map(|element| {
        // A sign and its number may stand in elements of their own.
        let outer = || element.parent().and_then(ElementRef::wrap);
        [Some(element), outer()].into_iter().flatten().find(|element| states_price(*element))
    })
}

fn is_price_character(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '$' | '£' | '€' | '¥')
}

fn states_price(element: ElementRef<'_>) -> bool {
    let text = shown_text(element);
    let has_currency = text.contains(['$', '£', '€', '¥', '₹', '₽'])
        || text.split_whitespace().any(|word| {
            matches!(
                word,
                "kr" | "kr." | "zł" | "Kč" | "Ft" | "EUR" | "USD" | "GBP" | "CHF" | "SEK" | "NOK" | "DKK" | "PLN"
            )
        });
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
