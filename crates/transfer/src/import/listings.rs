//! Listings with their price histories.

use std::collections::HashMap;

use serde_json::{Map, Value};
use superbot_domain::{ListingId, NewListing, PostedListing};
use superbot_store::ImportedListing;

use super::error::Result;
use super::file::OldRow;
use super::history::{HistoryTable, OldPrice};
use super::report::{ImportNote, ImportOutcome};
use super::{ImportRun, RefusedRow};

const TABLE: &str = "listings";
const COLUMNS: &[&str] =
    &["id", "title", "price", "link", "image_url", "source", "created_at", "description", "location", "currency"];
/// Columns without which a listing is rejected.
const NEEDED: [&str; 3] = ["title", "link", "source"];

/// Ids in this store by ids in the old database.
pub(super) type ListingIds = HashMap<i64, ListingId>;

/// A listing to be imported, with notes for the report.
struct OldListing {
    row: OldRow,
    listing: NewListing,
    prices: Vec<OldPrice>,
    notes: Vec<ImportNote>,
}

impl ImportRun<'_> {
    pub(super) async fn listings(&mut self) -> Result<ListingIds> {
        let mut known = ListingIds::new();
        let mut history = self.history().await?;
        if self.file.has(TABLE) {
            let mut rows = self.open(TABLE, COLUMNS, None).await?;
            loop {
                let batch = rows.next_batch().await?;
                if batch.is_empty() {
                    break;
                }
                self.progress(batch.len());
                self.import_batch(batch, &mut history, &mut known).await?;
            }
        }
        self.refuse_orphans(&mut history).await?;
        Ok(known)
    }

    async fn import_batch(
        &mut self,
        rows: Vec<OldRow>,
        history: &mut HistoryTable,
        known: &mut ListingIds,
    ) -> Result<()> {
        let mut batch = Vec::with_capacity(rows.len());
        for row in rows {
            let read = self.read_listing(&row);
            let currency = read.as_ref().map_or(self.options.currency, |(new, _)| new.currency);
            let prices = self.prices_of(history, &row, currency).await?;
            match read {
                Ok((listing, notes)) => batch.push(OldListing { row, listing, prices, notes }),
                Err(notes) => {
                    self.report.refuse(TABLE, notes);
                    self.refuse_prices(&prices, "listing_id", "is a listing that was not imported");
                }
            }
        }
        let new = batch.iter().map(|old| ImportedListing {
            listing: old.listing.clone(),
            prices: old.prices.iter().map(|price| price.past).collect(),
        });
        let imported = self.store.imports().listings(new.collect()).await?;
        for (old, import) in batch.into_iter().zip(imported) {
            self.report.count(TABLE, import.is_new);
            // Notes on an existing listing were reported when it was imported.
            if import.is_new {
                self.report.note(old.notes);
            }
            if let (Some(number), Some(id)) = (old.row.cell("id").integer(), import.id) {
                known.entry(number).or_insert(id);
            }
            self.count_prices(&old.prices, &import.prices);
        }
        Ok(())
    }

    /// Parses a listing like a published one; invalid optional fields are omitted and noted.
    fn read_listing(&self, row: &OldRow) -> RefusedRow<(NewListing, Vec<ImportNote>)> {
        let mut object = Map::new();
        let mut notes = Vec::new();
        for column in COLUMNS.iter().copied() {
            match row.cell(column).json() {
                Ok(value) => drop(object.insert(column.to_owned(), value)),
                Err(why) => notes.push(ImportNote::new(ImportOutcome::Changed, TABLE, row, column, why)),
            }
        }
        let (posted, found) = match PostedListing::from_json(&Value::Object(object), self.options.currency) {
            Ok(PostedListing { listing, warnings }) => (Some(listing), warnings),
            Err(invalid) => (None, invalid.errors),
        };
        for error in found {
            let Some(column) = COLUMNS.iter().find(|column| **column == error.field) else { continue };
            if !notes.iter().any(|note| note.field == *column) {
                notes.push(ImportNote::new(ImportOutcome::Changed, TABLE, row, column, error.message));
            }
        }
        if let Some(listing) = posted {
            return Ok((listing, notes));
        }
        notes.retain(|note| NEEDED.contains(&note.field));
        for note in &mut notes {
            note.outcome = ImportOutcome::Refused;
        }
        Err(notes)
    }
}
