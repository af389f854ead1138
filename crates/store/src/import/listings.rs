//! Listings, with the prices that they had.

use std::collections::HashMap;

use serde_json::{Map, Value};
use superbot_domain::{ListingId, NewListing};

use super::file::OldRow;
use super::history::{History, OldPrice};
use super::report::{ImportNote, ImportOutcome};
use super::{Import, Refused};
use crate::error::Result;

const TABLE: &str = "listings";
const COLUMNS: &[&str] =
    &["id", "title", "price", "link", "image_url", "source", "created_at", "description", "location", "currency"];
/// Without these there is no listing.
const NEEDED: [&str; 3] = ["title", "link", "source"];

/// The numbers of listings here by those in the old program.
pub(super) type Listings = HashMap<i64, ListingId>;

/// Listings to be written together.
#[derive(Default)]
struct Batch {
    rows: Vec<OldRow>,
    new: Vec<NewListing>,
    /// Of each listing, the prices that it had.
    prices: Vec<Vec<OldPrice>>,
    notes: Vec<Vec<ImportNote>>,
}

impl Import<'_> {
    pub(super) async fn listings(&mut self) -> Result<Listings> {
        let mut known = Listings::new();
        let mut history = self.history().await?;
        if self.file.has(TABLE) {
            let mut rows = self.open(TABLE, COLUMNS, None).await?;
            loop {
                let batch = rows.next_batch().await?;
                if batch.is_empty() {
                    break;
                }
                self.progress(batch.len());
                self.take_over_batch(batch, &mut history, &mut known).await?;
            }
        }
        self.refuse_orphans(&mut history).await?;
        Ok(known)
    }

    async fn take_over_batch(&mut self, rows: Vec<OldRow>, history: &mut History, known: &mut Listings) -> Result<()> {
        let mut batch = Batch::default();
        for row in rows {
            let read = self.read_listing(&row);
            let currency = read.as_ref().map_or(self.options.currency, |(new, _)| new.currency);
            let prices = self.prices_of(history, &row, currency).await?;
            match read {
                Ok((new, notes)) => {
                    batch.rows.push(row);
                    batch.new.push(new);
                    batch.prices.push(prices);
                    batch.notes.push(notes);
                }
                Err(notes) => {
                    self.report.refuse(TABLE, notes);
                    self.refuse_prices(&prices, "listing_id", "is a listing that was not taken over");
                }
            }
        }
        let Batch { rows, new, prices, notes } = batch;
        let write = self.store.write(move |tx| {
            Box::pin(async move {
                let taken = tx.take_over_listings(&new).await?;
                let of_each: Vec<_> = taken.iter().zip(&new).zip(prices).collect();
                let prices = tx.take_over_prices(of_each).await?;
                Ok((taken, prices))
            })
        });
        let (taken, prices) = write.await?;
        for ((row, notes), taken) in rows.iter().zip(notes).zip(taken) {
            self.report.count(TABLE, taken.is_new);
            // What is said of a listing that was here before was said when it came.
            if taken.is_new {
                self.report.note(notes);
            }
            if let (Some(number), Some(id)) = (row.cell("id").integer(), taken.id) {
                known.entry(number).or_insert(id);
            }
        }
        self.count_prices(prices);
        Ok(())
    }

    /// Reads a listing as a publisher's is read; what is not needed and wrong is left out and noted.
    fn read_listing(&self, row: &OldRow) -> Refused<(NewListing, Vec<ImportNote>)> {
        let (mut object, mut notes) = (Map::new(), Vec::new());
        for column in COLUMNS.iter().copied() {
            match row.cell(column).json() {
                Ok(value) => drop(object.insert(column.to_owned(), value)),
                Err(why) => notes.push(ImportNote::new(ImportOutcome::Changed, TABLE, row, column, why)),
            }
        }
        if let Err(invalid) = NewListing::from_json(&Value::Object(object.clone()), self.options.currency) {
            for error in invalid.errors {
                let Some(column) = COLUMNS.iter().find(|column| **column == error.field) else { continue };
                object.remove(*column);
                if !notes.iter().any(|note| note.field == *column) {
                    notes.push(ImportNote::new(ImportOutcome::Changed, TABLE, row, column, error.message));
                }
            }
        }
        if let Ok(listing) = NewListing::from_json(&Value::Object(object), self.options.currency) {
            return Ok((listing, notes));
        }
        notes.retain(|note| NEEDED.contains(&note.field));
        for note in &mut notes {
            note.outcome = ImportOutcome::Refused;
        }
        Err(notes)
    }
}
