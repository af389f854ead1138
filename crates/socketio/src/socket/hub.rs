//! The namespaces of a server.

use std::collections::HashMap;

use parking_lot::RwLock;

use super::namespace::Namespace;

/// The namespaces there are.
#[derive(Default)]
pub(crate) struct NamespaceTable {
    namespaces: RwLock<HashMap<String, Namespace>>,
}

impl NamespaceTable {
    /// The namespace of that name, made when it is not there yet.
    pub(crate) fn of(&self, name: &str) -> Namespace {
        let name = if name.starts_with('/') { name.to_owned() } else { format!("/{name}") };
        let mut namespaces = self.namespaces.write();
        namespaces.entry(name).or_insert_with_key(|name| Namespace::new(name)).clone()
    }

    pub(crate) fn get(&self, name: &str) -> Option<Namespace> {
        self.namespaces.read().get(name).cloned()
    }
}
