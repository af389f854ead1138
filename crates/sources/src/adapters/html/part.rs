//! A part of a listing: one or more places in its row.

use scraper::error::SelectorErrorKind;
use scraper::{ElementRef, Selector};
use superbot_domain::InvalidField;

use crate::page::line;
use crate::parts::refused;
use crate::picture::{picture_in_attribute, picture_of};
use crate::shown_text::{ShownPrice, shown_price, shown_text};
use crate::template::Template;

/// Places of a part, of which the first counts that has something.
#[derive(Clone, Debug)]
pub(super) struct HtmlPart {
    places: Vec<Place>,
    /// What of an element counts where no attribute is named.
    content: DefaultContent,
}

#[derive(Clone, Debug)]
enum Place {
    Element(Location),
    /// Text with the parts of a row in it.
    Template(Template<Location>),
}

/// An element in a row, and what of it counts.
#[derive(Clone, Debug)]
struct Location {
    /// The row itself, where there is none.
    within: Option<Selector>,
    attribute: Option<String>,
}

/// What of an element counts where no attribute is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DefaultContent {
    Text,
    Link,
    Picture,
    /// The attribute for machines, where there is one.
    Date,
}

impl HtmlPart {
    /// Reads each of `css`, `css@attribute`, `@attribute`, nothing for the row itself, and templates with these in braces.
    pub(super) fn parse(name: &str, alternatives: &[String]) -> Result<Self, InvalidField> {
        let content = match name {
            "link" => DefaultContent::Link,
            "image" => DefaultContent::Picture,
            "date" => DefaultContent::Date,
            _ => DefaultContent::Text,
        };
        let parse = |text: &String| {
            let place = if Template::<Location>::is_template(text) {
                Template::parse(text, Location::parse).map(Place::Template)
            } else {
                Location::parse(text).map(Place::Element)
            };
            place.map_err(|error| refused(text, &error))
        };
        Ok(Self { places: alternatives.iter().map(parse).collect::<Result<_, _>>()?, content })
    }

    /// The part as text on one line.
    pub(super) fn text(&self, row: ElementRef<'_>) -> Option<String> {
        self.places.iter().find_map(|place| match place {
            Place::Element(location) => location.text(row, self.content),
            Place::Template(template) => template.fill(|location| location.text(row, DefaultContent::Text)),
        })
    }

    /// The part as a price, with no-break spaces, and apart from what is struck out.
    pub(super) fn price(&self, row: ElementRef<'_>) -> Option<ShownPrice> {
        self.places.iter().find_map(|place| match place {
            Place::Element(location) => {
                let element = location.element(row)?;
                let price = match &location.attribute {
                    Some(attribute) => ShownPrice { asked: element.attr(attribute)?.to_owned(), former: None },
                    None => shown_price(element),
                };
                Some(price).filter(|price| !price.asked.trim().is_empty())
            }
            Place::Template(template) => {
                let asked = template.fill(|location| location.text(row, DefaultContent::Text))?;
                Some(ShownPrice { asked, former: None })
            }
        })
    }
}

impl Location {
    fn parse(text: &str) -> Result<Self, String> {
        let (css, attribute) = match text.rsplit_once('@') {
            Some((css, attribute)) if is_name(attribute) => (css.trim(), Some(attribute.to_ascii_lowercase())),
            _ => (text.trim(), None),
        };
        let within = if css.is_empty() { None } else { Some(Selector::parse(css).map_err(|error| because(&error))?) };
        Ok(Self { within, attribute })
    }

    fn element<'a>(&self, row: ElementRef<'a>) -> Option<ElementRef<'a>> {
        match &self.within {
            Some(within) => row.select(within).next(),
            None => Some(row),
        }
    }

    fn text(&self, row: ElementRef<'_>, content: DefaultContent) -> Option<String> {
        let element = self.element(row)?;
        let attribute = |name: &str| element.attr(name).map(str::to_owned);
        match (&self.attribute, content) {
            (Some(name), DefaultContent::Picture) => picture_in_attribute(name, &attribute(name)?),
            (Some(name), _) => line(&attribute(name)?),
            (None, DefaultContent::Link) => line(&attribute("href")?),
            (None, DefaultContent::Picture) => picture_of(attribute),
            (None, DefaultContent::Date) => {
                attribute("datetime").and_then(|date| line(&date)).or_else(|| line(&shown_text(element)))
            }
            (None, DefaultContent::Text) => line(&shown_text(element)),
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:".contains(&byte))
}

pub(super) fn because(error: &SelectorErrorKind) -> String {
    format!("is no CSS selector: {error}")
}
