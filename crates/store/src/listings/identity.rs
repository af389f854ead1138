//! Identification of postings: by canonical link, or by the site's id.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::{Deref, DerefMut};

use superbot_domain::{ListingId, NewListing, Price, READER_VERSION, ReaderScope, RecurringPrice, Timestamp};

use super::known::StoredListing;
use super::merged;
use super::rekey::rekey_contested;
use super::stored_rows::{PrunedRow, StoredRows};
use crate::error::Result;
use crate::first_link::{current_key, former_key};
use crate::rows::{currency, price, timestamp};
use crate::sql::{QueryBuilder, Record, SqlConn, chunks, where_in};
use crate::tx::StoreTx;

/// One listing of a batch, however often and under however many names it was posted.
pub(crate) struct ListingUpsert<'a> {
    pub(crate) known: StoredListing,
    pub(crate) first_posting: usize,
    pub(crate) origin: UpsertOrigin,
    /// Whether its row must be updated.
    pub(crate) changed: bool,
    /// Its first posting.
    posting: &'a NewListing,
    source: &'a str,
    /// Names under which it was posted.
    names: Vec<ListingName<'a>>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum UpsertOrigin {
    New,
    Stored,
    /// Pruned earlier, with this last known price.
    Pruned(PrunedPrice),
}

/// The last price of a pruned listing.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct PrunedPrice {
    pub(crate) price: Price,
    /// Whether an earlier reader had read it differently.
    pub(crate) is_corrected: bool,
}

/// A name by which a posting identifies its listing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum ListingName<'a> {
    Link(&'a str),
    /// The key of `link` by the first rules, while keys may still be by those.
    Former {
        key: &'a str,
        link: &'a str,
    },
    Id(&'a str),
}

/// A name to be looked up for a slot.
struct WantedName<'a> {
    slot: usize,
    source: &'a str,
    name: ListingName<'a>,
}

/// A lookup result: the index of the wanted name, the kind of match, and the listing's id.
#[derive(Record)]
struct IdentityMatch {
    wanted: i64,
    by: i64,
    id: i64,
}

const BY_LINK: i64 = 0;
const BY_ALIAS: i64 = 1;
const BY_PRUNED_LINK: i64 = 2;

/// A batch's postings grouped by listing, and the slot of each posting.
pub(crate) struct ListingUpserts<'a> {
    all: Vec<ListingUpsert<'a>>,
    pub(crate) slot_of: Vec<usize>,
    /// Names to be stored as aliases, with their slots.
    new_names: Vec<(usize, String)>,
    recurring_price: RecurringPrice,
}

impl<'a> ListingName<'a> {
    /// Returns the name as stored in `listing_aliases`.
    fn alias(self) -> Cow<'a, str> {
        match self {
            Self::Link(link) | Self::Former { key: link, .. } => link.into(),
            Self::Id(id) => format!("id:{id}").into(),
        }
    }
}

impl ListingUpsert<'_> {
    /// Turns a new posting into the pruned listing that it repeats; a missing price is taken from there.
    fn revive(&mut self, row: &PrunedRow, recurring_price: RecurringPrice) -> Result<()> {
        let listing = &mut self.known.listing;
        let kept_currency = currency(&row.currency)?;
        let kept = price(&row.price_kind, row.price_minor, row.price_per.as_deref(), kept_currency)?;
        let is_read = self.posting.read_from_text != ReaderScope::Nothing;
        let may_be_misread = row.price_reader_version < READER_VERSION && is_read;
        let is_hidden = |price| recurring_price.apply(price) != price;
        let mut is_corrected = false;
        if is_hidden(kept) || may_be_misread && is_hidden(self.posting.price.price) {
            // Posted again, it is stored by today's setting.
            is_corrected = true;
        } else if listing.price == Price::Unstated {
            (listing.price, listing.currency) = (kept, kept_currency);
            if !(is_read && kept == Price::Unstated) {
                self.known.price_reader_version = row.price_reader_version;
            }
        } else if may_be_misread {
            // That the two differ may be the reader's doing; a publisher states the price as a number, though.
            is_corrected = listing.price != kept;
        }
        let kept = PrunedPrice { price: if is_corrected { listing.price } else { kept }, is_corrected };
        listing.id = row.id.into();
        listing.created_at = timestamp(row.created_at)?;
        listing.first_seen_at = timestamp(row.first_seen_at)?;
        listing.reposted_of = row.reposted_of.map(ListingId::from);
        // The link by which it was known stays its key; the new link becomes an alias.
        self.known.link_key.clone_from(&row.link_key);
        self.known.first_point = row.first_point;
        self.origin = UpsertOrigin::Pruned(kept);
        Ok(())
    }
}

