#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod adapter;
mod adapters;
mod address;
mod character_references;
mod date_reader;
mod date_tokens;
mod date_words;
mod decode;
mod embedded;
mod embedded_repair;
mod fetch;
mod json_path;
mod markup;
mod markup_text;
mod page;
mod parts;
mod period_words;
mod picture;
mod price_value;
mod reference_price;
mod refusal;
mod refused_answer;
mod robots;
mod setting_field;
mod settings;
mod shown_text;
mod source_settings;
mod template;
mod visit;
mod xml;

pub use adapter::{Adapter, SiteInfo, SourceKind};
pub use adapters::{SOURCE_KINDS, find_source_kind};
pub use address::Reach;
pub use decode::MAX_PAGE_BYTES;
pub use fetch::{FetchOptions, Fetcher};
pub use page::{Page, PageState, Reading};
pub use robots::Robots;
pub use setting_field::{COMMON_SETTINGS, SettingField, SettingSection, SettingType};
pub use settings::Settings;
pub use source_settings::{Search, SourceSettings};
pub use visit::{Step, Version, Versions, Visit};
