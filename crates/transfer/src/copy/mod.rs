//! Copies of whole stores: from one database to the other, into backups and back.
//!
//! The store is read as it is at one moment, row by row in the order of the tables' keys, and written in that order in
//! transactions of bounded size. What has been written is therefore always the beginning of what is to be written, and a copy
//! that was interrupted goes on by comparing: where the rows that are there add up to the same as the first ones of the
//! store as it is now, the rest follows; where they do not, somebody has changed the store, and the copy begins anew. In the
//! end everything is read back and must add up to the same.
//!
//! Until then the copy says in `meta` that it is unfinished, and no program opens it.

mod backup;
mod error;
mod file;
mod numbers;
mod rows;
mod source;
mod tables;
mod target;
mod transfer;

pub use self::backup::{backup, restore};
pub use self::error::CopyError;
pub use self::transfer::{CopiedTable, CopyProgress, CopySummary, ProgressWatch, copy};

#[cfg(test)]
mod tests;
