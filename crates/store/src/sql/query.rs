//! Statements with their values, run on either database.

use std::fmt::Write as _;
use std::marker::PhantomData;
use std::pin::Pin;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, Postgres, SqlSafeStr, SqlStr, Sqlite};

use super::value::{Value, Values};
use super::{Conn, Link};
use crate::Result;

/// What rows of either database can be read as.
pub(crate) trait Record:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static {}

/// A statement of which only the effect is wanted.
pub(crate) struct Query {
    sql: Text,
    values: Values,
}

/// The text of a statement.
pub(super) enum Text {
    /// As it stands, for either database.
    Written(SqlStr),
    /// With a question mark for each parameter, at these places. SQLite is given it like this: to be asked for the names of
    /// some thousand numbered parameters costs it more than the statement.
    Built { sql: String, places: Vec<usize> },
}

impl Text {
    fn into_sqlite(self) -> SqlStr {
        match self {
            Self::Written(sql) => sql,
            Self::Built { sql, .. } => AssertSqlSafe(sql).into_sql_str(),
        }
    }

    /// Postgres wants its parameters numbered.
    fn into_postgres(self) -> SqlStr {
        let (sql, places) = match self {
            Self::Written(sql) => return sql,
            Self::Built { sql, places } => (sql, places),
        };
        let (mut numbered, mut from) = (String::with_capacity(sql.len() + places.len() * 3), 0);
        for (nth, place) in places.iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = write!(numbered, "{}${}", &sql[from..*place], nth + 1);
            from = place + 1;
        }
        numbered.push_str(&sql[from..]);
        AssertSqlSafe(numbered).into_sql_str()
    }
}

/// A statement whose rows are read as `T`.
pub(crate) struct QueryAs<T> {
    query: Query,
    rows: PhantomData<fn() -> T>,
}

/// A statement whose rows have one column.
pub(crate) struct QueryScalar<T>(QueryAs<(T,)>);

/// What a statement did.
pub(crate) struct Effect {
    rows: u64,
}

/// A statement of which only the effect is wanted.
pub(crate) fn query(sql: impl SqlSafeStr) -> Query {
    Query::new(Text::Written(sql.into_sql_str()), Values::default())
}

/// A statement whose rows are read as `T`.
pub(crate) fn query_as<T>(sql: impl SqlSafeStr) -> QueryAs<T> {
    query(sql).into_rows()
}

/// A statement whose rows have one column.
pub(crate) fn query_scalar<T>(sql: impl SqlSafeStr) -> QueryScalar<T> {
    query(sql).into_scalars()
}

/// A statement under way takes kilobytes, which would be part of whatever waits for one, and be moved about with it.
fn boxed<F: Future>(statement: F) -> Pin<Box<F>> {
    Box::pin(statement)
}

/// Does the same on whichever database it is.
macro_rules! on_either {
    ($conn:expr, $query:expr, |$link:ident, $sql:ident, $arguments:ident, $db:ident| $work:expr) => {{
        let Query { sql, values } = $query;
        if $conn.has_waiting() {
            // A future that holds itself has to be on the heap.
            Box::pin($conn.settle()).await?;
        }
        match $conn.link() {
            Link::Sqlite($link) => {
                type $db = Sqlite;
                let ($sql, $arguments) = (sql.into_sqlite(), values.into_sqlite()?);
                $work
            }
            Link::Postgres($link) => {
                type $db = Postgres;
                let ($sql, $arguments) = (sql.into_postgres(), values.into_postgres()?);
                $work
            }
        }
    }};
}

impl Query {
    pub(super) fn new(sql: Text, values: Values) -> Self {
        Self { sql, values }
    }

    /// The value of the next parameter.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.0.push(value.into());
        self
    }

    pub(crate) async fn execute(self, conn: &mut Conn) -> Result<Effect> {
        let rows = on_either!(conn, self, |link, sql, arguments, Db| {
            boxed(sqlx::query_with::<Db, _>(sql, arguments).execute(link)).await?.rows_affected()
        });
        Ok(Effect { rows })
    }

    pub(super) fn into_rows<T>(self) -> QueryAs<T> {
        QueryAs { query: self, rows: PhantomData }
    }

    pub(super) fn into_scalars<T>(self) -> QueryScalar<T> {
        QueryScalar(self.into_rows())
    }
}

impl Effect {
    /// How many rows it touched.
    pub(crate) fn rows_affected(&self) -> u64 {
        self.rows
    }
}

impl<T: Record> QueryAs<T> {
    /// The value of the next parameter.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.query = self.query.bind(value);
        self
    }

    pub(crate) async fn fetch_all(self, conn: &mut Conn) -> Result<Vec<T>> {
        let rows = on_either!(conn, self.query, |link, sql, arguments, Db| {
            boxed(sqlx::query_as_with::<Db, T, _>(sql, arguments).fetch_all(link)).await?
        });
        Ok(rows)
    }

    pub(crate) async fn fetch_optional(self, conn: &mut Conn) -> Result<Option<T>> {
        let row = on_either!(conn, self.query, |link, sql, arguments, Db| {
            boxed(sqlx::query_as_with::<Db, T, _>(sql, arguments).fetch_optional(link)).await?
        });
        Ok(row)
    }

    pub(crate) async fn fetch_one(self, conn: &mut Conn) -> Result<T> {
        Ok(self.fetch_optional(conn).await?.ok_or(sqlx::Error::RowNotFound)?)
    }
}

impl<T> QueryScalar<T>
where
    (T,): Record,
{
    /// The value of the next parameter.
    pub(crate) fn bind(self, value: impl Into<Value>) -> Self {
        Self(self.0.bind(value))
    }

    pub(crate) async fn fetch_all(self, conn: &mut Conn) -> Result<Vec<T>> {
        Ok(self.0.fetch_all(conn).await?.into_iter().map(|(value,)| value).collect())
    }

    pub(crate) async fn fetch_optional(self, conn: &mut Conn) -> Result<Option<T>> {
        Ok(self.0.fetch_optional(conn).await?.map(|(value,)| value))
    }

    pub(crate) async fn fetch_one(self, conn: &mut Conn) -> Result<T> {
        self.0.fetch_one(conn).await.map(|(value,)| value)
    }
}
