//! How records are written.

use super::builder::{QueryBuilder, SeparatedValues};
use super::query::QueryScalar;

/// A record that can be inserted into its table.
pub trait InsertRecord: Sized {
    /// The statement up to its values.
    const INSERT: &'static str;

    /// Adds the values of a row.
    fn bind_insert(self, row: &mut SeparatedValues<'_>);
}

/// A record of which some columns change.
pub trait UpdateRecord {
    /// The statement that gives these columns of its row the record's values.
    fn update(self) -> QueryBuilder;
}

/// The statement that inserts records, of which there must be one at least. Where they are many, [`chunks`](super::chunks)
/// keeps the number of different statements small.
pub fn insert<T: InsertRecord>(records: impl IntoIterator<Item = T>) -> QueryBuilder {
    let mut insert = QueryBuilder::new(T::INSERT);
    insert.push_values(records, |mut row, record| record.bind_insert(&mut row));
    insert
}

/// The statement that inserts a record and gives the number that the database has given it.
pub fn insert_returning_id(record: impl InsertRecord) -> QueryScalar<i64> {
    let mut insert = insert([record]);
    insert.push(" RETURNING id");
    insert.build_query_scalar()
}
