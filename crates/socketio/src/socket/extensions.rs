//! Typed data attached to a socket.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

/// A map from types to values, shared by all handles of the socket.
///
/// A list instead of a hash map: a socket has two or three values, and there are many sockets.
#[derive(Default)]
pub struct SocketExtensions(Mutex<Vec<(TypeId, Arc<dyn Any + Send + Sync>)>>);

impl SocketExtensions {
    /// Stores a value, replacing an earlier one of its type.
    pub fn insert<T: Send + Sync + 'static>(&self, value: T) {
        let key = TypeId::of::<T>();
        let value = Arc::new(value);
        let mut values = self.0.lock();
        match values.iter_mut().find(|(known, _)| *known == key) {
            Some(slot) => slot.1 = value,
            None => values.push((key, value)),
        }
    }

    /// Returns the value of this type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let key = TypeId::of::<T>();
        let values = self.0.lock();
        let value = Arc::clone(&values.iter().find(|(known, _)| *known == key)?.1);
        drop(values);
        value.downcast().ok()
    }

    /// Removes and returns the value of this type.
    pub fn remove<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let key = TypeId::of::<T>();
        let mut values = self.0.lock();
        let at = values.iter().position(|(known, _)| *known == key)?;
        values.swap_remove(at).1.downcast().ok()
    }
}

impl fmt::Debug for SocketExtensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extensions").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_of_each_type() {
        let extensions = SocketExtensions::default();
        extensions.insert(1_u32);
        extensions.insert("name");
        extensions.insert(2_u32);
        assert_eq!(extensions.get::<u32>().as_deref(), Some(&2));
        assert_eq!(extensions.remove::<&str>().as_deref(), Some(&"name"));
        assert_eq!(extensions.get::<&str>(), None);
        assert_eq!(extensions.get::<u64>(), None);
    }
}
