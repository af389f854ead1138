//! Descriptors: each process may have so many.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises this process's own limit as far as it goes, and says how far that is.
pub fn raise_descriptors() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    // Where it cannot be raised, what is said below is what there is.
    let _ = setrlimit(Resource::Nofile, raised);
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}
