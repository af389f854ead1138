//! Ingest: everything that is published passes through [`Publisher`].

mod body;
mod item;
mod publisher;

pub use body::{BodyError, ListingsBody};
pub use item::ParsedListing;
pub use publisher::Publisher;
pub use superbot_wire::{ItemError, ItemResult, ItemStatus};
