//! Imports another program's data in batches, without emitting events or notifications.

use std::collections::{HashMap, HashSet};

use superbot_domain::{
    Currency, ListingId, NewListing, NoteText, Price, QueryParts, Timestamp, UserId, UserRole, Username,
};

use crate::error::{Result, StoreError};
use crate::handles::ImportStore;
use crate::listings::price_history::NewPrice;
use crate::listings::{self, ImportedRow};
use crate::rows::{NewUserRow, micros, minor};
use crate::sql::{self, chunks, where_in};
use crate::standing::{ImportedQueries, ImportedQuery, QueryImport, criteria_of};
use crate::tx::StoreTx;

/// An account to be imported.
#[derive(Clone, Debug)]
pub struct ImportedUser {
    /// Unique name.
    pub name: Username,
    /// Role in this program.
    pub role: UserRole,
    /// Password hash, or a string that matches no password.
    pub password_hash: String,
    /// Whether login is disabled.
    pub disabled: bool,
    /// Creation time; `None` if unknown, which means now.
    pub created_at: Option<Timestamp>,
}

/// Result of importing an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserImport {
    /// Its id in the store.
    pub id: UserId,
    /// False if an account with this name existed; it is left unchanged.
    pub is_new: bool,
}

/// A listing to be imported, with its price history.
#[derive(Clone, Debug)]
pub struct ImportedListing {
    /// The listing with its latest price.
    pub listing: NewListing,
    /// Earlier prices, oldest first.
    pub prices: Vec<PastPrice>,
}

/// A price change in the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastPrice {
    /// Time from which the price applied.
    pub at: Timestamp,
    /// The new price.
    pub price: Price,
}

/// Result of importing a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingImport {
    /// Id in the store; `None` if the listing was known but has been pruned.
    pub id: Option<ListingId>,
    /// False if the listing was known; it is left unchanged.
    pub is_new: bool,
    /// One result per price, in the same order.
    pub prices: Vec<PriceImport>,
}

/// Result of importing a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceImport {
    /// The price was added.
    Added,
    /// The price was stored before, or its listing has been pruned.
    AlreadyThere,
    /// The price is later than the first one recorded by this store, which takes precedence.
    Overtaken,
}

/// A favourite to be imported.
#[derive(Clone, Debug)]
pub struct ImportedFavorite {
    /// Owner.
    pub user: UserId,
    /// Id of the listing in this store.
    pub listing: ListingId,
    /// The owner's notes.
    pub notes: Option<NoteText>,
    /// Creation time; `None` if unknown, which means now.
    pub created_at: Option<Timestamp>,
}

/// Result of importing a favourite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FavoriteImport {
    /// The favourite was added.
    Added,
    /// The listing was one of the user's favourites.
    AlreadyThere,
    /// The listing does not exist.
    NoSuchListing,
    /// The user has reached this maximum number of favourites.
    TooMany(i64),
}

/// A price point to be inserted.
struct PriceInsert {
    listing: i64,
    at: Timestamp,
    price: Price,
    currency: Currency,
}

/// Stored price points of one listing.
#[derive(Default)]
struct StoredPrices {
    points: HashSet<(i64, String, Option<i64>)>,
    /// Time of the first price recorded by this store itself rather than imported.
    watched_since: Option<i64>,
}

