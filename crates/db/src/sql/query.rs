//! Statements with bound values, for either database.

use std::fmt::Write as _;
use std::marker::PhantomData;

use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::conn::{ConnLink, SqlConn};
use super::row::{Record, SqlRow};
use super::value::{SqlValue, SqlValues};
use crate::error::Result;

/// A statement executed for its effect.
pub struct SqlQuery {
    sql: StatementText,
    values: SqlValues,
}

/// Text of a statement.
pub(super) enum StatementText {
    /// Literal text with numbered parameters, for either database.
    Written(SqlStr),
    /// Text with a question mark per parameter, at these byte offsets. SQLite executes it as is: looking up the names
    /// of thousands of numbered parameters costs it more than the statement itself.
    Built { sql: String, places: Vec<usize> },
}

impl StatementText {
    /// Executes the statement on an SQLite file and passes its rows to `work`.
    fn run<T>(
        &self,
        file: &rusqlite::Connection,
        SqlValues(values): &SqlValues,
        work: impl FnOnce(&mut rusqlite::Rows<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut statement = file.prepare_cached(match self {
            Self::Written(sql) => sql.as_str(),
            Self::Built { sql, .. } => sql,
        })?;
        for place in 1..=statement.parameter_count() {
            // SQLite treats `$2` as a name and assigns indexes by first appearance, so the number is taken from the
            // name.
            let number = match self {
                Self::Written(_) => statement.parameter_name(place).and_then(|name| name.get(1..)?.parse().ok()),
                Self::Built { .. } => None,
            };
            if let Some(value) = values.get(number.unwrap_or(place) - 1) {
                statement.raw_bind_parameter(place, value)?;
            }
        }
        work(&mut statement.raw_query())
    }

    /// Converts to Postgres's numbered parameters.
    fn into_postgres(self) -> SqlStr {
        let (sql, places) = match self {
            Self::Written(sql) => return sql,
            Self::Built { sql, places } => (sql, places),
        };
        let mut numbered = String::with_capacity(sql.len() + places.len() * 3);
        let mut from = 0;
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
pub struct QueryAs<T> {
    query: SqlQuery,
    rows: PhantomData<fn() -> T>,
}

/// A statement whose rows have one column.
pub struct QueryScalar<T>(QueryAs<(T,)>);

/// Outcome of an executed statement.
pub struct StatementEffect {
    rows: u64,
}

/// Returns a statement executed for its effect.
pub fn query(sql: impl SqlSafeStr) -> SqlQuery {
    SqlQuery::new(StatementText::Written(sql.into_sql_str()), SqlValues::default())
}

/// Returns a statement whose rows are read as `T`.
pub fn query_as<T>(sql: impl SqlSafeStr) -> QueryAs<T> {
    query(sql).into_rows()
}

/// Returns a statement whose rows have one column.
pub fn query_scalar<T>(sql: impl SqlSafeStr) -> QueryScalar<T> {
    query(sql).into_scalars()
}

impl SqlQuery {
    pub(super) fn new(sql: StatementText, values: SqlValues) -> Self {
        Self { sql, values }
    }

    /// Binds the next parameter.
    #[must_use]
    pub fn bind(mut self, value: impl Into<SqlValue>) -> Self {
        self.values.0.push(value.into());
        self
    }

    /// Executes the statement.
    pub async fn execute(self, conn: &mut SqlConn) -> Result<StatementEffect> {
        let Self { sql, values } = self;
        let rows = match conn.link() {
            ConnLink::Sqlite(link) => {
                let run = move |file: &mut rusqlite::Connection| {
                    let all = |rows: &mut rusqlite::Rows<'_>| {
                        // Also for statements with RETURNING: SQLite applies all changes only when it is stepped to the
                        // end.
                        while rows.next()?.is_some() {}
                        Ok(())
                    };
                    sql.run(file, &values, all)?;
                    Ok(file.changes())
                };
                link.run(run).await?
            }
            ConnLink::Postgres(link) => {
                let statement = sqlx::query_with(sql.into_postgres(), values.into_postgres()?);
                // Boxed: the future of a statement takes kilobytes, which would enlarge every future that awaits one.
                Box::pin(statement.execute(link)).await?.rows_affected()
            }
        };
        Ok(StatementEffect { rows })
    }

    /// Executes the statement and reads at most `most` rows.
    async fn fetch<T: Record>(self, conn: &mut SqlConn, most: usize) -> Result<Vec<T>> {
        let Self { sql, values } = self;
        match conn.link() {
            ConnLink::Sqlite(link) => {
                let read = move |rows: &mut rusqlite::Rows<'_>| {
                    let mut read = Vec::new();
                    // Stepped to the end, since later steps may still fail.
                    while let Some(row) = rows.next()? {
                        if read.len() < most {
                            read.push(T::from_row(&SqlRow::from(row))?);
                        }
                    }
                    Ok(read)
                };
                link.run(move |file| sql.run(file, &values, read)).await
            }
            ConnLink::Postgres(link) => {
                let mut rows = sqlx::query_with(sql.into_postgres(), values.into_postgres()?).fetch(link);
                let mut read = Vec::new();
                while let Some(row) = rows.try_next().await? {
                    if read.len() < most {
                        read.push(T::from_row(&SqlRow::from(&row))?);
                    }
                }
                Ok(read)
            }
        }
    }

    pub(super) fn into_rows<T>(self) -> QueryAs<T> {
        QueryAs { query: self, rows: PhantomData }
    }

    pub(super) fn into_scalars<T>(self) -> QueryScalar<T> {
        QueryScalar(self.into_rows())
    }
}

impl StatementEffect {
    /// Returns the number of inserted, updated or deleted rows.
    pub fn rows_affected(&self) -> u64 {
        self.rows
    }
}

impl<T: Record> QueryAs<T> {
    /// Binds the next parameter.
    #[must_use]
    pub fn bind(mut self, value: impl Into<SqlValue>) -> Self {
        self.query = self.query.bind(value);
        self
    }

