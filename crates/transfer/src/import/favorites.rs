//! Favourites, with their notes.

use superbot_domain::NoteText;
use superbot_store::{FavoriteImport, ImportedFavorite};

use super::error::Result;
use super::file::OldRow;
use super::listings::ListingIds;
use super::report::{ImportNote, ImportOutcome};
use super::users::OwnerTable;
use super::{ImportRun, RefusedRow};

const TABLE: &str = "favorites";
const COLUMNS: &[&str] = &["id", "username", "user_id", "listing_id", "notes", "created_at"];

struct OldFavorite {
    row: OldRow,
    favorite: ImportedFavorite,
    said: Vec<ImportNote>,
}

impl ImportRun<'_> {
    pub(super) async fn favorites(&mut self, owners: &OwnerTable, listings: &ListingIds) -> Result<()> {
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
            // Cloned, since the rows are needed for notes on what the store refuses.
            let new = favorites.iter().map(|old| old.favorite.clone()).collect();
            let imported = self.store.imports().favorites(new).await?;
            for (OldFavorite { row, said, .. }, outcome) in favorites.into_iter().zip(imported) {
                let refusal = match outcome {
                    FavoriteImport::Added => {
                        self.report.count(TABLE, true);
                        self.report.note(said);
                        continue;
                    }
                    FavoriteImport::AlreadyThere => {
                        self.report.count(TABLE, false);
                        continue;
                    }
                    FavoriteImport::NoSuchListing => ("listing_id", "is a listing that was deleted here".to_owned()),
                    FavoriteImport::TooMany(most) => {
                        let why = format!("belongs to a user who has {most} favourites already, the maximum");
                        (OwnerTable::column(&row), why)
                    }
                };
                let note = ImportNote::new(ImportOutcome::Refused, TABLE, &row, refusal.0, refusal.1);
                self.report.refuse(TABLE, vec![note]);
            }
        }
    }
}

fn read(row: OldRow, owners: &OwnerTable, listings: &ListingIds) -> RefusedRow<OldFavorite> {
    let mut said = Vec::new();
    let mut wrong = Vec::new();
    let note = |outcome, field, why: String| ImportNote::new(outcome, TABLE, &row, field, why);
    let user = owners.of(&row).map_err(|(field, why)| wrong.push(note(ImportOutcome::Refused, field, why))).ok();
    let listing = row.cell("listing_id").integer().and_then(|number| listings.get(&number)).copied();
    if listing.is_none() {
        let why = "is not an imported listing".to_owned();
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
            said.push(note(ImportOutcome::Changed, "notes", format!("is cut to {} characters", NoteText::MAX_CHARS)));
        }
        NoteText::parse(&text).map_err(|error| said.push(note(ImportOutcome::Changed, "notes", error.to_string()))).ok()
    });
    let created_at = row.cell("created_at").time().unwrap_or_else(|why| {
        said.push(note(ImportOutcome::Changed, "created_at", why));
        None
    });
    match (user, listing) {
        (Some(user), Some(listing)) => {
            let favorite = ImportedFavorite { user, listing, notes, created_at };
            Ok(OldFavorite { row, favorite, said })
        }
        _ => Err(wrong),
    }
}

/// Normalizes line ends and truncates notes; returns whether nothing was cut off.
fn shortened(text: &str) -> (String, bool) {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
    let clean = lines.chars().filter(|c| *c == '\n' || !c.is_control());
    let short: String = clean.clone().take(NoteText::MAX_CHARS).collect();
    let is_whole = clean.count() <= NoteText::MAX_CHARS;
    (short, is_whole)
}
