//! Component schemas of the OpenAPI document.

use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

/// A component schema.
pub struct ComponentSchema {
    /// Name among the components.
    pub name: String,
    /// The schema, followed by those it refers to.
    pub components: Vec<(String, RefOr<Schema>)>,
}

impl ComponentSchema {
    pub(crate) fn of<T: ToSchema>() -> Self {
        let name = T::name().into_owned();
        let mut components = vec![(name.clone(), T::schema())];
        T::schemas(&mut components);
        Self { name, components }
    }

    /// Returns a reference to the schema.
    pub fn reference(&self) -> Value {
        json!({ "$ref": format!("#/components/schemas/{}", self.name) })
    }
}

/// Declares the schema of a domain enum whose variants are strings, listed in its `NAMES`.
macro_rules! choice_schema {
    ($schema:ident: $choice:ty) => {
        #[doc = concat!("The schema of [`", stringify!($choice), "`].")]
        pub(crate) struct $schema;

        impl utoipa::PartialSchema for $schema {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                crate::component_schema::choice_of(<$choice>::NAMES)
            }
        }

        impl utoipa::ToSchema for $schema {}
    };
}
pub(crate) use choice_schema;

/// Returns the schema of a string with these values.
pub(crate) fn choice_of(names: &'static [&'static str]) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names.iter().copied())).into()
}
