//! An entry of a feed as a listing, whichever dialect it comes from.

use superbot_domain::{FoundListing, ItemCondition, ListingDetails, parse_title_price};

use super::description::{DescriptionFacts, first_words, has_price};
use super::elements::{Element, EntryElements};
use super::entry_price::WrittenPrice;
use crate::page::{PageText, line};
use crate::xml::local_name;

/// What an entry says, before it is known whether that makes a listing. Of lists, the first that can be used counts.
#[derive(Debug, Default)]
pub(super) struct FeedEntry {
    pub(super) title: Option<String>,
    pub(super) links: Vec<String>,
    pub(super) id: Option<String>,
    pub(super) prices: Vec<WrittenPrice>,
    pub(super) location: Option<String>,
    pub(super) images: Vec<String>,
    /// What addresses in the descriptions are relative to, besides the feed.
    pub(super) base: Option<String>,
    /// HTML: the text that is shown, and further ones.
    pub(super) descriptions: Vec<String>,
    pub(super) dates: Vec<String>,
    pub(super) condition: Option<ItemCondition>,
}

/// Where a feed's prices were found, for the reason of its state.
#[derive(Debug, Default)]
pub(super) struct PriceOrigins {
    elements: usize,
    titles: usize,
    descriptions: usize,
    /// Entries that state none.
    unstated: usize,
}

impl PriceOrigins {
    /// A remark on them, if there are prices that were not in titles alone.
    pub(super) fn remark(&self) -> Option<String> {
        let parts =
            [(self.elements, "elements of their own"), (self.titles, "titles"), (self.descriptions, "descriptions")];
        let found: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, place)| format!("{count} in {place}")).collect();
        (self.elements + self.descriptions > 0).then(|| format!("prices: {}", found.join(", ")))
    }
}

impl FeedEntry {
    /// The listing, if it has a title and an address that can be followed.
    pub(super) fn into_listing(self, page: &PageText<'_>, origins: &mut PriceOrigins) -> Option<FoundListing> {
        let facts = DescriptionFacts::of(&self.descriptions);
        let description = facts.description();
        let title = self.title.or_else(|| first_words(description.as_deref()?))?;
        let link = self.links.iter().find_map(|link| page.link(link))?;
        let price = self.prices.iter().filter_map(|price| price.read(page.currency)).find(has_price);
        let (price, origin) = if let Some(price) = price {
            (price, &mut origins.elements)
        } else {
            let in_title = parse_title_price(&title, page.currency);
            if has_price(&in_title) {
                (in_title, &mut origins.titles)
            } else if let Some(price) = facts.price(page.currency) {
                (price, &mut origins.descriptions)
            } else {
                (in_title, &mut origins.unstated)
            }
        };
        *origin += 1;
        let described = facts.images.iter().map(|image| page.rebased(self.base.as_deref(), image));
        let image = self.images.into_iter().chain(described).find_map(|image| page.link(&image));
        Some(FoundListing {
            title,
            link,
            price,
            details: ListingDetails {
                location: self.location.or(facts.location),
                image_url: image,
                description,
                external_id: self.id,
                condition: self.condition,
            },
            created_at: self.dates.iter().find_map(|date| page.moment(date)),
            ..FoundListing::default()
        })
    }
}

const TITLE_ELEMENTS: [&str; 4] = ["title", "dc:title", "media:title", "itunes:title"];
const DESCRIPTION_ELEMENTS: [&str; 10] = [
    "description",
    "summary",
    "content:encoded",
    "content",
    "abstract",
    "xhtml:body",
    "media:description",
    "itunes:summary",
    "dc:description",
    "g:description",
];
const DATE_ELEMENTS: [&str; 9] =
    ["pubdate", "published", "issued", "dc:date", "created", "dc:created", "date", "updated", "modified"];

