//! What became of everything that was found.

use serde::Serialize;

use super::file::{OldRow, TABLES};

/// What became of everything in the old program's file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// The tables that are taken over, each with what became of its rows.
    pub tables: Vec<ImportedTable>,
    /// Rows, and fields of rows, that were not taken over as they are; at most [`ImportReport::MAX_NOTES`] of them.
    pub notes: Vec<ImportNote>,
    /// How many more of those there were.
    pub more_notes: u64,
    /// Tables that this program has no use for.
    pub other_tables: Vec<OtherTable>,
}

/// What became of a table's rows; each is counted once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportedTable {
    /// Its name.
    pub name: &'static str,
    /// Whether it is in the file.
    pub found: bool,
    /// Rows that are here now.
    pub taken_over: u64,
    /// Rows that were here before.
    pub already_there: u64,
    /// Rows that cannot be here; the notes say why.
    pub refused: u64,
    /// Columns that nothing here corresponds to.
    pub other_columns: Vec<String>,
}

/// A table that this program has no use for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OtherTable {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
}

/// Something that was not taken over as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportNote {
    /// What became of the row.
    pub outcome: ImportOutcome,
    /// The table.
    pub table: &'static str,
    /// The row's number in it.
    pub id: String,
    /// The column.
    pub field: &'static str,
    /// What stands there, shortened; never a password.
    pub value: String,
    /// Why, and what would be right or what to do.
    pub reason: String,
}

/// What became of a row that there is something to say about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// It was not taken over.
    Refused,
    /// It was taken over without this, or with this changed.
    Changed,
    /// It is there, and there is something to know about it.
    Noted,
}

impl ImportReport {
    /// So many notes are kept; a file with more is broken throughout.
    pub const MAX_NOTES: usize = 100_000;

    pub(super) fn new() -> Self {
        let tables = TABLES.map(|name| ImportedTable { name, ..ImportedTable::default() });
        Self { tables: tables.into(), ..Self::default() }
    }

    /// A table's part.
    pub(super) fn table(&mut self, name: &str) -> &mut ImportedTable {
        let place = self.tables.iter().position(|table| table.name == name).unwrap_or_default();
        &mut self.tables[place]
    }

    pub(super) fn note(&mut self, notes: Vec<ImportNote>) {
        for note in notes {
            if self.notes.len() < Self::MAX_NOTES { self.notes.push(note) } else { self.more_notes += 1 }
        }
    }

    /// Counts a row that was taken over, or was here before.
    pub(super) fn count(&mut self, table: &str, is_new: bool) {
        let table = self.table(table);
        if is_new { table.taken_over += 1 } else { table.already_there += 1 }
    }

    /// Counts a row that was not taken over, with everything that is wrong with it.
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
