use std::sync::Arc;

use superbot_domain::SystemClock;
use superbot_test_postgres::TestPostgres;

use super::rows::Sum;
use super::tables::{self, TABLES, Table};
use crate::options::StoreOptions;
use crate::sql::{self, Conn, Dialect};
use crate::store::Store;

fn options() -> StoreOptions {
    StoreOptions::new(Arc::new(SystemClock), [7; 8])
}

/// What a table is like, in the words of this module.
type Shape = (String, Vec<String>, tables::Numbers, Vec<(String, tables::Kind)>);

fn kind(declared: &str) -> tables::Kind {
    match declared {
        "INTEGER" | "BIGINT" | "bigint" => tables::Kind::Int,
        "DOUBLE PRECISION" | "double precision" => tables::Kind::Real,
        "BOOLEAN" | "boolean" => tables::Kind::Bool,
        "TEXT" | "text" => tables::Kind::Text,
        "BLOB" | "bytea" => tables::Kind::Bytes,
        other => panic!("a column of the type {other}"),
    }
}

/// The list, for comparing: where the numbers come from is not the same in both databases.
fn listed(dialect: Dialect) -> Vec<Shape> {
    let shape = |table: &Table| {
        let numbers = match (dialect, table.numbers) {
            (Dialect::Sqlite, tables::Numbers::Writer(_)) => tables::Numbers::Table,
            (Dialect::Postgres, tables::Numbers::Writer(_)) => tables::Numbers::None,
            (_, numbers) => numbers,
        };
        let mut columns: Vec<_> = table.columns.iter().map(|column| (column.name.to_owned(), column.kind)).collect();
        columns.sort_by(|a, b| a.0.cmp(&b.0));
        let key = table.key.iter().map(|name| (*name).to_owned()).collect();
        (table.name.to_owned(), key, numbers, columns)
    };
    let mut shapes: Vec<Shape> = TABLES.iter().map(shape).collect();
    shapes.sort_by(|a, b| a.0.cmp(&b.0));
    shapes
}

/// What a migrated database has, but for the words of listings, what passes, migrations, and SQLite's and the writer's own.
async fn found(conn: &mut Conn) -> Vec<Shape> {
    let (names, columns, keys, numbered) = match conn.dialect() {
        Dialect::Sqlite => (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
             AND name NOT LIKE 'listing_words%' AND name NOT IN ('nodes', 'meters', '_sqlx_migrations') ORDER BY name",
            "SELECT name, type FROM pragma_table_xinfo($1) ORDER BY name",
            "SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk",
            "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = $1 AND sql LIKE '%AUTOINCREMENT%')",
        ),
        Dialect::Postgres => (
            "SELECT table_name::TEXT FROM information_schema.tables WHERE table_schema = current_schema() \
             AND table_name NOT IN ('listing_words', 'last_numbers', 'nodes', 'meters', '_sqlx_migrations') \
             ORDER BY table_name COLLATE \"C\"",
            "SELECT column_name::TEXT, data_type::TEXT FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY column_name COLLATE \"C\"",
            "SELECT column_name::TEXT FROM information_schema.table_constraints \
             JOIN information_schema.key_column_usage USING (constraint_schema, constraint_name) \
             WHERE constraint_type = 'PRIMARY KEY' AND constraint_schema = current_schema() \
             AND key_column_usage.table_name = $1 ORDER BY ordinal_position",
            "SELECT EXISTS (SELECT 1 FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = $1 AND is_identity = 'YES')",
        ),
    };
    let mut shapes = Vec::new();
    for name in sql::query_scalar::<String>(names).fetch_all(conn).await.unwrap() {
        let columns: Vec<(String, String)> = sql::query_as(columns).bind(&name).fetch_all(conn).await.unwrap();
        let columns = columns.into_iter().map(|(name, declared)| (name, kind(&declared))).collect();
        let key: Vec<String> = sql::query_scalar(keys).bind(&name).fetch_all(conn).await.unwrap();
        let is_numbered: bool = sql::query_scalar(numbered).bind(&name).fetch_one(conn).await.unwrap();
        let numbers = if is_numbered { tables::Numbers::Table } else { tables::Numbers::None };
        shapes.push((name, key, numbers, columns));
    }
    shapes
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_and_no_column_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let urls = [format!("sqlite:{}", folder.path().join("a.db").display()), TestPostgres::shared().database()];
    for url in urls {
        let store = Store::open(&url, options()).await.unwrap();
        let mut conn = store.reader().await.unwrap();
        let dialect = conn.dialect();
        for (found, listed) in found(&mut conn).await.into_iter().zip(listed(dialect)) {
            assert_eq!(found, listed, "in {dialect:?}: list it in copy/tables.rs as it is");
        }
        assert_eq!(found(&mut conn).await.len(), TABLES.len(), "in {dialect:?}");
        drop(conn);
        store.close().await;
    }
}

#[test]
fn rows_that_are_not_the_same_do_not_look_alike() {
    use crate::sql::Value;
    let text = |text: &str| Value::Text(Some(text.to_owned()));
    let rows = [
        vec![text("a"), text("bc")],
        vec![text("ab"), text("c")],
        vec![text("abc")],
        vec![text(""), text("abc")],
        vec![Value::Text(None), text("abc")],
        vec![Value::Int(None), Value::Int(Some(1))],
        vec![Value::Int(Some(0)), Value::Int(Some(1))],
        vec![Value::Bool(Some(false)), Value::Bool(Some(true))],
        vec![Value::Bytes(Some(b"abc".to_vec()))],
    ];
    let hash = |rows: &[Vec<Value>]| {
        let mut sum = Sum::default();
        for row in rows {
            sum.add(row);
        }
        sum.sha256()
    };
    let hashes: std::collections::BTreeSet<String> = rows.iter().map(|row| hash(std::slice::from_ref(row))).collect();
    assert_eq!(hashes.len(), rows.len());
    assert_ne!(hash(&rows), hash(&rows[..8]));
    assert_eq!(hash(&[vec![Value::Real(Some(-0.0))]]), hash(&[vec![Value::Real(Some(0.0))]]));
    assert_eq!(hash(&[vec![text("a\0")]]), hash(&[vec![text("a\u{fffd}")]]));
}
