//! Copies of whole stores: between databases, to backups and back.
//!
//! The source is read from one snapshot, row by row in the order of the tables' keys, and written in that order in
//! transactions of bounded size. The target is therefore always a prefix of the source. An interrupted copy is resumed
//! by comparing checksums: if the existing rows have the same checksum as the first rows of the source, the rest is
//! appended; otherwise the source has changed, and the copy starts over. In the end, everything is read back and
//! compared.
//!
//! Until then, `meta` marks the copy as unfinished, and no program opens it.

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
