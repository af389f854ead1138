//! Finds the JSON of an answer, or in the scripts of a page.

use scraper::Selector;
use serde_json::Value;

use crate::embedded::{all_after, first, sequence, whole};
use crate::embedded_repair::unguarded;
use crate::markup;

/// The script of a page that has the JSON.
#[derive(Clone, Debug)]
pub(super) enum JsonScript {
    /// An element with that id, such as `__NEXT_DATA__`, or a variable of that name, such as `window.__STATE__`.
    Name(String),
    /// Elements, of which the content or an attribute counts.
    Elements(Selector, Option<String>),
    /// The pieces that Next.js pages hand to `self.__next_f.push`.
    Flight,
}

const FLIGHT: &str = "self.__next_f";
/// Answers of several documents have a few; each is read whole.
const MAX_DOCUMENTS: usize = 200;
/// A page has no more scripts of the same kind.
const MAX_SCRIPTS: usize = 50;

impl JsonScript {
    /// Reads a name, a CSS selector, a CSS selector with `@attribute`, or `self.__next_f`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.');
        if text == FLIGHT {
            return Ok(Self::Flight);
        }
        // `script` and `script.data` are selectors.
        if !text.is_empty() && !text.starts_with("script") && !text.starts_with('.') && text.chars().all(is_name) {
            return Ok(Self::Name(text.to_owned()));
        }
        let (css, attribute) = match text.rsplit_once('@') {
            Some((css, attribute)) => (css.trim(), Some(attribute.trim().to_ascii_lowercase())),
            None => (text, None),
        };
        let selector =
            Selector::parse(css).map_err(|error| format!("is no name of a script and no CSS selector: {error}"))?;
        Ok(Self::Elements(selector, attribute))
    }

    fn documents(&self, page: &str) -> Result<Vec<Value>, String> {
        match self {
            Self::Name(name) => Ok(by_id(page, name).or_else(|| by_assignment(page, name)).into_iter().collect()),
            Self::Elements(selector, attribute) => {
                let html = markup::parse(page)?;
                let content = |element: scraper::ElementRef<'_>| match attribute {
                    Some(attribute) => element.attr(attribute).and_then(first),
                    None => first(unguarded(&element.text().collect::<String>())),
                };
                Ok(html.select(selector).take(MAX_SCRIPTS).filter_map(content).collect())
            }
            Self::Flight => Ok(flight_documents(page)),
        }
    }
}

/// The JSON of an answer.
#[derive(Debug)]
pub(super) struct JsonDocuments {
    pub(super) documents: Vec<Value>,
    /// Whether something beside them is no JSON, such as a document that was cut.
    pub(super) is_damaged: bool,
}

impl From<Vec<Value>> for JsonDocuments {
    fn from(documents: Vec<Value>) -> Self {
        Self { documents, is_damaged: false }
    }
}

/// The JSON documents of an answer; `script` says where in a web page they are.
///
/// # Errors
/// Why there are none.
pub(super) fn read_documents(body: &str, script: Option<&JsonScript>) -> Result<JsonDocuments, String> {
    let body = body.trim();
    let text = unguarded(body);
    let Some(script) = script.filter(|_| body.starts_with('<')) else {
        return whole(text.as_bytes()).map(|document| vec![document].into()).or_else(|error| {
            let callback = || in_parentheses(text).map(JsonDocuments::from);
            several_documents(text).or_else(callback).ok_or_else(|| format!("it is no JSON: {error}"))
        });
    };
    let documents = script.documents(body)?;
    if documents.is_empty() {
        return Err("the page has no JSON where the settings say (script)".to_owned());
    }
    Ok(documents.into())
}

/// Documents one after the other, or on lines of their own; a line that is none, such as an empty one, costs nothing but itself.
fn several_documents(text: &str) -> Option<JsonDocuments> {
    let (documents, is_damaged) = sequence(text, MAX_DOCUMENTS);
    let lines = text.lines().map(str::trim).filter(|line| line.starts_with(['{', '[']));
    let (on_lines, are_damaged): (Vec<_>, Vec<_>) = lines.take(MAX_DOCUMENTS).map(|line| sequence(line, 1)).unzip();
    let on_lines = on_lines.concat();
    // Lines within a document may be documents as well: those of the sequence come first.
    let is_sequence = !documents.is_empty() && documents.len() >= on_lines.len();
    let found = if is_sequence {
        JsonDocuments { documents, is_damaged }
    } else {
        JsonDocuments { documents: on_lines, is_damaged: are_damaged.contains(&true) }
    };
    let has_some = found.documents.iter().any(|document| document.is_object() || document.is_array());
    has_some.then_some(found)
}

/// The argument of a callback: `callback({...});`.
fn in_parentheses(text: &str) -> Option<Vec<Value>> {
    let (name, rest) = text.split_once('(')?;
    // Some check first that it exists: `typeof callback === 'function' && callback(...)`.
    let is_callback = name.chars().all(|c| c.is_alphanumeric() || "_$. =&|[]'\"".contains(c));
    let document = first(rest.trim_start())?;
    (is_callback && (document.is_object() || document.is_array())).then(|| vec![document])
}

/// The content of the element with that id.
fn by_id(page: &str, id: &str) -> Option<Value> {
    let quoted = [format!("id=\"{id}\""), format!("id='{id}'"), format!("id={id}>"), format!("id={id} ")];
    quoted.iter().find_map(|mark| {
        let (_, rest) = page.split_once(mark.as_str())?;
        let content = if mark.ends_with('>') { rest } else { rest.split_once('>')?.1 };
        first(unguarded(content))
    })
}

/// The value that is assigned to that variable, as it stands or as a text that is parsed: `x = {...}`, `x = JSON.parse("...")`.
fn by_assignment(page: &str, name: &str) -> Option<Value> {
    page.match_indices(name).take(MAX_SCRIPTS).find_map(|(at, _)| {
        let after = page[at + name.len()..].trim_start_matches(['"', '\'', ']']).trim_start();
        let value = after.strip_prefix('=').or_else(|| after.strip_prefix(':'))?.trim_start();
        let parsed = value.strip_prefix("JSON.parse(").map(str::trim_start);
        match parsed {
            Some(text) => first(text)?.as_str().and_then(first),
            None => first(value).filter(|value| value.is_object() || value.is_array()),
        }
    })
}

/// The documents of a Next.js page: its pieces are cut anywhere, and each line of the whole is a number and a document.
fn flight_documents(page: &str) -> Vec<Value> {
    let pieces = all_after(page, "self.__next_f.push(");
    let flight: String = pieces.flatten().filter_map(|piece| piece[1].as_str().map(str::to_owned)).collect();
    let document = |line: &str| {
        let (_, value) = line.split_once(':')?;
        let value = value.trim_start_matches(|c: char| c.is_ascii_uppercase());
        first(value).filter(|value| value.is_object() || value.is_array())
    };
    flight.lines().filter_map(document).take(MAX_DOCUMENTS).collect()
}
