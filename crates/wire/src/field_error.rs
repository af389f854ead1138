//! Errors of single fields.

use std::fmt;

use serde::{Deserialize, Serialize};
use superbot_domain::FieldError;

/// An invalid field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = FieldError))]
pub struct FieldErrorView {
    /// Path of the field, such as `items[3].title`; empty for the whole body.
    pub field: String,
    /// Names the given value and what would be valid.
    pub message: String,
    /// Position of the error in the field's text, in Unicode characters from 0, not counting leading white space; the
    /// length of the text if something is missing at its end. Only for errors in keywords.
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
