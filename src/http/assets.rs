//! Files for browsers: those the binary carries, and the user's own pages.

mod conditional;
mod embedded;
mod public_dir;

pub use embedded::routes;
pub use public_dir::public_dir;
