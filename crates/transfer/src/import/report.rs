//! Report of an import.

use serde::Serialize;

use super::file::{OldRow, TABLES};

/// Result of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// The imported tables with their row counts.
    pub tables: Vec<ImportedTable>,
    /// Rows and fields that were not imported unchanged; at most [`ImportReport::MAX_NOTES`].
    pub notes: Vec<ImportNote>,
    /// Number of further notes that were not stored.
    pub more_notes: u64,
    /// Tables that are not imported.
    pub other_tables: Vec<OtherTable>,
}

/// Row counts of a table; each row is counted once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportedTable {
    /// Name of the table.
    pub name: &'static str,
    /// Whether the file has the table.
    pub found: bool,
    /// Rows that were added.
    pub taken_over: u64,
    /// Rows that existed in the store.
    pub already_there: u64,
    /// Rows that could not be imported; the notes have the reasons.
    pub refused: u64,
    /// Columns that are not imported.
    pub other_columns: Vec<String>,
}

/// A table that is not imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OtherTable {
    /// Name of the table.
    pub name: String,
    /// Number of its rows.
    pub rows: u64,
}

/// A row or field that was not imported unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportNote {
    /// What happened to the row.
    pub outcome: ImportOutcome,
    /// Name of the table.
    pub table: &'static str,
    /// Id of the row.
    pub id: String,
    /// Name of the column.
    pub field: &'static str,
    /// The stored value, abbreviated; passwords are never shown.
    pub value: String,
    /// The reason, and what would be valid or what to do.
    pub reason: String,
}

/// What happened to a row with a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// The row was not imported.
    Refused,
    /// The row was imported, with this field changed or omitted.
    Changed,
    /// The row was imported; the note is for information.
    Noted,
}

impl ImportReport {
    /// Maximum number of notes; a file with more is unusable anyway.
    pub const MAX_NOTES: usize = 100_000;

    pub(super) fn new() -> Self {
        let tables = TABLES.map(|name| ImportedTable { name, ..ImportedTable::default() });
        Self { tables: tables.into(), ..Self::default() }
    }

    /// Returns the counts of a table.
    pub(super) fn table(&mut self, name: &str) -> &mut ImportedTable {
        // Callers only pass names from `TABLES`, so the default is never used.
        let place = self.tables.iter().position(|table| table.name == name).unwrap_or_default();
        &mut self.tables[place]
    }

    pub(super) fn note(&mut self, notes: Vec<ImportNote>) {
        for note in notes {
            if self.notes.len() < Self::MAX_NOTES { self.notes.push(note) } else { self.more_notes += 1 }
        }
    }

    /// Counts a row that was added, or existed before.
    pub(super) fn count(&mut self, table: &str, is_new: bool) {
        let table = self.table(table);
        if is_new { table.taken_over += 1 } else { table.already_there += 1 }
    }

    /// Counts a row that was not imported, and stores the reasons.
    pub(super) fn refuse(&mut self, table: &str, notes: Vec<ImportNote>) {
        self.table(table).refused += 1;
        self.note(notes);
    }
}

impl ImportNote {
    pub(super) fn new(
        outcome: ImportOutcome,
        table: &'static str,
        row: &OldRow,
        field: &'static str,
        reason: impl Into<String>,
    ) -> Self {
        let value = if field.starts_with("password") { "(not shown)".to_owned() } else { row.cell(field).shown() };
        Self { outcome, table, id: row.id(), field, value, reason: reason.into() }
    }
}
