use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::error::DbError;
use crate::sqlite;

async fn file() -> (SqlConn, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    sqlite::create(&path).unwrap();
    (sqlite::OpenOptions::new(&path).connect().await.unwrap().into(), folder)
}

#[tokio::test]
async fn values_go_where_their_numbers_are() {
    let (mut conn, _folder) = file().await;
    let mut text = async |sql: &'static str| -> String {
        query_scalar(sql).bind("a").bind("b").bind("c").fetch_one(&mut conn).await.unwrap()
    };
    assert_eq!(text("SELECT $1 || $2 || $3").await, "abc");
    assert_eq!(text("SELECT $3 || $1 || $3 || $2 || $1").await, "cacba");
    assert_eq!(text("SELECT $2 || COALESCE($4, 'nothing')").await, "bnothing");
    let mut built = QueryBuilder::new("SELECT ");
    built.push_bind("a").push(" || ").push_bind("b").push(" || ").push_bind("a");
    assert_eq!(built.build_query_scalar::<String>().fetch_one(&mut conn).await.unwrap(), "aba");
}

#[tokio::test]
async fn values_come_back_as_they_were() {
    let (mut conn, _folder) = file().await;
    let select = query_as("SELECT $1, $2, $3, $4, $5, $6");
    let select = select.bind(i64::MIN).bind(0.1).bind(true).bind("a\0ä").bind(vec![0_u8, 255]).bind(None::<i64>);
    let row: (i64, f64, bool, String, Vec<u8>, Option<i64>) = select.fetch_one(&mut conn).await.unwrap();
    assert_eq!(row, (i64::MIN, 0.1, true, "a\0ä".to_owned(), vec![0, 255], None));
    let whole: f64 = query_scalar("SELECT 3").fetch_one(&mut conn).await.unwrap();
    assert!((whole - 3.0).abs() < f64::EPSILON);
    let wrong = query_scalar::<i64>("SELECT 'three'").fetch_one(&mut conn).await.unwrap_err();
    assert!(matches!(wrong, DbError::Corrupt(_)), "{wrong:?}");
    let none = query_scalar::<i64>("SELECT 1 WHERE FALSE").fetch_one(&mut conn).await.unwrap_err();
    assert!(matches!(none, DbError::Failed(_)), "{none:?}");
}

#[derive(Debug, PartialEq, Record)]
struct Outer {
    first: i64,
    #[record(nested)]
    inner: Inner,
    last: Option<String>,
}

#[derive(Debug, PartialEq, Record)]
struct Inner {
    /// A doc comment, which the macro must accept.
    flag: bool,
    bytes: Vec<u8>,
}

#[tokio::test]
async fn columns_are_found_by_their_names_in_any_order() {
    let (mut conn, _folder) = file().await;
    for sql in [
        "SELECT 1 AS first, TRUE AS flag, x'02' AS bytes, 'z' AS last",
        "SELECT x'02' AS bytes, 0 AS other, 'z' AS last, TRUE AS flag, 1 AS first",
    ] {
        let outer: Outer = query_as(sql).fetch_one(&mut conn).await.unwrap();
        let inner = Inner { flag: true, bytes: vec![2] };
        assert_eq!(outer, Outer { first: 1, inner, last: Some("z".to_owned()) });
    }
    let missing = query_as::<Inner>("SELECT TRUE AS flag").fetch_one(&mut conn).await.unwrap_err();
    assert!(matches!(missing, DbError::Failed(_)), "{missing:?}");
}

#[tokio::test]
async fn whoever_goes_away_leaves_the_file_as_good_as_it_was() {
    let (mut conn, _folder) = file().await;
    let (go_on, wait) = mpsc::channel::<()>();
    let ConnLink::Sqlite(link) = conn.link() else { panic!("it is a file") };
    let slow = link.run(move |file| {
        wait.recv().unwrap();
        Ok(file.execute_batch("CREATE TABLE made (a)")?)
    });
    tokio::time::timeout(Duration::from_millis(20), slow).await.unwrap_err();
    go_on.send(()).unwrap();
    // The next statement waits for the abandoned one.
    assert_eq!(query_scalar::<i64>("SELECT COUNT(*) FROM made").fetch_one(&mut conn).await.unwrap(), 0);
    conn.close().await.unwrap();
}