impl<'a> ListingUpserts<'a> {
    /// Groups postings that share a name; `former` has the keys of [`former_keys`].
    pub(crate) fn group(
        listings: &'a [NewListing],
        former: &'a [Option<String>],
        now: Timestamp,
        recurring_price: RecurringPrice,
    ) -> Self {
        let mut by_name: HashMap<(&str, ListingName<'a>), usize> = HashMap::with_capacity(listings.len());
        let mut slots: Vec<ListingUpsert<'a>> = Vec::new();
        let mut slot_of = Vec::with_capacity(listings.len());
        for (posting, new) in listings.iter().enumerate() {
            let ids = new.aliases.iter().map(|alias| ListingName::Id(alias));
            let names = || std::iter::once(ListingName::Link(new.link.canonical())).chain(ids.clone());
            let source = new.source.as_str();
            // A posting joins the first slot that shares any of its names.
            let place = names().find_map(|name| by_name.get(&(source, name)).copied()).unwrap_or_else(|| {
                let known = StoredListing::first(new, now, recurring_price);
                let origin = UpsertOrigin::New;
                let names = Vec::new();
                slots.push(ListingUpsert {
                    known,
                    first_posting: posting,
                    origin,
                    changed: false,
                    posting: new,
                    source,
                    names,
                });
                slots.len() - 1
            });
            for name in names() {
                if by_name.insert((source, name), place).is_none() {
                    slots[place].names.push(name);
                }
            }
            // No name that groups: by the first rules, different ads may have had the same key.
            slots[place].names.extend(former.get(posting).and_then(Option::as_ref).map(|key| {
                let link = new.link.canonical();
                ListingName::Former { key, link }
            }));
            slot_of.push(place);
        }
        Self { all: slots, slot_of, new_names: Vec::new(), recurring_price }
    }

    /// Looks up the slots' names in the store.
    pub(crate) async fn find(&mut self, tx: &mut StoreTx) -> Result<()> {
        let names = self.names();
        let mut found: Vec<IdentityMatch> = Vec::new();
        let mut first = 0;
        for chunk in chunks(&names) {
            let mut select = QueryBuilder::default();
            select_by_name(&mut select, chunk, first);
            found.extend(select.build_query_as::<IdentityMatch>().fetch_all(&mut tx.conn).await?);
            first += i64::try_from(chunk.len()).unwrap_or(i64::MAX);
        }
        if tx.is_rekeying() {
            reject_other_ads(&mut tx.conn, &names, &mut found).await?;
        }
        // By priority: a current link is stronger evidence than an alias or the link of a pruned listing.
        found.sort_by_key(|found| (found.by, found.wanted));
        let mut listing_of: HashMap<usize, i64> = HashMap::new();
        let mut known_as = HashSet::new();
        for found in found {
            let Some(name) = found.name(&names) else { continue };
            listing_of.entry(name.slot).or_insert(found.id);
            if found.by == BY_ALIAS {
                known_as.insert((name.source, name.name));
            }
        }
        self.read(tx, listing_of).await?;
        self.merge();
        for (place, slot) in self.all.iter().enumerate() {
            let is_key = |name: &ListingName<'_>| *name == ListingName::Link(&slot.known.link_key);
            let names = slot.names.iter().filter(|name| !is_key(name) && !matches!(name, ListingName::Former { .. }));
            let new = names.filter(|name| !known_as.contains(&(slot.source, **name)));
            self.new_names.extend(new.map(|name| (place, name.alias().into_owned())));
        }
        Ok(())
    }

    /// Loads the listings that were found into their slots.
    async fn read(&mut self, tx: &mut StoreTx, mut listing_of: HashMap<usize, i64>) -> Result<()> {
        let mut ids: Vec<i64> = listing_of.values().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut stored = StoredRows::default();
        stored.load(&mut tx.conn, &ids).await?;
        ids.retain(|id| !stored.has(*id));
        if !ids.is_empty() {
            let targets = merged::targets(&mut tx.conn, &ids).await?;
            stored.load(&mut tx.conn, &targets.values().copied().collect::<Vec<_>>()).await?;
            for id in listing_of.values_mut() {
                *id = targets.get(id).copied().unwrap_or(*id);
            }
        }
        for (place, id) in listing_of {
            let slot = &mut self.all[place];
            if let Some(known) = stored.known.get(&id) {
                (slot.known, slot.origin) = (known.clone(), UpsertOrigin::Stored);
            } else if let Some(row) = stored.pruned.get(&id) {
                slot.revive(row, self.recurring_price)?;
            }
        }
        Ok(())
    }

    /// Returns all names of all slots.
    fn names(&self) -> Vec<WantedName<'a>> {
        let names = self.all.iter().enumerate().map(|(slot, ListingUpsert { source, names, .. })| {
            names.iter().map(move |name| WantedName { slot, source, name: *name })
        });
        names.flatten().collect()
    }

