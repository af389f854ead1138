//! Static files: those embedded in the binary, and the user's own pages.

mod conditional;
mod embedded;
mod public_dir;

pub use embedded::routes;
pub use public_dir::public_dir;
