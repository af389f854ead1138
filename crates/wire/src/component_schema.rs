//! Schemas of the API's description.

use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

/// A schema of the API's description.
pub struct ComponentSchema {
    /// Its name among the components.
    pub name: String,
    /// The schema itself, and then those that it refers to.
    pub components: Vec<(String, RefOr<Schema>)>,
}

impl ComponentSchema {
    pub(crate) fn of<T: ToSchema>() -> Self {
        let name = T::name().into_owned();
        let mut components = vec![(name.clone(), T::schema())];
        T::schemas(&mut components);
        Self { name, components }
    }

    /// A reference to it.
    pub fn reference(&self) -> Value {
        json!({ "$ref": format!("#/components/schemas/{}", self.name) })
    }
}

/// Declares the schema of an enum of the domain whose variants are strings, which are in its `NAMES`.
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

/// The schema of a string that is one of these.
pub(crate) fn choice_of(names: &'static [&'static str]) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names.iter().copied())).into()
}
