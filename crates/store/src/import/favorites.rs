//! Favourites, with their notes.

use superbot_domain::{ListingId, Notes, Timestamp, UserId};

use super::file::OldRow;
use super::listings::Listings;
use super::report::{ImportNote, ImportOutcome};
use super::users::Owners;
use super::{Import, Refused};
use crate::error::{Result, StoreError};
use crate::listings;
use crate::sql;
use crate::tx::Tx;

const TABLE: &str = "favorites";
const COLUMNS: &[&str] = &["id", "username", "user_id", "listing_id", "notes", "created_at"];

struct OldFavorite {
    row: OldRow,
    user: UserId,
    listing: ListingId,
    notes: Option<Notes>,
    created_at: Option<Timestamp>,
    said: Vec<ImportNote>,
}

enum FavoriteOutcome {
    TakenOver,
    AlreadyThere,
    Refused(&'static str, String),
}

impl Import<'_> {
    pub(super) async fn favorites(&mut self, owners: &Owners, listings: &Listings) -> Result<()> {
        if !self.file.has(TABLE) {
            return Ok(());
        }
        let mut rows = self.open(TABLE, COLUMNS, None).await?;
        loop {
            let batch = rows.next_batch().await?;
            if batch.is_empty() {
                return Ok(());
            }
            self.progress(batch.len());
            let mut favorites = Vec::new();
            for row in batch {
                match read(row, owners, listings) {
                    Ok(favorite) => favorites.push(favorite),
                    Err(notes) => self.report.refuse(TABLE, notes),
                }
            }
            let write = self.store.write(move |tx| Box::pin(async move { tx.take_over_favorites(favorites).await }));
            for (favorite, outcome) in write.await? {
                match outcome {
                    FavoriteOutcome::TakenOver => {
                        self.report.count(TABLE, true);
                        self.report.note(favorite.said);
                    }
                    FavoriteOutcome::AlreadyThere => self.report.count(TABLE, false),
                    FavoriteOutcome::Refused(field, why) => {
                        let note = ImportNote::new(ImportOutcome::Refused, TABLE, &favorite.row, field, why);
                        self.report.refuse(TABLE, vec![note]);
                    }
                }
            }
        }
    }
}

fn read(row: OldRow, owners: &Owners, listings: &Listings) -> Refused<OldFavorite> {
    let (mut said, mut wrong) = (Vec::new(), Vec::new());
    let note = |outcome, field, why: String| ImportNote::new(outcome, TABLE, &row, field, why);
    let user = owners.of(&row).map_err(|(field, why)| wrong.push(note(ImportOutcome::Refused, field, why))).ok();
    let listing = row.cell("listing_id").integer().and_then(|number| listings.get(&number)).copied();
    if listing.is_none() {
        let why = "is no listing that was taken over".to_owned();
        wrong.push(note(ImportOutcome::Refused, "listing_id", why));
    }
    let notes = match row.cell("notes").text() {
        Ok(text) => text.map(|text| shortened(&text)),
        Err(why) => {
            said.push(note(ImportOutcome::Changed, "notes", why));
            None
        }
    };
    let notes = notes.and_then(|(text, is_whole)| {
        if !is_whole {
            said.push(note(ImportOutcome::Changed, "notes", format!("is cut to {} characters", Notes::MAX_CHARS)));
        }
        Notes::parse(&text).map_err(|error| said.push(note(ImportOutcome::Changed, "notes", error.to_string()))).ok()
    });
    let created_at = row.cell("created_at").time().unwrap_or_else(|why| {
        said.push(note(ImportOutcome::Changed, "created_at", why));
        None
    });
    match (user, listing) {
        (Some(user), Some(listing)) => Ok(OldFavorite { row, user, listing, notes, created_at, said }),
        _ => Err(wrong),
    }
}

/// Notes with lines as they end here and no longer than they may be; whether nothing was cut off.
fn shortened(text: &str) -> (String, bool) {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
    let clean = lines.chars().filter(|c| *c == '\n' || !c.is_control());
    let short: String = clean.clone().take(Notes::MAX_CHARS).collect();
    let is_whole = clean.count() <= Notes::MAX_CHARS;
    (short, is_whole)
}

impl Tx {
    async fn take_over_favorites(
        &mut self,
        favorites: Vec<OldFavorite>,
    ) -> Result<Vec<(OldFavorite, FavoriteOutcome)>> {
        let mut outcomes = Vec::with_capacity(favorites.len());
        for favorite in favorites {
            let outcome = self.take_over_favorite(&favorite).await?;
            outcomes.push((favorite, outcome));
        }
        Ok(outcomes)
    }

    async fn take_over_favorite(&mut self, favorite: &OldFavorite) -> Result<FavoriteOutcome> {
        let OldFavorite { user, listing, notes, created_at, .. } = favorite;
        let select = "SELECT EXISTS (SELECT 1 FROM favorites WHERE user_id = $1 AND listing_id = $2)";
        let select = sql::query_scalar(select).bind(user.get()).bind(listing.get());
        if select.fetch_one(&mut self.conn).await? {
            return Ok(FavoriteOutcome::AlreadyThere);
        }
        if listings::first_of(&mut self.conn, *listing).await?.is_none() {
            return Ok(FavoriteOutcome::Refused("listing_id", "is a listing that was removed here".to_owned()));
        }
        let at = created_at.unwrap_or(self.now);
        match self.insert_favorite(*user, *listing, notes.as_ref().map(Notes::as_str), at).await {
            Ok(()) => Ok(FavoriteOutcome::TakenOver),
            Err(StoreError::TooManyFavorites(most)) => {
                let why = format!("is of a user who has {most} favourites, which is as many as there may be");
                Ok(FavoriteOutcome::Refused(Owners::column(&favorite.row), why))
            }
            Err(error) => Err(error),
        }
    }
}
