#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod adapter;
mod address;
mod charset;
mod craigslist;
mod embedded;
mod facebook;
mod feed;
mod fetch;
mod fields;
mod html;
mod intake;
mod json;
mod json_path;
mod ksl;
mod markup;
mod page;
mod robots;
mod settings;
mod visit;

pub use adapter::{Adapter, Kind};
pub use address::Reach;
pub use fetch::{FetchOptions, Fetcher};
pub use html::HtmlFields;
pub use json::JsonFields;
pub use page::{Found, MAX_PAGE_BYTES, Page, PageState, Reading};
pub use robots::Robots;
pub use settings::{Given, Search, Settings};
pub use visit::{Step, Version, Versions, Visit};
