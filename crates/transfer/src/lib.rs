#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod copy;
mod import;

pub use copy::{Copied, CopiedTable, CopyError, Progress, Watch, backup, copy, restore};
pub use import::{
    ImportError, ImportNote, ImportOptions, ImportOutcome, ImportProgress, ImportReport, ImportedTable, OtherTable,
    import,
};