impl EntryElements<'_> {
    /// What the elements say; addresses are resolved against the bases that the entry declares.
    pub(super) fn into_entry(self, page: &PageText<'_>) -> FeedEntry {
        FeedEntry {
            title: self.title(),
            links: self.links(page),
            id: self.first_text(&["guid", "id", "g:id", "dc:identifier"]).or_else(|| self.tag.attribute("about")),
            prices: self.prices(),
            location: self.location(),
            images: self.images(page),
            base: self.tag.xml_attribute("xml:base"),
            descriptions: self.descriptions(),
            dates: self.dates(),
            condition: self.first_text(&["g:condition"]).and_then(|text| read_condition(&text)),
        }
    }

    fn title(&self) -> Option<String> {
        let own = |name: &&str| self.children(name).find_map(|element| line(&element.title(self.is_atom)));
        let nested = || self.descendants("media:title").find_map(|element| line(&element.title(false)));
        TITLE_ELEMENTS.iter().find_map(own).or_else(nested)
    }

    /// The addresses that may be the entry's own, the likeliest first.
    fn links(&self, page: &PageText<'_>) -> Vec<String> {
        let links = || self.children("link");
        let relation = |link: &Element<'_>| link.tag.attribute("rel").map(|rel| rel.to_ascii_lowercase());
        let is_alternate = |link: &Element<'_>| relation(link).is_none_or(|rel| rel == "alternate");
        let is_page = |link: &Element<'_>| link.tag.attribute("type").is_none_or(|kind| kind.contains("html"));
        let href = |link: &Element<'_>| Some(self.based(page, link, &link.tag.attribute("href")?));
        let text = |element: &Element<'_>| {
            let written = element.text.trim();
            (!written.is_empty()).then(|| self.based(page, element, written))
        };
        let guids = || self.children("guid");
        let is_permalink = |guid: &&Element<'_>| {
            guid.tag.attribute("isPermaLink").is_none_or(|value| !value.eq_ignore_ascii_case("false"))
        };
        let is_address = |text: &String| text.starts_with("http://") || text.starts_with("https://");

        let mut found: Vec<String> = links().filter(|link| is_alternate(link)).filter_map(text).collect();
        found.extend(links().filter(|link| is_alternate(link) && is_page(link)).filter_map(href));
        found.extend(links().filter(|link| is_alternate(link)).filter_map(href));
        let of_entry = |name: &str| {
            let base = self.tag.xml_attribute("xml:base");
            self.tag.attribute(name).map(|address| page.rebased(base.as_deref(), &address))
        };
        found.extend(of_entry("href"));
        found.extend(self.children("g:link").filter_map(text));
        found.extend(guids().filter(is_permalink).filter_map(text).filter(is_address));
        found.extend(of_entry("about"));
        found.extend(self.children("id").filter_map(text).filter(is_address));
        found.extend(links().filter(|link| relation(link).is_none_or(|rel| rel != "self")).filter_map(href));
        for (name, attribute) in [
            ("enclosure", "url"),
            ("media:player", "url"),
            ("media:content", "url"),
            ("content", "src"),
            ("link", "href"),
        ] {
            let address = |element: &Element<'_>| Some(self.based(page, element, &element.tag.attribute(attribute)?));
            found.extend(self.descendants(name).filter_map(address));
        }
        found.extend(self.children("comments").filter_map(text));
        found.extend(guids().filter_map(text).filter(is_address));
        found
    }

    /// An address relative to the `xml:base` of its element, of those around it, and of the entry.
    fn based(&self, page: &PageText<'_>, element: &Element<'_>, address: &str) -> String {
        let mut bases: Vec<String> = element.tag.xml_attribute("xml:base").into_iter().collect();
        bases.extend(self.ancestors(element).filter_map(|outer| outer.tag.xml_attribute("xml:base")));
        bases.extend(self.tag.xml_attribute("xml:base"));
        page.rebased(bases.iter().rev().map(String::as_str), address)
    }

    fn location(&self) -> Option<String> {
        let is_place = |element: &&Element<'_>| {
            matches!(element.local_name(), "location" | "featurename" | "coverage" | "locality" | "address")
        };
        let place = |element: &Element<'_>| {
            let text = if element.has_children { element.plain() } else { element.text.to_string() };
            line(&text).filter(|place| !is_coordinates(place) && !place.starts_with("http"))
        };
        let by_attribute = || self.descendants("gd:where").find_map(|element| element.tag.attribute("valueString"));
        self.elements.iter().filter(is_place).find_map(place).or_else(by_attribute)
    }

    fn images(&self, page: &PageText<'_>) -> Vec<String> {
        let url = |element: &Element<'_>| {
            let address = ["url", "href", "src"].iter().find_map(|name| element.tag.attribute(name));
            let address = address.or_else(|| Some(element.text.trim().to_owned()).filter(|text| !text.is_empty()))?;
            Some(self.based(page, element, &address))
        };
        let mut found: Vec<String> = Vec::new();
        found.extend(self.descendants("media:thumbnail").filter_map(url));
        found.extend(self.descendants("media:content").filter(|media| is_picture(media)).filter_map(url));
        found.extend(self.children("enclosure").filter(|enclosure| is_picture(enclosure)).filter_map(url));
        for name in ["g:image_link", "itunes:image", "g:additional_image_link"] {
            found.extend(self.descendants(name).filter_map(url));
        }
        let is_enclosed = |link: &&Element<'_>| {
            let rel = link.tag.attribute("rel").unwrap_or_default();
            (rel.eq_ignore_ascii_case("enclosure") && is_picture(link)) || rel.eq_ignore_ascii_case("image")
        };
        found.extend(self.children("link").filter(is_enclosed).filter_map(url));
        let is_image = |element: &&Element<'_>| {
            matches!(element.local_name(), "image" | "thumbnail" | "thumb" | "img" | "image_url" | "imageurl" | "photo")
                && !element.has_children
                && !element.name.starts_with("xhtml:")
        };
        found.extend(self.elements.iter().filter(is_image).filter_map(url));
        // <image><url>...</url></image>, as feeds have it for themselves.
        let is_address_of_image = |element: &&Element<'_>| {
            element.name == "url" && element.parent.is_some_and(|parent| self.elements[parent].local_name() == "image")
        };
        found.extend(self.elements.iter().filter(is_address_of_image).filter_map(url));
        found
    }

    fn descriptions(&self) -> Vec<String> {
        let markup = |name: &&str| {
            let texts = self
                .descendants(name)
                .filter(|element| element.name != "content" || element.tag.attribute("src").is_none());
            texts.map(|element| element.markup().into_owned()).find(|text| !text.trim().is_empty())
        };
        DESCRIPTION_ELEMENTS.iter().filter_map(markup).collect()
    }

    fn dates(&self) -> Vec<String> {
        let text = |name: &&str| self.children(name).map(|element| element.text.trim().to_owned()).next();
        DATE_ELEMENTS.iter().filter_map(text).chain(self.tag.attribute("lastmod")).collect()
    }
}

/// Whether an attachment is a picture: by its type, or else by the end of its address.
fn is_picture(element: &Element<'_>) -> bool {
    let attribute = |name: &str| element.tag.attribute(name).map(|value| value.to_ascii_lowercase());
    match (attribute("medium"), attribute("type")) {
        (Some(medium), _) => medium == "image",
        (None, Some(kind)) => kind.starts_with("image"),
        (None, None) => {
            ["url", "href"].iter().find_map(|name| attribute(name)).is_some_and(|url| is_picture_address(&url))
        }
    }
}

/// Whether an address in lower case ends as pictures do.
pub(super) fn is_picture_address(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"].iter().any(|end| path.ends_with(end))
}

/// Whether a place is a pair of coordinates, which is no name.
fn is_coordinates(place: &str) -> bool {
    !place.contains(char::is_alphabetic)
}

/// The condition, in the words of product feeds.
fn read_condition(text: &str) -> Option<ItemCondition> {
    match local_name(&text.trim().to_ascii_lowercase()) {
        "new" => Some(ItemCondition::New),
        other => other.parse().ok(),
    }
}
