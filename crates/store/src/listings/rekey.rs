//! Computes the keys of stored listings again when the rules by which addresses are compared have changed.
//!
//! It works in small transactions, while others read and post: until it is done, postings are also looked up under their former
//! keys (`identity.rs`). Its place is kept in `meta`, in the transaction that reaches it. Nothing here writes an event or a
//! notification.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use superbot_domain::LINK_RULES_VERSION;

use super::merge::{merge_listings, merge_pruned};
use super::merged;
use crate::error::Result;
use crate::first_link::current_key;
use crate::handles::ListingStore;
use crate::meta;
use crate::sql::{self, QueryBuilder, Record, SelectRecord as _, SqlConn, chunks, sql_text};

/// The key of the version of the rules by which the keys are, or will be when the work is done.
const VERSION: &str = "link_rules";
/// The key of the place that the work has reached, while it is under way.
const PLACE: &str = "rekeying";

/// Where to continue.
#[derive(Serialize, Deserialize)]
enum RekeyPlace {
    /// With listings behind this id.
    Listings(i64),
    /// With pruned listings behind this id.
    Pruned(i64),
    /// With the names of listings behind this source and name.
    Aliases(String, String),
}

/// What a key is made of.
#[derive(Record)]
struct KeyRow {
    id: i64,
    source: String,
    link: String,
    link_key: String,
}

impl KeyRow {
    fn current(&self) -> String {
        current_key(&self.link, &self.link_key)
    }
}

impl ListingStore<'_> {
    /// Computes the keys of the next listings again, at most `batch` in one transaction; false where there are none left.
    pub async fn rekey_next(self, batch: u32) -> Result<bool> {
        if !self.store.is_rekeying() {
            return Ok(false);
        }
        let is_left = self.store.write(async move |tx| rekey_some(&mut tx.conn, batch).await).await?;
        if !is_left {
            self.store.end_rekeying();
        }
        Ok(is_left)
    }
}

/// Notes by which rules the keys are made from now on; returns whether stored ones are by others.
pub(crate) async fn begin(conn: &mut SqlConn) -> Result<bool> {
    let version: Option<u32> = meta::read(conn, VERSION).await?.and_then(|version| version.parse().ok());
    if version.unwrap_or(1) < LINK_RULES_VERSION {
        let select = "SELECT EXISTS (SELECT 1 FROM listings) OR EXISTS (SELECT 1 FROM pruned_listings)";
        if sql::query_scalar(select).fetch_one(&mut *conn).await? {
            meta::replace_json(conn, PLACE, &RekeyPlace::Listings(0)).await?;
        }
        meta::replace(conn, VERSION, &LINK_RULES_VERSION.to_string()).await?;
    }
    Ok(meta::read(conn, PLACE).await?.is_some())
}

/// Returns whether there may be more.
async fn rekey_some(conn: &mut SqlConn, batch: u32) -> Result<bool> {
    // Another process may have finished.
    let Some(place) = meta::read_json(conn, PLACE).await? else { return Ok(false) };
    let next = match place {
        RekeyPlace::Listings(after) => {
            let last = rekey_listings(conn, after, batch).await?;
            Some(last.map_or(RekeyPlace::Pruned(0), RekeyPlace::Listings))
        }
        RekeyPlace::Pruned(after) => {
            let last = rekey_pruned(conn, after, batch).await?;
            Some(last.map_or_else(|| RekeyPlace::Aliases(String::new(), String::new()), RekeyPlace::Pruned))
        }
        RekeyPlace::Aliases(source, alias) => {
            let last = rekey_aliases(conn, source, alias, batch).await?;
            last.map(|(source, alias)| RekeyPlace::Aliases(source, alias))
        }
    };
    match next {
        Some(place) => meta::replace_json(conn, PLACE, &place).await.map(|()| true),
        None => meta::remove(conn, PLACE).await.map(|()| false),
    }
}

/// Returns the last id; `None` where there were no listings left.
async fn rekey_listings(conn: &mut SqlConn, after: i64, batch: u32) -> Result<Option<i64>> {
    let select = sql_text!("SELECT ", KeyRow::COLUMNS, " FROM listings WHERE id > $1 ORDER BY id LIMIT $2");
    let rows: Vec<KeyRow> = sql::query_as(select).bind(after).bind(batch).fetch_all(&mut *conn).await?;
    let changed: Vec<(&KeyRow, String)> =
        rows.iter().map(|row| (row, row.current())).filter(|(row, key)| row.link_key != *key).collect();
    let taken = holders(conn, &changed).await?;
    let mut given = HashSet::new();
    // Those whose new key no other one has are the most by far.
    let (free, contested): (Vec<_>, Vec<_>) = changed.iter().partition(|(row, key)| {
        let name = (row.source.as_str(), key.as_str());
        !taken.contains(&(row.source.clone(), key.clone())) && given.insert(name)
    });
    for chunk in chunks(&free) {
        let mut update = QueryBuilder::new("WITH rekeyed (id, link_key) AS (");
        update.push_values(chunk, |mut values, (row, key)| {
            values.push_bind(row.id).push_bind(key.as_str());
        });
        update.push(") UPDATE listings SET link_key = rekeyed.link_key FROM rekeyed WHERE rekeyed.id = listings.id");
        update.build().execute(&mut *conn).await?;
    }
    for (row, _) in contested {
        Box::pin(rekey_contested(conn, row.id)).await?;
    }
    Ok(rows.last().map(|last| last.id))
}