impl ImportStore<'_> {
    /// Adds users whose names are not taken; returns one result per user, in order.
    pub async fn users(self, users: Vec<ImportedUser>) -> Result<Vec<UserImport>> {
        self.store.write(async move |tx| tx.import_users(&users).await).await
    }

    /// Adds unknown listings and missing prices. Imported price points get negative ids, which precede the position at
    /// which any standing query was saved, so that no query reports them.
    pub async fn listings(self, listings: Vec<ImportedListing>) -> Result<Vec<ListingImport>> {
        let (new, prices): (Vec<_>, Vec<_>) =
            listings.into_iter().map(|imported| (imported.listing, imported.prices)).unzip();
        self.store
            .write(async move |tx| {
                let taken = tx.import_listings(&new).await?;
                let outcomes = tx.import_prices(&taken, &new, &prices).await?;
                let import =
                    |(taken, prices): (ImportedRow, _)| ListingImport { id: taken.id, is_new: taken.is_new, prices };
                Ok(taken.into_iter().zip(outcomes).map(import).collect())
            })
            .await
    }

    /// Adds missing favourites; returns one result per favourite, in order.
    pub async fn favorites(self, favorites: Vec<ImportedFavorite>) -> Result<Vec<FavoriteImport>> {
        self.store
            .write(async move |tx| {
                let mut outcomes = Vec::with_capacity(favorites.len());
                for favorite in &favorites {
                    outcomes.push(tx.import_favorite(favorite).await?);
                }
                Ok(outcomes)
            })
            .await
    }

    /// Adds missing standing queries, which apply to listings that arrive from now on. `seen` is the value returned for
    /// the previous batch of the same file, or the default for the first batch.
    pub async fn queries(
        self,
        queries: Vec<ImportedQuery>,
        mut seen: ImportedQueries,
    ) -> Result<(Vec<QueryImport>, ImportedQueries)> {
        self.store.write(async move |tx| Ok((tx.import_queries(&queries, &mut seen).await?, seen))).await
    }

    /// Validates a query that is to be imported.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] if the keywords are malformed or the query would match nearly everything.
    pub fn check_query(self, wants: &QueryParts) -> Result<()> {
        criteria_of(wants).map(drop)
    }
}

impl StoreTx {
    async fn import_users(&mut self, users: &[ImportedUser]) -> Result<Vec<UserImport>> {
        let mut imported = Vec::with_capacity(users.len());
        for user in users {
            let created_at = user.created_at.unwrap_or(self.now);
            let row = NewUserRow::new(&user.name, user.role, &user.password_hash, created_at);
            let added = NewUserRow { disabled: user.disabled, ..row }.insert(&mut self.conn).await?;
            let id = if let Some(id) = added {
                id
            } else {
                let select = sql::query_scalar("SELECT id FROM users WHERE username_key = $1");
                select.bind(user.name.key()).fetch_one(&mut self.conn).await?
            };
            imported.push(UserImport { id: id.into(), is_new: added.is_some() });
        }
        Ok(imported)
    }

    async fn import_favorite(&mut self, favorite: &ImportedFavorite) -> Result<FavoriteImport> {
        let ImportedFavorite { user, listing, notes, created_at } = favorite;
        let select = "SELECT EXISTS (SELECT 1 FROM favorites WHERE user_id = $1 AND listing_id = $2)";
        let select = sql::query_scalar(select).bind(user.get()).bind(listing.get());
        if select.fetch_one(&mut self.conn).await? {
            return Ok(FavoriteImport::AlreadyThere);
        }
        if listings::first_of(&mut self.conn, *listing).await?.is_none() {
            return Ok(FavoriteImport::NoSuchListing);
        }
        let at = created_at.unwrap_or(self.now);
        match self.insert_favorite(*user, *listing, notes.as_ref().map(NoteText::as_str), at).await {
            Ok(()) => Ok(FavoriteImport::Added),
            Err(StoreError::TooManyFavorites(most)) => Ok(FavoriteImport::TooMany(most)),
            Err(error) => Err(error),
        }
    }

