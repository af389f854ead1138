//! Fields whose values are right, and may not mean what their user thinks.

use serde::Serialize;

/// A field whose value is right, and may not mean what its user thinks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldWarning {
    /// The path to the field.
    pub field: &'static str,
    /// What it means.
    pub message: &'static str,
}

impl FieldWarning {
    /// The warnings about a stored query whose keywords a newer version of the program reads differently.
    pub(crate) fn of_query(is_read_differently: bool) -> Vec<Self> {
        const REREAD: FieldWarning = FieldWarning {
            field: "keywords",
            message: "are read differently since an update: they may match more or other listings than before; the preview shows \
                      which. Save it again, changed or not, and this warning goes",
        };
        if is_read_differently { vec![REREAD] } else { Vec::new() }
    }
}
