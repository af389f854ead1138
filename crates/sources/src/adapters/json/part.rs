//! A part of a listing: one or more places in its item.

use serde_json::Value;
use superbot_domain::InvalidField;

use crate::embedded::text;
use crate::json_path::BoundedPath;
use crate::markup_text::{text_of_markup, text_of_title};
use crate::page::line;
use crate::parts::refused;
use crate::template::Template;

/// Places of a part, of which the first counts that has something.
#[derive(Clone, Debug)]
pub(super) struct JsonPart(Vec<Place>);

#[derive(Clone, Debug)]
enum Place {
    Path(BoundedPath),
    /// Text with values of the item in it.
    Template(Template<BoundedPath>),
}

/// A longer text is a description, in which every element of HTML is one.
const TITLE_BYTES: usize = 300;

impl JsonPart {
    /// Reads paths, and templates with paths in braces.
    pub(super) fn parse(alternatives: &[String]) -> Result<Self, InvalidField> {
        let parse = |text: &String| {
            // A path may have braces in its names, and begins with its root.
            let is_template = Template::<BoundedPath>::is_template(text) && !text.trim_start().starts_with('$');
            let place = if is_template {
                Template::parse(text, BoundedPath::parse).map(Place::Template)
            } else {
                BoundedPath::parse(text).map(Place::Path)
            };
            place.map_err(|error| refused(text, &error))
        };
        Ok(Self(alternatives.iter().map(parse).collect::<Result<_, _>>()?))
    }

    /// The first value that is not null.
    pub(super) fn value<'v>(&self, item: &'v Value) -> Option<&'v Value> {
        let paths = self.0.iter().filter_map(|place| match place {
            Place::Path(path) => path.first(item),
            Place::Template(_) => None,
        });
        paths.filter(|value| !value.is_null()).find(|value| value.as_str() != Some(""))
    }

    /// The first text, or number as text; of a list, its first one.
    pub(super) fn text(&self, item: &Value) -> Option<String> {
        self.0.iter().find_map(|place| match place {
            Place::Path(path) => first_text(path.first(item)?),
            Place::Template(template) => template.fill(|path| first_text(path.first(item)?)),
        })
    }

    /// The text on one line, without the markup and the character references that sites leave in their data.
    pub(super) fn clean_text(&self, item: &Value) -> Option<String> {
        let text = self.text(item)?;
        line(&if text.len() > TITLE_BYTES { text_of_markup(&text) } else { text_of_title(&text) })
    }
}

fn first_text(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => items.first().and_then(text),
        other => text(other),
    }
}
