//! The list of adapters. A new one is a file beside this one, its `mod` line and its place in the list.

mod craigslist;
mod facebook;
mod feed;
mod html;
mod json;
mod ksl;
mod structured;

use superbot_domain::{InvalidField, quoted};

use crate::adapter::SourceKind;

/// Every kind of source, in the order in which people choose one.
pub static SOURCE_KINDS: [&SourceKind; 7] =
    [&craigslist::KIND, &ksl::KIND, &facebook::KIND, &feed::KIND, &structured::KIND, &json::KIND, &html::KIND];

/// The kind of source of that name.
///
/// # Errors
/// When there is none; the message lists those that there are.
pub fn find_source_kind(name: &str) -> Result<&'static SourceKind, InvalidField> {
    SOURCE_KINDS.into_iter().find(|kind| kind.name == name).ok_or_else(|| {
        let names = SOURCE_KINDS.map(|kind| kind.name).join(", ");
        InvalidField::new(format!("{} is no adapter; there are {names}", quoted(name)))
    })
}
