//! Writing records.

use super::builder::{QueryBuilder, SeparatedValues};
use super::query::QueryScalar;

/// A record that can be inserted into its table.
pub trait InsertRecord: Sized {
    /// The statement up to and excluding `VALUES`.
    const INSERT: &'static str;

    /// Appends the values of a row, in the order of the columns in [`Self::INSERT`].
    fn bind_insert(self, row: &mut SeparatedValues<'_>);
}

/// A record that updates some columns of an existing row.
pub trait UpdateRecord {
    /// Returns the statement that sets these columns in the row with the record's key.
    fn update(self) -> QueryBuilder;
}

/// Returns a statement that inserts the records, of which there must be at least one. For many records, use
/// [`chunks`](super::chunks) to keep the number of distinct statements small.
pub fn insert<T: InsertRecord>(records: impl IntoIterator<Item = T>) -> QueryBuilder {
    let mut insert = QueryBuilder::new(T::INSERT);
    insert.push_values(records, |mut row, record| record.bind_insert(&mut row));
    insert
}

/// Returns a statement that inserts a record and returns its generated id.
pub fn insert_returning_id(record: impl InsertRecord) -> QueryScalar<i64> {
    let mut insert = insert([record]);
    insert.push(" RETURNING id");
    insert.build_query_scalar()
}
