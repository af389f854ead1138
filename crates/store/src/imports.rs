//! Adding what another program had stored: written in batches, once, without an event or a notification.

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

/// An account of another program.
#[derive(Clone, Debug)]
pub struct ImportedUser {
    /// Its name.
    pub name: Username,
    /// Its role.
    pub role: UserRole,
    /// The hash of its password, or a text that no password has as its hash.
    pub password_hash: String,
    /// Whether it is disabled.
    pub disabled: bool,
    /// When it was created; now, where that is not known.
    pub created_at: Option<Timestamp>,
}

/// An imported account as it is in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserImport {
    /// Its id in the store.
    pub id: UserId,
    /// Whether it was added; an account of that name that existed before is left as it is.
    pub is_new: bool,
}

/// A listing of another program, with the prices that it had.
#[derive(Clone, Debug)]
pub struct ImportedListing {
    /// The listing, with its last price.
    pub listing: NewListing,
    /// Its earlier prices in the order of time.
    pub prices: Vec<PastPrice>,
}

/// A price that a listing had from that time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastPrice {
    /// The time.
    pub at: Timestamp,
    /// The price.
    pub price: Price,
}

/// An imported listing as it is in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingImport {
    /// Its id; `None` where it was in the store before and has been pruned.
    pub id: Option<ListingId>,
    /// Whether it was added; a listing that existed before is left as it is.
    pub is_new: bool,
    /// The result for each of its prices, in their order.
    pub prices: Vec<PriceImport>,
}

/// The result of importing a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceImport {
    /// It was added.
    Added,
    /// It was in the store, or its listing has been pruned.
    AlreadyThere,
    /// It is later than the first price that this store recorded itself.
    Overtaken,
}

/// A favourite of another program.
#[derive(Clone, Debug)]
pub struct ImportedFavorite {
    /// Whose it is.
    pub user: UserId,
    /// The listing, by its id in the store.
    pub listing: ListingId,
    /// The user's notes.
    pub notes: Option<NoteText>,
    /// When it was created; now, where that is not known.
    pub created_at: Option<Timestamp>,
}

/// The result of importing a favourite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FavoriteImport {
    /// It was added.
    Added,
    /// The listing was among the user's favourites.
    AlreadyThere,
    /// The listing has been deleted.
    NoSuchListing,
    /// The user has this many favourites, the most there may be.
    TooMany(i64),
}

/// A price point to be written.
struct PriceInsert {
    listing: i64,
    at: Timestamp,
    price: Price,
    currency: Currency,
}

/// The prices of a listing that are stored.
#[derive(Default)]
struct StoredPrices {
    points: HashSet<(i64, String, Option<i64>)>,
    /// The time of the first price that this store recorded itself.
    watched_since: Option<i64>,
}

impl ImportStore<'_> {
    /// Adds the users whose names are not taken; the results are in the order of the users.
    pub async fn users(self, users: Vec<ImportedUser>) -> Result<Vec<UserImport>> {
        self.store.write(async move |tx| tx.import_users(&users).await).await
    }

    /// Adds the listings that are not known, and the prices that they had. Their price points are numbered below zero, before
    /// every point that a standing query could have been saved at, so no query takes them for news.
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

    /// Adds the favourites that are missing; the results are in the order of the favourites.
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

    /// Adds the standing queries that are missing; they apply to listings that come in from now on. `seen` is what the
    /// previous batch of the same file returned, or the default for the first one.
    pub async fn queries(
        self,
        queries: Vec<ImportedQuery>,
        mut seen: ImportedQueries,
    ) -> Result<(Vec<QueryImport>, ImportedQueries)> {
        self.store.write(async move |tx| Ok((tx.import_queries(&queries, &mut seen).await?, seen))).await
    }

    /// Checks a query that is to be imported.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for keywords that make no sense, and for a query that would match nearly everything.
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

    /// Writes the prices that listings had, and, of those that are new, their present price.
    async fn import_prices(
        &mut self,
        taken: &[ImportedRow],
        listings: &[NewListing],
        prices: &[Vec<PastPrice>],
    ) -> Result<Vec<Vec<PriceImport>>> {
        let known = taken.iter().zip(prices).filter(|(taken, prices)| !taken.is_new && !prices.is_empty());
        let ids: Vec<i64> = known.filter_map(|(taken, _)| Some(taken.id?.get())).collect();
        let mut stored = self.stored_prices(&ids).await?;
        let mut points = Vec::new();
        let mut outcomes = Vec::with_capacity(listings.len());
        for ((taken, new), prices) in taken.iter().zip(listings).zip(prices) {
            let Some(listing) = taken.id.map(ListingId::get) else {
                outcomes.push(vec![PriceImport::AlreadyThere; prices.len()]);
                continue;
            };
            let stored = stored.entry(listing).or_default();
            let point = |at, price| PriceInsert { listing, at, price, currency: new.currency };
            outcomes.push(prices.iter().map(|past| stored.add(*past, &mut points, point)).collect());
            let last = prices.last();
            if taken.is_new && last.is_none_or(|last| last.price != new.price.price) {
                let at = last.map_or(taken.created_at, |last| last.at.max(taken.created_at));
                points.push(point(at, new.price.price));
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
                if id > 0 && stored.watched_since.is_none() {
                    stored.watched_since = Some(at);
                }
            }
        }
        Ok(stored)
    }

    /// Writes points below all that there are; those of one listing are in the order of time.
    async fn insert_points(&mut self, points: &[PriceInsert]) -> Result<()> {
        let lowest: Option<i64> =
            sql::query_scalar("SELECT MIN(id) FROM price_history").fetch_one(&mut self.conn).await?;
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
    /// Adds the point of a price that is missing to those that are to be written.
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
        if self.watched_since.is_some_and(|since| mark.0 >= since) {
            return PriceImport::Overtaken;
        }
        self.points.insert(mark);
        points.push(point(at, price));
        PriceImport::Added
    }
}