    /// Merges slots whose names refer to the same listing.
    fn merge(&mut self) {
        let mut first_of: HashMap<i64, usize> = HashMap::new();
        for place in 0..self.all.len() {
            let slot = &self.all[place];
            if slot.origin == UpsertOrigin::New {
                continue;
            }
            let first = *first_of.entry(slot.known.listing.id.get()).or_insert(place);
            if first != place {
                let names = std::mem::take(&mut self.all[place].names);
                // The merged slot must not be written again.
                self.all[place].origin = UpsertOrigin::Stored;
                self.all[first].names.extend(names);
                self.slot_of.iter_mut().filter(|slot| **slot == place).for_each(|slot| *slot = first);
            }
        }
    }

    /// Stores names under which listings were posted for the first time; listings must have their ids by now.
    pub(crate) async fn note_names(&self, conn: &mut SqlConn) -> Result<()> {
        for chunk in chunks(&self.new_names) {
            let mut insert = QueryBuilder::new("INSERT INTO listing_aliases (source, alias, listing_id) ");
            insert.push_values(chunk, |mut row, (slot, alias)| {
                let listing = &self.all[*slot].known.listing;
                row.push_bind(listing.source.as_str()).push_bind(alias).push_bind(listing.id.get());
            });
            insert.push(" ON CONFLICT (source, alias) DO NOTHING");
            insert.build().execute(conn).await?;
        }
        Ok(())
    }
}

impl<'a> Deref for ListingUpserts<'a> {
    type Target = [ListingUpsert<'a>];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl DerefMut for ListingUpserts<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.all
    }
}

impl IdentityMatch {
    /// Returns the name that was looked up.
    fn name<'n, 'a>(&self, names: &'n [WantedName<'a>]) -> Option<&'n WantedName<'a>> {
        names.get(usize::try_from(self.wanted).ok()?)
    }
}

/// Returns the keys of postings by the first rules, while listings may still be stored under those; none otherwise.
pub(crate) fn former_keys(tx: &StoreTx, listings: &[NewListing]) -> Vec<Option<String>> {
    if tx.is_rekeying() { listings.iter().map(|new| former_key(&new.link)).collect() } else { Vec::new() }
}

/// Removes what is another ad, while keys may still be by the first rules, by which different ads had the same.
async fn reject_other_ads(conn: &mut SqlConn, names: &[WantedName<'_>], found: &mut Vec<IdentityMatch>) -> Result<()> {
    let ids: Vec<i64> = found.iter().filter(|found| found.by == BY_LINK).map(|found| found.id).collect();
    let mut links = HashMap::new();
    for chunk in chunks(&ids) {
        let select = where_in("SELECT id, link FROM listings WHERE id IN (", chunk, "");
        let rows: Vec<(i64, String)> = select.build_query_as().fetch_all(&mut *conn).await?;
        links.extend(rows);
    }
    let mut holders = Vec::new();
    found.retain(|found| {
        let (key, link, is_former) = match found.name(names).map(|wanted| wanted.name) {
            Some(ListingName::Link(link)) => (link, link, false),
            Some(ListingName::Former { key, link }) => (key, link, true),
            Some(ListingName::Id(_)) | None => return true,
        };
        let stored = if found.by == BY_LINK { links.get(&found.id).map_or("", String::as_str) } else { "" };
        let is_same = current_key(stored, key) == link;
        if !is_same && !is_former && found.by == BY_LINK {
            holders.push(found.id);
        }
        is_same
    });
    // The posting needs the key that these have.
    for id in holders {
        rekey_contested(conn, id).await?;
    }
    Ok(())
}

/// Selects listings by name with joins: for a list of pairs after `IN`, SQLite would scan the whole table.
fn select_by_name(query: &mut QueryBuilder, wanted: &[WantedName<'_>], first: i64) {
    query.push("WITH names (wanted, source, name, is_link) AS (");
    query.push_values((first..).zip(wanted), |mut row, (number, WantedName { source, name, .. })| {
        row.push_bind(number)
            .push_bind(*source)
            .push_bind(&*name.alias())
            .push_bind(!matches!(name, ListingName::Id(_)));
    });
    let mut before = ") ";
    for (by, id, table, column, only) in [
        (BY_LINK, "id", "listings", "link_key", " AND is_link"),
        (BY_ALIAS, "listing_id", "listing_aliases", "alias", ""),
        (BY_PRUNED_LINK, "id", "pruned_listings", "link_key", " AND is_link"),
    ] {
        query.push(format!(
            "{before}SELECT wanted, CAST({by} AS BIGINT) AS by, {id} AS id FROM names JOIN {table} AS known \
             ON known.source = names.source AND known.{column} = names.name{only}"
        ));
        before = " UNION ALL ";
    }
}

#[cfg(test)]
mod tests;