    /// Inserts missing historical prices, and the current price of new listings.
    async fn import_prices(
        &mut self,
        taken: &[ImportedRow],
        listings: &[NewListing],
        prices: &[Vec<PastPrice>],
    ) -> Result<Vec<Vec<PriceImport>>> {
        let known = taken.iter().zip(prices).filter(|(taken, prices)| !taken.is_new && !prices.is_empty());
        let ids: Vec<i64> = known.filter_map(|(taken, _)| Some(taken.id?.get())).collect();
        let mut stored = self.stored_prices(&ids).await?;
        let recurring_price = self.recurring_price;
        let mut points = Vec::new();
        let mut outcomes = Vec::with_capacity(listings.len());
        for ((taken, new), prices) in taken.iter().zip(listings).zip(prices) {
            let Some(listing) = taken.id.map(ListingId::get) else {
                // A pruned listing has no row that prices could belong to.
                outcomes.push(vec![PriceImport::AlreadyThere; prices.len()]);
                continue;
            };
            let stored = stored.entry(listing).or_default();
            let point = |at, price| PriceInsert { listing, at, price, currency: new.currency };
            let current = recurring_price.apply(new.price.price);
            let by_rule = |past: &PastPrice| PastPrice { price: recurring_price.apply(past.price), ..*past };
            let prices: Vec<PastPrice> = prices.iter().map(by_rule).collect();
            outcomes.push(prices.iter().map(|past| stored.add(*past, &mut points, point)).collect());
            let last = prices.last();
            // The history must end with the current price, unless its last entry is that price already.
            if taken.is_new && last.is_none_or(|last| last.price != current) {
                let at = last.map_or(taken.created_at, |last| last.at.max(taken.created_at));
                points.push(point(at, current));
            }
        }
        self.insert_points(&points).await?;
        Ok(outcomes)
    }

    async fn stored_prices(&mut self, listings: &[i64]) -> Result<HashMap<i64, StoredPrices>> {
        let mut stored: HashMap<i64, StoredPrices> = HashMap::new();
        let select = "SELECT listing_id, id, at, price_kind, price_minor FROM price_history WHERE listing_id IN (";
        for chunk in chunks(listings) {
            let select = where_in(select, chunk, " ORDER BY listing_id, id");
            let rows: Vec<(i64, i64, i64, String, Option<i64>)> =
                select.build_query_as().fetch_all(&mut self.conn).await?;
            for (listing, id, at, kind, minor) in rows {
                let stored = stored.entry(listing).or_default();
                stored.points.insert((at, kind, minor));
                // Positive ids were assigned by ingestion, negative ones by imports.
                if id > 0 && stored.watched_since.is_none() {
                    stored.watched_since = Some(at);
                }
            }
        }
        Ok(stored)
    }

    /// Inserts points with ids below all existing ones; points of one listing are in chronological order.
    async fn insert_points(&mut self, points: &[PriceInsert]) -> Result<()> {
        let lowest: Option<i64> =
            sql::query_scalar("SELECT MIN(id) FROM price_history").fetch_one(&mut self.conn).await?;
        // Contiguous and ascending towards 0, so that ids within the batch keep the order of time.
        let mut id = lowest.unwrap_or(0).min(0) - i64::try_from(points.len()).unwrap_or(i64::MAX);
        for chunk in chunks(points) {
            let rows = (id..).zip(chunk).map(|(id, point)| {
                let PriceInsert { listing, at, price, currency } = *point;
                NewPrice { point: id, listing: listing.into(), price, currency }.row(micros(at))
            });
            sql::insert(rows).build().execute(&mut self.conn).await?;
            id += i64::try_from(chunk.len()).unwrap_or(i64::MAX);
        }
        Ok(())
    }
}

impl StoredPrices {
    /// Adds a price to the points to be inserted, unless it is stored already.
    fn add(
        &mut self,
        past: PastPrice,
        points: &mut Vec<PriceInsert>,
        point: impl Fn(Timestamp, Price) -> PriceInsert,
    ) -> PriceImport {
        let PastPrice { at, price } = past;
        let mark = (micros(at), price.kind().to_owned(), minor(price));
        if self.points.contains(&mark) {
            return PriceImport::AlreadyThere;
        }
        // From then on, the history recorded here takes precedence.
        if self.watched_since.is_some_and(|since| mark.0 >= since) {
            return PriceImport::Overtaken;
        }
        self.points.insert(mark);
        points.push(point(at, price));
        PriceImport::Added
    }
}
