//! What Super-Bot says over the wire: one type for each thing, whether it is a REST answer, the payload of an event or part
//! of the OpenAPI document.

mod alerts;
mod sources;

pub use alerts::{PriceAlert, SavedSearch};
pub use sources::{PageListing, RunView, SourceKindView, SourceKinds, SourceSettingView, SourceView, Sources};
