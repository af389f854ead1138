//! The macro that derives [`Record`](trait@super::Record); apart from the trait, as it goes by the same name.

/// Derives the trait of the same name for a struct.
macro_rules! Record {
    (
        $(#[$attribute:meta])*
        $seen:vis struct $name:ident {
            $($(#[$field_attribute:meta])* $field_seen:vis $field:ident: $kind:ty),+ $(,)?
        }
    ) => {
        impl $crate::sql::Record for $name {
            fn from_row(row: &$crate::sql::Row<'_>) -> $crate::error::Result<Self> {
                Ok(Self { $($field: <$kind as $crate::sql::Column>::from_column(row, stringify!($field))?),+ })
            }
        }
    };
}
pub(crate) use Record;