    pub async fn fetch_all(self, conn: &mut SqlConn) -> Result<Vec<T>> {
        self.query.fetch(conn, usize::MAX).await
    }

    pub async fn fetch_optional(self, conn: &mut SqlConn) -> Result<Option<T>> {
        Ok(self.query.fetch(conn, 1).await?.pop())
    }

    pub async fn fetch_one(self, conn: &mut SqlConn) -> Result<T> {
        Ok(self.fetch_optional(conn).await?.ok_or(sqlx::Error::RowNotFound)?)
    }
}

impl<T> QueryScalar<T>
where
    (T,): Record,
{
    /// Binds the next parameter.
    #[must_use]
    pub fn bind(self, value: impl Into<SqlValue>) -> Self {
        Self(self.0.bind(value))
    }

    pub async fn fetch_all(self, conn: &mut SqlConn) -> Result<Vec<T>> {
        Ok(self.0.fetch_all(conn).await?.into_iter().map(|(value,)| value).collect())
    }

    pub async fn fetch_optional(self, conn: &mut SqlConn) -> Result<Option<T>> {
        Ok(self.0.fetch_optional(conn).await?.map(|(value,)| value))
    }

    pub async fn fetch_one(self, conn: &mut SqlConn) -> Result<T> {
        self.0.fetch_one(conn).await.map(|(value,)| value)
    }
}

/// Executes all statements of a script without parameters.
pub async fn execute_all(sql: &'static str, conn: &mut SqlConn) -> Result<()> {
    match conn.link() {
        ConnLink::Sqlite(link) => link.run(move |file| Ok(file.execute_batch(sql)?)).await,
        ConnLink::Postgres(link) => Ok(sqlx::raw_sql(sql).execute(link).await.map(drop)?),
    }
}