#[tokio::test]
async fn what_is_read_ends_when_nobody_waits_for_it() {
    const ENDLESS: &str = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) \
                           SELECT MAX(n) FROM numbers";
    let (conn, folder) = file().await;
    let reading = sqlite::OpenOptions::new(&folder.path().join("a.db")).read_only();
    let mut reader = reading.connect().await.unwrap();
    let (begins, begun) = tokio::sync::oneshot::channel();
    let endless = reader.run(move |file| {
        begins.send(()).unwrap();
        Ok(file.query_row(ENDLESS, [], |row| row.get::<_, i64>(0))?)
    });
    tokio::select! {
        _ = endless => panic!("it does not end by itself"),
        // The signal precedes the statement by a moment, so give it time to start.
        () = async { begun.await.unwrap(); tokio::time::sleep(Duration::from_millis(20)).await } => {}
    }
    let mut reader = SqlConn::from(reader);
    assert_eq!(query_scalar::<i64>("SELECT 1").fetch_one(&mut reader).await.unwrap(), 1);
    reader.close().await.unwrap();
    conn.close().await.unwrap();
}

#[derive(Debug, Clone, PartialEq, Record)]
#[record(table = "things", alias = "t")]
struct ThingRow {
    #[record(key, no_insert)]
    id: i64,
    #[record(update)]
    name: String,
    #[record(no_select, update)]
    words: Option<String>,
    made_at: i64,
    #[record(select = "t.name || '!'")]
    greeting: String,
}

/// A thing with its owner.
#[derive(Debug, PartialEq, Record)]
#[record(alias = "t")]
struct OwnedRow {
    name: String,
    #[record(nested, alias = "o")]
    owner: Inner,
}

fn thing(id: i64, name: &str, words: Option<&str>) -> ThingRow {
    ThingRow { id, name: name.to_owned(), words: words.map(str::to_owned), made_at: id, greeting: String::new() }
}

#[tokio::test]
async fn records_are_written_and_read_back() {
    let (mut conn, _folder) = file().await;
    let create = "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, words TEXT, made_at BIGINT)";
    execute_all(create, &mut conn).await.unwrap();
    assert_eq!(ThingRow::INSERT, "INSERT INTO things (name, words, made_at) ");
    let id: i64 = insert_returning_id(thing(0, "a", Some("w"))).fetch_one(&mut conn).await.unwrap();
    let rows = [thing(2, "b", None), thing(3, "c", None)];
    assert_eq!(insert(rows).build().execute(&mut conn).await.unwrap().rows_affected(), 2);
    thing(id, "changed", Some("new")).update().build().execute(&mut conn).await.unwrap();
    let select = sql_text!("SELECT ", ThingRow::COLUMNS, " FROM things t ORDER BY id");
    assert_eq!(select, "SELECT t.id, t.name, t.made_at, t.name || '!' AS greeting FROM things t ORDER BY id");
    let found: Vec<ThingRow> = query_as(select).fetch_all(&mut conn).await.unwrap();
    let greeted = |row: ThingRow, greeting: &str| ThingRow { greeting: greeting.to_owned(), ..row };
    // `words` is write-only, and the update leaves `made_at` unchanged.
    let first = ThingRow { made_at: 0, ..greeted(thing(id, "changed", None), "changed!") };
    assert_eq!(found, [first, greeted(thing(2, "b", None), "b!"), greeted(thing(3, "c", None), "c!")]);
    let words: Option<String> =
        query_scalar("SELECT words FROM things WHERE id = $1").bind(id).fetch_one(&mut conn).await.unwrap();
    assert_eq!(words.as_deref(), Some("new"));
}

#[test]
fn columns_of_nested_records_have_their_alias() {
    assert_eq!(OwnedRow::COLUMNS, "t.name, o.flag, o.bytes");
    assert_eq!(Outer::COLUMNS, "first, flag, bytes, last");
    assert_eq!(
        json_array(SqlDialect::Sqlite, Inner::SELECTED),
        "json_array(json(CASE WHEN flag THEN 'true' ELSE 'false' END), bytes)"
    );
    assert_eq!(json_array(SqlDialect::Postgres, Inner::SELECTED), "json_build_array(flag, bytes)");
}