/// Which of the new keys listings or pruned listings have already.
async fn holders(conn: &mut SqlConn, changed: &[(&KeyRow, String)]) -> Result<HashSet<(String, String)>> {
    let mut taken = HashSet::new();
    for chunk in chunks(changed) {
        let mut select = QueryBuilder::new("WITH names (source, link_key) AS (");
        select.push_values(chunk, |mut values, (row, key)| {
            values.push_bind(row.source.as_str()).push_bind(key.as_str());
        });
        let mut before = ") ";
        for table in ["listings", "pruned_listings"] {
            select.push(format!(
                "{before}SELECT names.source, names.link_key FROM names JOIN {table} AS known \
                 ON known.source = names.source AND known.link_key = names.link_key"
            ));
            before = " UNION ALL ";
        }
        let rows: Vec<(String, String)> = select.build_query_as().fetch_all(&mut *conn).await?;
        taken.extend(rows);
    }
    Ok(taken)
}

/// Gives a listing its key, which another one has: the two are one, or the other one has a new key as well.
pub(super) async fn rekey_contested(conn: &mut SqlConn, id: i64) -> Result<()> {
    let select = sql_text!("SELECT ", KeyRow::COLUMNS, " FROM listings WHERE id = $1");
    let row: Option<KeyRow> = sql::query_as(select).bind(id).fetch_optional(&mut *conn).await?;
    // It may have been merged by now.
    let Some(row) = row else { return Ok(()) };
    let key = row.current();
    if key == row.link_key {
        return Ok(());
    }
    // Until the others have theirs: their new keys may be one another's old ones.
    set_key(conn, id, &format!("rekeying {id}")).await?;
    let select = sql_text!("SELECT ", KeyRow::COLUMNS, " FROM listings WHERE source = $1 AND link_key = $2");
    let holder = || sql::query_as::<KeyRow>(select).bind(row.source.as_str()).bind(key.as_str());
    if let Some(other) = holder().fetch_optional(&mut *conn).await?.filter(|other| other.current() != key) {
        Box::pin(rekey_contested(conn, other.id)).await?;
    }
    let mut kept = id;
    if let Some(other) = holder().fetch_optional(&mut *conn).await? {
        kept = id.min(other.id);
        merge_listings(conn, id.max(other.id), kept).await?;
    }
    if kept == id {
        set_key(conn, id, &key).await?;
    }
    let select = "SELECT id FROM pruned_listings WHERE source = $1 AND link_key = $2";
    let pruned = sql::query_scalar::<i64>(select).bind(row.source.as_str()).bind(key.as_str());
    match pruned.fetch_optional(&mut *conn).await? {
        Some(pruned) => merge_pruned(conn, pruned, kept).await,
        None => Ok(()),
    }
}

async fn set_key(conn: &mut SqlConn, id: i64, key: &str) -> Result<()> {
    let update = sql::query("UPDATE listings SET link_key = $1 WHERE id = $2").bind(key).bind(id);
    update.execute(conn).await?;
    Ok(())
}

/// Like [`rekey_listings`], for pruned listings.
async fn rekey_pruned(conn: &mut SqlConn, after: i64, batch: u32) -> Result<Option<i64>> {
    let select = "SELECT id, source, '' AS link, link_key FROM pruned_listings WHERE id > $1 ORDER BY id LIMIT $2";
    let rows: Vec<KeyRow> = sql::query_as(select).bind(after).bind(batch).fetch_all(&mut *conn).await?;
    for row in &rows {
        let key = row.current();
        if key == row.link_key {
            continue;
        }
        let select = "SELECT id FROM listings WHERE source = $1 AND link_key = $2 \
             UNION ALL SELECT id FROM pruned_listings WHERE source = $1 AND link_key = $2";
        let select = sql::query_scalar::<i64>(select).bind(row.source.as_str()).bind(key.as_str());
        if let Some(kept) = select.fetch_optional(&mut *conn).await? {
            merge_pruned(conn, row.id, kept).await?;
        } else {
            let update = sql::query("UPDATE pruned_listings SET link_key = $1 WHERE source = $2 AND link_key = $3");
            let update = update.bind(key.as_str()).bind(row.source.as_str()).bind(row.link_key.as_str());
            update.execute(&mut *conn).await?;
        }
    }
    Ok(rows.last().map(|last| last.id))
}

/// Like [`rekey_listings`], for further names; those of merged listings become names of what they were merged into.
async fn rekey_aliases(
    conn: &mut SqlConn,
    source: String,
    alias: String,
    batch: u32,
) -> Result<Option<(String, String)>> {
    let select = "SELECT source, alias, listing_id FROM listing_aliases WHERE (source, alias) > ($1, $2) \
         ORDER BY source, alias LIMIT $3";
    let select = sql::query_as::<(String, String, i64)>(select).bind(source).bind(alias).bind(batch);
    let rows = select.fetch_all(&mut *conn).await?;
    let ids: Vec<i64> = rows.iter().map(|(.., listing)| *listing).collect();
    let targets: HashMap<i64, i64> = merged::targets(conn, &ids).await?;
    for (source, alias, listing) in &rows {
        let target = targets.get(listing).unwrap_or(listing);
        let name = if alias.starts_with("id:") { alias.clone() } else { current_key("", alias) };
        if name == *alias && target == listing {
            continue;
        }
        let delete = sql::query("DELETE FROM listing_aliases WHERE source = $1 AND alias = $2");
        delete.bind(source.as_str()).bind(alias.as_str()).execute(&mut *conn).await?;
        let insert = sql::query(
            "INSERT INTO listing_aliases (source, alias, listing_id) VALUES ($1, $2, $3) \
             ON CONFLICT (source, alias) DO NOTHING",
        );
        insert.bind(source.as_str()).bind(name).bind(*target).execute(&mut *conn).await?;
    }
    Ok(rows.into_iter().last().map(|(source, alias, _)| (source, alias)))
}
