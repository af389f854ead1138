use std::sync::Arc;

use superbot_db::sql::{self, SqlConn, SqlDialect};
use superbot_domain::SystemClock;
use superbot_store::StoreOptions;
use superbot_store::{Store, maintenance};
use superbot_test_postgres::TestPostgres;

use super::rows::RowDigest;
use super::tables::{NumberSource, TABLES, TableColumns, TableKey};

fn options() -> StoreOptions {
    StoreOptions::new(Arc::new(SystemClock), [7; 8])
}

/// Name, key columns, and origin of ids of a table.
type Shape = (String, Vec<String>, NumberSource);

/// The list, reduced to what is the same in both databases.
fn listed(dialect: SqlDialect) -> Vec<Shape> {
    let shape = |table: &TableKey| {
        let numbers = match (dialect, table.numbers) {
            (SqlDialect::Sqlite, NumberSource::Writer(_)) => NumberSource::Table,
            (SqlDialect::Postgres, NumberSource::Writer(_)) => NumberSource::None,
            (_, numbers) => numbers,
        };
        (table.name.to_owned(), table.columns.iter().map(|name| (*name).to_owned()).collect(), numbers)
    };
    let mut shapes: Vec<Shape> = TABLES.iter().map(shape).collect();
    shapes.sort_by(|a, b| a.0.cmp(&b.0));
    shapes
}

/// The tables of a migrated database, without the word index, ephemeral data, and internal tables.
async fn found(conn: &mut SqlConn) -> Vec<Shape> {
    let (names, keys, numbered) = match conn.dialect() {
        SqlDialect::Sqlite => (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
             AND name NOT LIKE 'listing_words%' AND name NOT IN ('nodes', 'meters', '_sqlx_migrations') ORDER BY name",
            "SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk",
            "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = $1 AND sql LIKE '%AUTOINCREMENT%')",
        ),
        SqlDialect::Postgres => (
            "SELECT table_name::TEXT FROM information_schema.tables WHERE table_schema = current_schema() \
             AND table_name NOT IN ('listing_words', 'last_numbers', 'nodes', 'meters', '_sqlx_migrations') \
             ORDER BY table_name COLLATE \"C\"",
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
        let key: Vec<String> = sql::query_scalar(keys).bind(&name).fetch_all(conn).await.unwrap();
        let is_numbered: bool = sql::query_scalar(numbered).bind(&name).fetch_one(conn).await.unwrap();
        shapes.push((name, key, if is_numbered { NumberSource::Table } else { NumberSource::None }));
    }
    shapes
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_is_forgotten_and_both_databases_have_the_same_columns() {
    let folder = tempfile::tempdir().unwrap();
    let urls = [format!("sqlite:{}", folder.path().join("a.db").display()), TestPostgres::shared().database()];
    let mut columns = Vec::new();
    for url in urls {
        Store::open(&url, options()).await.unwrap().close().await;
        let mut conn = maintenance::connect_existing(&url).await.unwrap();
        let dialect = conn.dialect();
        assert_eq!(found(&mut conn).await, listed(dialect), "in {dialect:?}: list it in copy/tables.rs as it is");
        let tables = TableColumns::read_all(&mut conn).await.unwrap();
        columns.push(tables.into_iter().map(|table| (table.name(), table.columns)).collect::<Vec<_>>());
        conn.close().await.unwrap();
    }
    for (sqlite, postgres) in columns[0].iter().zip(&columns[1]) {
        assert_eq!(sqlite, postgres);
    }
}

#[test]
fn rows_that_are_not_the_same_do_not_look_alike() {
    use superbot_db::sql::SqlValue;
    let text = |text: &str| SqlValue::Text(Some(text.to_owned()));
    let rows = [
        vec![text("a"), text("bc")],
        vec![text("ab"), text("c")],
        vec![text("abc")],
        vec![text(""), text("abc")],
        vec![SqlValue::Text(None), text("abc")],
        vec![SqlValue::Int(None), SqlValue::Int(Some(1))],
        vec![SqlValue::Int(Some(0)), SqlValue::Int(Some(1))],
        vec![SqlValue::Bool(Some(false)), SqlValue::Bool(Some(true))],
        vec![SqlValue::Bytes(Some(b"abc".to_vec()))],
    ];
    let hash = |rows: &[Vec<SqlValue>]| {
        let mut sum = RowDigest::default();
        for row in rows {
            sum.add(row);
        }
        sum.sha256()
    };
    let hashes: std::collections::BTreeSet<String> = rows.iter().map(|row| hash(std::slice::from_ref(row))).collect();
    assert_eq!(hashes.len(), rows.len());
    assert_ne!(hash(&rows), hash(&rows[..8]));
    assert_eq!(hash(&[vec![SqlValue::Real(Some(-0.0))]]), hash(&[vec![SqlValue::Real(Some(0.0))]]));
    assert_eq!(hash(&[vec![text("a\0")]]), hash(&[vec![text("a\u{fffd}")]]));
}
