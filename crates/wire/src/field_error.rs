//! Fields that are wrong.

use std::fmt;

use serde::{Deserialize, Serialize};
use superbot_domain::FieldError;

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = FieldError))]
pub struct FieldErrorView {
    /// The path to the field, as in `items[3].title`; empty for the whole body.
    pub field: String,
    /// Names the value that was given and what would be right.
    pub message: String,
    /// Where in the field's text the error is, in Unicode characters from 0, not counting the white space before it; the length
    /// of the text where something is missing at its end. Only errors about keywords have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u32, required = false))]
    pub position: Option<u32>,
}

impl From<FieldError> for FieldErrorView {
    fn from(error: FieldError) -> Self {
        Self { field: error.field, message: error.message, position: error.position }
    }
}

impl From<FieldErrorView> for FieldError {
    fn from(view: FieldErrorView) -> Self {
        let mut error = Self::new(view.field, view.message);
        error.position = view.position;
        error
    }
}

impl fmt::Display for FieldErrorView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        FieldError::from(self.clone()).fmt(f)
    }
}
