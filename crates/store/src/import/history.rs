//! The prices that listings had.
//!
//! Price points are numbered in the order of all changes, and a standing query applies to what came after the point it was
//! saved at. What a listing cost in the old program came before everything that was ever asked here, so those points are
//! numbered below zero: no query takes them for news, however often a worker looks.

use std::collections::{HashMap, HashSet, VecDeque};

use superbot_domain::{Currency, ListingId, NewListing, Price, Timestamp, read_price};

use super::Import;
use super::file::{OldRow, Rows};
use super::report::{ImportNote, ImportOutcome};
use crate::error::Result;
use crate::listings::TakenOver;
use crate::listings::price_history::NewPrice;
use crate::rows::{micros, minor};
use crate::sql::{self, chunks, where_in};
use crate::tx::Tx;

const TABLE: &str = "price_history";
const COLUMNS: &[&str] = &["id", "listing_id", "price", "recorded_at"];
/// So many prices of one listing are kept; nothing changes its price more often.
const MAX_PRICES: usize = 10_000;

/// The table in the order of its listings.
pub(super) struct History {
    rows: Option<Rows>,
    ahead: VecDeque<OldRow>,
}

/// A price that a listing had.
pub(super) struct OldPrice {
    row: OldRow,
    at: Timestamp,
    price: Price,
}

/// What became of an old price.
pub(super) enum PriceOutcome {
    TakenOver,
    AlreadyThere,
    /// The listing was watched from here by then.
    Overtaken(OldPrice),
}

/// A row to be written.
struct Point {
    listing: i64,
    at: Timestamp,
    price: Price,
    currency: Currency,
}

/// What is here of a listing's prices.
#[derive(Default)]
struct Here {
    points: HashSet<(i64, String, Option<i64>)>,
    /// When this program first saw a price of it itself.
    watched_since: Option<i64>,
}

impl History {
    /// The next row, which is left where it is.
    async fn peek(&mut self) -> Result<Option<&OldRow>> {
        if self.ahead.is_empty()
            && let Some(rows) = &mut self.rows
        {
            self.ahead.extend(rows.next_batch().await?);
        }
        Ok(self.ahead.front())
    }
}

