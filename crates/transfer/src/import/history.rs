//! Price histories of listings.

use std::collections::VecDeque;

use superbot_domain::{Currency, Price, Timestamp, read_price};
use superbot_store::{PastPrice, PriceImport};

use super::ImportRun;
use super::error::Result;
use super::file::{ImportRows, OldRow};
use super::report::{ImportNote, ImportOutcome};

const TABLE: &str = "price_history";
const COLUMNS: &[&str] = &["id", "listing_id", "price", "recorded_at"];
/// Maximum number of prices per listing; more indicate a damaged file.
const MAX_PRICES: usize = 10_000;

/// The table, read in the order of listing ids.
pub(super) struct HistoryTable {
    rows: Option<ImportRows>,
    ahead: VecDeque<OldRow>,
}

/// A price of a listing, with the row it came from.
pub(super) struct OldPrice {
    row: OldRow,
    pub(super) past: PastPrice,
}

impl HistoryTable {
    /// Returns the next row without consuming it.
    async fn peek(&mut self) -> Result<Option<&OldRow>> {
        if self.ahead.is_empty()
            && let Some(rows) = &mut self.rows
        {
            self.ahead.extend(rows.next_batch().await?);
        }
        Ok(self.ahead.front())
    }
}

impl ImportRun<'_> {
    pub(super) async fn history(&mut self) -> Result<HistoryTable> {
        let rows = if self.file.has(TABLE) { Some(self.open(TABLE, COLUMNS, Some("listing_id")).await?) } else { None };
        Ok(HistoryTable { rows, ahead: VecDeque::new() })
    }

    /// Takes the prices of the next listing; both tables are read in ascending order of listing ids, so one pass
    /// suffices.
    pub(super) async fn prices_of(
        &mut self,
        history: &mut HistoryTable,
        listing: &OldRow,
        currency: Currency,
    ) -> Result<Vec<OldPrice>> {
        let mut prices = Vec::new();
        let Some(number) = listing.cell("id").integer() else { return Ok(prices) };
        // Rows of smaller ids belong to listings that do not exist.
        while let Some(row) = history.peek().await? {
            let of = row.cell("listing_id").integer();
            if of.is_some_and(|of| of > number) {
                break;
            }
            let Some(row) = history.ahead.pop_front() else { break };
            let read = if of == Some(number) { read(&row, currency) } else { Err(orphan()) };
            match read {
                Ok(_) if prices.len() >= MAX_PRICES => {
                    self.refuse_price(&row, "listing_id", format!("has more than {MAX_PRICES} prices"));
                }
                Ok((at, price)) => prices.push(OldPrice { row, past: PastPrice { at, price } }),
                Err((field, why)) => self.refuse_price(&row, field, why),
            }
        }
        prices.sort_by_key(|price| price.past.at);
        Ok(prices)
    }

    /// Reports the remaining rows, which belong to no listing.
    pub(super) async fn refuse_orphans(&mut self, history: &mut HistoryTable) -> Result<()> {
        while history.peek().await?.is_some() {
            while let Some(row) = history.ahead.pop_front() {
                let (field, why) = orphan();
                self.refuse_price(&row, field, why);
            }
        }
        Ok(())
    }

    pub(super) fn refuse_prices(&mut self, prices: &[OldPrice], field: &'static str, why: &str) {
        for price in prices {
            self.refuse_price(&price.row, field, why.to_owned());
        }
    }

    pub(super) fn count_prices(&mut self, prices: &[OldPrice], outcomes: &[PriceImport]) {
        for (price, outcome) in prices.iter().zip(outcomes) {
            match outcome {
                PriceImport::Added => self.report.count(TABLE, true),
                PriceImport::AlreadyThere => self.report.count(TABLE, false),
                PriceImport::Overtaken => {
                    let why = "is later than the first price that this program recorded itself";
                    self.refuse_price(&price.row, "recorded_at", why.to_owned());
                }
            }
        }
    }

    fn refuse_price(&mut self, row: &OldRow, field: &'static str, why: String) {
        self.report.refuse(TABLE, vec![ImportNote::new(ImportOutcome::Refused, TABLE, row, field, why)]);
    }
}

fn orphan() -> (&'static str, String) {
    ("listing_id", "is not a listing of this file".to_owned())
}

fn read(row: &OldRow, currency: Currency) -> Result<(Timestamp, Price), (&'static str, String)> {
    let at = row.cell("recorded_at").time().map_err(|why| ("recorded_at", why))?;
    let at = at.ok_or_else(|| ("recorded_at", "is missing".to_owned()))?;
    let price = row.cell("price").json().map_err(|why| ("price", why))?;
    let price = read_price(Some(&price), currency).map_err(|error| ("price", error.to_string()))?;
    Ok((at, price.price))
}
