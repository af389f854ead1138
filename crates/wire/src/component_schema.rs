//! Schemas of the API's description.

use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

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