impl Import<'_> {
    pub(super) async fn history(&mut self) -> Result<History> {
        let rows = if self.file.has(TABLE) { Some(self.open(TABLE, COLUMNS, Some("listing_id")).await?) } else { None };
        Ok(History { rows, ahead: VecDeque::new() })
    }

    /// Takes the prices of the next listing out of the history; both are read in the order of the listings' numbers.
    pub(super) async fn prices_of(
        &mut self,
        history: &mut History,
        listing: &OldRow,
        currency: Currency,
    ) -> Result<Vec<OldPrice>> {
        let mut prices = Vec::new();
        let Some(number) = listing.cell("id").integer() else { return Ok(prices) };
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
                Ok((at, price)) => prices.push(OldPrice { row, at, price }),
                Err((field, why)) => self.refuse_price(&row, field, why),
            }
        }
        prices.sort_by_key(|price| price.at);
        Ok(prices)
    }

    /// What is left of the history belongs to no listing.
    pub(super) async fn refuse_orphans(&mut self, history: &mut History) -> Result<()> {
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

    pub(super) fn count_prices(&mut self, outcomes: Vec<PriceOutcome>) {
        for outcome in outcomes {
            match outcome {
                PriceOutcome::TakenOver => self.report.count(TABLE, true),
                PriceOutcome::AlreadyThere => self.report.count(TABLE, false),
                PriceOutcome::Overtaken(price) => {
                    let why = "is later than the first price that this program saw of the listing itself";
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
    ("listing_id", "is no listing of this file".to_owned())
}

fn read(row: &OldRow, currency: Currency) -> Result<(Timestamp, Price), (&'static str, String)> {
    let at = row.cell("recorded_at").time().map_err(|why| ("recorded_at", why))?;
    let at = at.ok_or_else(|| ("recorded_at", "is missing".to_owned()))?;
    let price = row.cell("price").json().map_err(|why| ("price", why))?;
    let price = read_price(Some(&price), currency).map_err(|error| ("price", error.to_string()))?;
    Ok((at, price.price))
}

impl Tx {
    /// Writes the prices that listings had, and, of those that are new, what they ask now.
    pub(super) async fn take_over_prices(
        &mut self,
        listings: Vec<((&TakenOver, &NewListing), Vec<OldPrice>)>,
    ) -> Result<Vec<PriceOutcome>> {
        let ids = listings.iter().filter(|((taken, _), prices)| !taken.is_new && !prices.is_empty());
        let ids: Vec<i64> = ids.filter_map(|((taken, _), _)| Some(taken.id?.get())).collect();
        let mut here = self.prices_here(&ids).await?;
        let (mut points, mut outcomes) = (Vec::new(), Vec::new());
        for ((taken, new), prices) in listings {
            // What was pruned here has no prices any more.
            let Some(listing) = taken.id.map(ListingId::get) else {
                outcomes.extend(prices.iter().map(|_| PriceOutcome::AlreadyThere));
                continue;
            };
            let here = here.entry(listing).or_default();
            let mut last = None;
            for old in prices {
                last = Some((old.at, old.price));
                let mark = (micros(old.at), old.price.kind().to_owned(), minor(old.price));
                outcomes.push(if here.points.contains(&mark) {
                    PriceOutcome::AlreadyThere
                } else if here.watched_since.is_some_and(|since| mark.0 >= since) {
                    PriceOutcome::Overtaken(old)
                } else {
                    here.points.insert(mark);
                    points.push(Point { listing, at: old.at, price: old.price, currency: new.currency });
                    PriceOutcome::TakenOver
                });
            }
            if taken.is_new && last.is_none_or(|(_, price)| price != new.price.price) {
                let at = last.map_or(taken.created_at, |(at, _)| at.max(taken.created_at));
                points.push(Point { listing, at, price: new.price.price, currency: new.currency });
            }
        }
        self.insert_points(&points).await?;
        Ok(outcomes)
    }

    async fn prices_here(&mut self, listings: &[i64]) -> Result<HashMap<i64, Here>> {
        let mut here: HashMap<i64, Here> = HashMap::new();
        let select = "SELECT listing_id, id, at, price_kind, price_minor FROM price_history WHERE listing_id IN (";
        for chunk in chunks(listings) {
            let select = where_in(select, chunk, " ORDER BY listing_id, id");
            let rows: Vec<(i64, i64, i64, String, Option<i64>)> =
                select.build_query_as().fetch_all(&mut self.conn).await?;
            for (listing, id, at, kind, minor) in rows {
                let here = here.entry(listing).or_default();
                here.points.insert((at, kind, minor));
                if id > 0 && here.watched_since.is_none() {
                    here.watched_since = Some(at);
                }
            }
        }
        Ok(here)
    }

    /// Writes points below all that there are; those of one listing are in the order of time.
    async fn insert_points(&mut self, points: &[Point]) -> Result<()> {
        let lowest: Option<i64> =
            sql::query_scalar("SELECT MIN(id) FROM price_history").fetch_one(&mut self.conn).await?;
        let mut id = lowest.unwrap_or(0).min(0) - i64::try_from(points.len()).unwrap_or(i64::MAX);
        for chunk in chunks(points) {
            let rows = (id..).zip(chunk).map(|(id, point)| {
                let Point { listing, at, price, currency } = *point;
                NewPrice { point: id, listing: listing.into(), price, currency }.row(micros(at))
            });
            sql::insert(rows).build().execute(&mut self.conn).await?;
            id += i64::try_from(chunk.len()).unwrap_or(i64::MAX);
        }
        Ok(())
    }
}
