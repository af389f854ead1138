//! The namespaces of a server.

use std::collections::HashMap;

use parking_lot::RwLock;

use super::namespace::Namespace;

/// Registry of namespaces.
#[derive(Default)]
pub(crate) struct NamespaceTable {
    namespaces: RwLock<HashMap<String, Namespace>>,
}

impl NamespaceTable {
    /// Returns the namespace with this name, creating it if necessary.
    pub(crate) fn of(&self, name: &str) -> Namespace {
        let name = if name.starts_with('/') { name.to_owned() } else { format!("/{name}") };
        let mut namespaces = self.namespaces.write();
        namespaces.entry(name).or_insert_with_key(|name| Namespace::new(name)).clone()
    }

    pub(crate) fn get(&self, name: &str) -> Option<Namespace> {
        self.namespaces.read().get(name).cloned()
    }
}
