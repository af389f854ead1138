#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod copy;
mod import;

pub use copy::{CopiedTable, CopyError, CopyProgress, CopySummary, ProgressWatch, backup, copy, restore};
pub use import::{
    ImportError, ImportNote, ImportOptions, ImportOutcome, ImportProgress, ImportReport, ImportedTable, OtherTable,
    import,
};
