//! Statements whose text depends on how many values there are.

use super::query::{QueryAs, QueryScalar, SqlQuery, StatementText};
use super::value::{SqlValue, SqlValues};

/// A statement that is put together; what is bound stands where it was pushed.
#[derive(Default)]
pub struct QueryBuilder {
    sql: String,
    /// Where the parameters are, each a question mark.
    places: Vec<usize>,
    values: SqlValues,
}

/// Values with something between them.
pub struct SeparatedValues<'b> {
    builder: &'b mut QueryBuilder,
    separator: &'static str,
    begun: bool,
}

impl QueryBuilder {
    /// A statement that begins with this text, which must not come from outside.
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), ..Self::default() }
    }

    /// Adds text, which must not come from outside.
    pub fn push(&mut self, sql: impl AsRef<str>) -> &mut Self {
        self.sql.push_str(sql.as_ref());
        self
    }

    /// Adds a value.
    pub fn push_bind(&mut self, value: impl Into<SqlValue>) -> &mut Self {
        self.values.0.push(value.into());
        self.places.push(self.sql.len());
        self.sql.push('?');
        self
    }

    /// Adds `VALUES` and a row of values for each item.
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

    /// Adds values with something between them.
    pub fn separated(&mut self, separator: &'static str) -> SeparatedValues<'_> {
        SeparatedValues { builder: self, separator, begun: false }
    }

    /// The statement, of which only the effect is wanted.
    pub fn build(self) -> SqlQuery {
        SqlQuery::new(StatementText::Built { sql: self.sql, places: self.places }, self.values)
    }

    /// The statement, whose rows are read as `T`.
    pub fn build_query_as<T>(self) -> QueryAs<T> {
        self.build().into_rows()
    }

    /// The statement, whose rows have one column.
    pub fn build_query_scalar<T>(self) -> QueryScalar<T> {
        self.build().into_scalars()
    }
}

impl SeparatedValues<'_> {
    /// Adds a value, with the separator before it where it is not the first.
    pub fn push_bind(&mut self, value: impl Into<SqlValue>) -> &mut Self {
        self.begin().push_bind(value);
        self
    }

    /// Adds a value that is bound as text and means what the cast says.
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

/// Rows in parts of few different sizes, so that the statements for them are prepared once and kept.
pub fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    const SIZES: [usize; 5] = [512, 64, 8, 2, 1];
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rows.len())?;
        let (chunk, rest) = rows.split_at(size);
        rows = rest;
        Some(chunk)
    })
}

/// A statement that ends in `IN (`, with those numbers after it, and what follows them.
pub fn where_in(statement: &str, ids: &[i64], rest: &str) -> QueryBuilder {
    let mut query = QueryBuilder::new(statement);
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(*id);
    }
    query.push(")").push(rest);
    query
}
