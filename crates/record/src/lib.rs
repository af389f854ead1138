//! Derives the columns, the insert and the update of a database row from its struct.
