//! Listings that users keep, with their notes.

use superbot_domain::{Favorite, Listing, ListingId, NoteText, NotesChange, Timestamp, UserId};

use crate::error::{Result, StoreError};
use crate::handles::FavoriteStore;
use crate::listings;
use crate::page::{self, StorePage};
use crate::rows::{micros, timestamp};
use crate::sql::{self, Record, SelectRecord as _, SqlConn, sql_text};
use crate::tx::StoreTx;

/// So many a user may have: each of them keeps its listing for ever.
const MAX_FAVORITES: i64 = 1000;

/// A row of `favorites`.
#[derive(Record)]
#[record(table = "favorites")]
struct FavoriteRow {
    /// Given by the database.
    #[record(no_insert)]
    id: i64,
    #[record(no_select)]
    user_id: i64,
    listing_id: i64,
    notes: Option<String>,
    created_at: i64,
}

impl FavoriteStore<'_> {
    /// A user's favourites, the newest first.
    pub async fn page(self, user: UserId, cursor: Option<&str>, limit: u32) -> Result<StorePage<Favorite>> {
        let before = page::before(cursor)?;
        let select = sql::query_as(sql_text!(
            "SELECT ",
            FavoriteRow::COLUMNS,
            " FROM favorites WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
        ));
        let select = select.bind(user.get()).bind(before).bind(page::rows_to_read(limit));
        let conn = &mut self.store.reader().await?;
        let rows: Vec<FavoriteRow> = select.fetch_all(&mut *conn).await?;
        let StorePage { items, next_cursor } = StorePage::of(rows, limit, |row: &FavoriteRow| row.id);
        Ok(StorePage { items: with_listings(conn, items).await?, next_cursor })
    }

    /// Makes a listing a user's favourite, or changes its notes; whether it was none before, or `None` when there is no
    /// such listing.
    pub async fn put(self, user: UserId, listing: ListingId, notes: NotesChange) -> Result<Option<(Favorite, bool)>> {
        self.store
            .write(async move |tx| {
                let is_new = !tx.change_notes(user, listing, &notes).await?;
                if is_new {
                    if listings::first_of(&mut tx.conn, listing).await?.is_none() {
                        return Ok(None);
                    }
                    tx.insert_favorite(user, listing, text(&notes), tx.now).await?;
                }
                let select = sql::query_as(sql_text!(
                    "SELECT ",
                    FavoriteRow::COLUMNS,
                    " FROM favorites WHERE user_id = $1 AND listing_id = $2"
                ));
                let row = select.bind(user.get()).bind(listing.get()).fetch_one(&mut tx.conn).await?;
                let favorite = with_listings(&mut tx.conn, vec![row]).await?.pop();
                Ok(favorite.map(|favorite| (favorite, is_new)))
            })
            .await
    }

    /// Takes a listing out of a user's favourites; false when it was none of them.
    pub async fn delete(self, user: UserId, listing: ListingId) -> Result<bool> {
        self.store
            .write(async move |tx| {
                let delete = sql::query("DELETE FROM favorites WHERE user_id = $1 AND listing_id = $2");
                let deleted = delete.bind(user.get()).bind(listing.get()).execute(&mut tx.conn).await?;
                Ok(deleted.rows_affected() > 0)
            })
            .await
    }
}

impl StoreTx {
    /// Changes the notes of a favourite; false when the listing is none of the user's.
    async fn change_notes(&mut self, user: UserId, listing: ListingId, notes: &NotesChange) -> Result<bool> {
        let update = sql::query(
            "UPDATE favorites SET notes = CASE WHEN $1 THEN notes ELSE $2 END WHERE user_id = $3 AND listing_id = $4",
        );
        let update = update.bind(*notes == NotesChange::Keep).bind(text(notes)).bind(user.get()).bind(listing.get());
        Ok(update.execute(&mut self.conn).await?.rows_affected() > 0)
    }

    pub(crate) async fn insert_favorite(
        &mut self,
        user: UserId,
        listing: ListingId,
        notes: Option<&str>,
        at: Timestamp,
    ) -> Result<()> {
        let count = sql::query_scalar("SELECT COUNT(*) FROM favorites WHERE user_id = $1").bind(user.get());
        let count: i64 = count.fetch_one(&mut self.conn).await?;
        if count >= MAX_FAVORITES {
            return Err(StoreError::TooManyFavorites(MAX_FAVORITES));
        }
        let row = FavoriteRow {
            id: 0,
            user_id: user.get(),
            listing_id: listing.get(),
            notes: notes.map(str::to_owned),
            created_at: micros(at),
        };
        sql::insert([row]).build().execute(&mut self.conn).await?;
        Ok(())
    }
}

fn text(notes: &NotesChange) -> Option<&str> {
    match notes {
        NotesChange::Replace(notes) => Some(notes.as_str()),
        NotesChange::Keep | NotesChange::Clear => None,
    }
}

/// The favourites of those rows, in their order.
async fn with_listings(conn: &mut SqlConn, rows: Vec<FavoriteRow>) -> Result<Vec<Favorite>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.listing_id).collect();
    let mut listings = listings::shown_by_ids(conn, &ids).await?;
    let mut favorites = Vec::with_capacity(rows.len());
    for row in rows {
        let is_its = |listing: &Listing| listing.id.get() == row.listing_id;
        // What was removed between the two reads is a favourite no more.
        let Some(place) = listings.iter().position(is_its) else { continue };
        favorites.push(Favorite {
            listing: listings.swap_remove(place),
            notes: row.notes.as_deref().map(NoteText::parse).transpose()?,
            created_at: timestamp(row.created_at)?,
        });
    }
    Ok(favorites)
}
