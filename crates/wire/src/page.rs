//! Pagination.

use serde::Serialize;

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListPage<T> {
    /// Items in the order of the list.
    pub items: Vec<T>,
    /// The `cursor` of the next page; `None` on the last page.
    pub next_cursor: Option<String>,
}

impl<T> ListPage<T> {
    /// Returns a list that consists of one page.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use std::borrow::Cow;

    use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
    use utoipa::openapi::{Ref, RefOr};
    use utoipa::{PartialSchema, ToSchema};

    use super::ListPage;

    impl<T: ToSchema> PartialSchema for ListPage<T> {
        fn schema() -> RefOr<Schema> {
            let cursor = ObjectBuilder::new()
                .schema_type(SchemaType::Array(vec![Type::String, Type::Null]))
                .description(Some("The `cursor` of the next page; null on the last page."));
            ObjectBuilder::new()
                .description(Some("A page of a list."))
                .property("items", ArrayBuilder::new().items(Ref::from_schema_name(T::name())))
                .required("items")
                .property("next_cursor", cursor)
                .required("next_cursor")
                .into()
        }
    }

    impl<T: ToSchema> ToSchema for ListPage<T> {
        fn name() -> Cow<'static, str> {
            let name = T::name();
            // `ListingView` becomes `ListingPage`.
            format!("{}Page", name.strip_suffix("View").unwrap_or(&name)).into()
        }

        fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
            schemas.push((T::name().into_owned(), T::schema()));
            T::schemas(schemas);
        }
    }
}
