//! Statements whose text depends on the number of values.

use super::query::{QueryAs, QueryScalar, SqlQuery, StatementText};
use super::value::{SqlValue, SqlValues};

/// A statement under construction; each value is bound where it was pushed.
#[derive(Default)]
pub struct QueryBuilder {
    sql: String,
    /// Byte offsets of the parameters in `sql`, each a question mark.
    places: Vec<usize>,
    values: SqlValues,
}

/// A list of values with a separator between them.
pub struct SeparatedValues<'b> {
    builder: &'b mut QueryBuilder,
    separator: &'static str,
    begun: bool,
}

impl QueryBuilder {
    /// Starts a statement with this text, which must not contain user input.
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), ..Self::default() }
    }

    /// Appends text, which must not contain user input.
    pub fn push(&mut self, sql: impl AsRef<str>) -> &mut Self {
        self.sql.push_str(sql.as_ref());
        self
    }

    /// Appends a parameter with its value.
    pub fn push_bind(&mut self, value: impl Into<SqlValue>) -> &mut Self {
        self.values.0.push(value.into());
        // The offset at which the question mark is appended next.
        self.places.push(self.sql.len());
        self.sql.push('?');
        self
    }

    /// Appends `VALUES` and one parenthesised row per item.
    pub fn push_values<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut row: impl FnMut(SeparatedValues<'_>, T),
    ) -> &mut Self {
        let mut before = "VALUES (";
        for item in items {
            self.push(before);
            row(self.separated(", "), item);
            before = "), (";
        }
        self.push(")")
    }

    /// Starts a list of values with a separator.
    pub fn separated(&mut self, separator: &'static str) -> SeparatedValues<'_> {
        SeparatedValues { builder: self, separator, begun: false }
    }

    /// Builds a statement that returns no rows.
    pub fn build(self) -> SqlQuery {
        SqlQuery::new(StatementText::Built { sql: self.sql, places: self.places }, self.values)
    }

    /// Builds a statement whose rows are read as `T`.
    pub fn build_query_as<T>(self) -> QueryAs<T> {
        self.build().into_rows()
    }

    /// Builds a statement whose rows have one column.
    pub fn build_query_scalar<T>(self) -> QueryScalar<T> {
        self.build().into_scalars()
    }
}

impl SeparatedValues<'_> {
    /// Appends a value, preceded by the separator unless it is the first.
    pub fn push_bind(&mut self, value: impl Into<SqlValue>) -> &mut Self {
        self.begin().push_bind(value);
        self
    }

    /// Appends a value that is bound as text and converted by the SQL cast, such as `::jsonb`.
    pub fn push_bind_as(&mut self, value: impl Into<SqlValue>, cast: &'static str) -> &mut Self {
        self.begin().push_bind(value).push(cast);
        self
    }

    fn begin(&mut self) -> &mut QueryBuilder {
        if self.begun {
            self.builder.push(self.separator);
        }
        self.begun = true;
        self.builder
    }
}

/// Splits rows into chunks of a few fixed sizes, so that the number of distinct statements stays small and they are
/// prepared once.
pub fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    const SIZES: [usize; 5] = [512, 64, 8, 2, 1];
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rows.len())?;
        let (chunk, rest) = rows.split_at(size);
        rows = rest;
        Some(chunk)
    })
}

/// Builds a statement from text ending in `IN (`, a list of ids, and the text after the list.
pub fn where_in(statement: &str, ids: &[i64], rest: &str) -> QueryBuilder {
    let mut query = QueryBuilder::new(statement);
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(*id);
    }
    query.push(")").push(rest);
    query
}
