//! Which listing a posting is about: by its link, or by what its site calls it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::{Deref, DerefMut};

use superbot_domain::{ListingId, NewListing, Price, READER_VERSION, ReaderScope, Timestamp};

use super::by_id::known_by_ids;
use super::known::Known;
use crate::error::Result;
use crate::rows::{currency, price, timestamp};
use crate::sql::{Conn, QueryBuilder, Record, SelectRecord as _, chunks, sql_text, where_in};
use crate::tx::Tx;

/// One listing, however often it is posted in a batch, and under however many names.
pub(crate) struct Slot<'a> {
    pub(crate) known: Known,
    pub(crate) first_posting: usize,
    pub(crate) origin: Origin,
    /// What is still to be written to its row.
    pub(crate) changed: bool,
    /// What of its first posting was read from text.
    read_from_text: ReaderScope,
    source: &'a str,
    /// What it is posted under.
    names: Vec<Name<'a>>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Origin {
    New,
    Stored,
    /// Pruned earlier, at this price.
    Pruned(Price),
}

/// Something that a posting says its listing is known by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Name<'a> {
    Link(&'a str),
    Id(&'a str),
}

/// A slot, and a name under which its listing may be known.
struct Wanted<'a> {
    slot: usize,
    source: &'a str,
    name: Name<'a>,
}

/// A listing that was found for the wanted of that number, and how.
#[derive(Record)]
struct Found {
    wanted: i64,
    by: i64,
    id: i64,
}

const BY_LINK: i64 = 0;
const BY_ALIAS: i64 = 1;
const BY_PRUNED_LINK: i64 = 2;

/// The postings of a batch by their listings; for each posting, the slot of its listing.
pub(crate) struct Slots<'a> {
    all: Vec<Slot<'a>>,
    pub(crate) slot_of: Vec<usize>,
    /// Names that are not noted yet, with the slots of their listings.
    new_names: Vec<(usize, String)>,
}

impl<'a> Name<'a> {
    /// As it is kept.
    fn alias(self) -> Cow<'a, str> {
        match self {
            Self::Link(link) => link.into(),
            Self::Id(id) => format!("id:{id}").into(),
        }
    }
}

impl Slot<'_> {
    /// Makes a new posting the listing that it was; a price that it leaves out is the one that was known.
    fn revive(&mut self, row: &PrunedRow) -> Result<()> {
        let listing = &mut self.known.listing;
        let kept_currency = currency(&row.currency)?;
        let mut kept = price(&row.price_kind, row.price_minor, row.price_per.as_deref(), kept_currency)?;
        if listing.price == Price::Unstated {
            (listing.price, listing.currency) = (kept, kept_currency);
        }
        if row.reader_version < READER_VERSION && self.read_from_text != ReaderScope::Nothing {
            // That the two differ may be the reader's doing.
            kept = listing.price;
        }
        listing.id = row.id.into();
        listing.created_at = timestamp(row.created_at)?;
        listing.first_seen_at = timestamp(row.first_seen_at)?;
        listing.reposted_of = row.reposted_of.map(ListingId::from);
        // It keeps the link that it was known by; the other becomes one of its names.
        self.known.link_key.clone_from(&row.link_key);
        self.known.first_point = row.first_point;
        self.origin = Origin::Pruned(kept);
        Ok(())
    }
}

impl<'a> Slots<'a> {
    /// Puts postings together that share a name.
    pub(crate) fn group(listings: &'a [NewListing], now: Timestamp) -> Self {
        let mut by_name: HashMap<(&str, Name<'a>), usize> = HashMap::with_capacity(listings.len());
        let mut slots: Vec<Slot<'a>> = Vec::new();
        let mut slot_of = Vec::with_capacity(listings.len());
        for (posting, new) in listings.iter().enumerate() {
            let ids = new.aliases.iter().map(|alias| Name::Id(alias));
            let names = || std::iter::once(Name::Link(new.link.canonical())).chain(ids.clone());
            let source = new.source.as_str();
            let place = names().find_map(|name| by_name.get(&(source, name)).copied()).unwrap_or_else(|| {
                let known = Known::first(new, now);
                let (origin, names) = (Origin::New, Vec::new());
                let read_from_text = new.read_from_text;
                slots.push(Slot {
                    known,
                    first_posting: posting,
                    origin,
                    changed: false,
                    read_from_text,
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
            slot_of.push(place);
        }
        Self { all: slots, slot_of, new_names: Vec::new() }
    }

    /// Looks for what the store knows under the names of the slots.
    pub(crate) async fn find(&mut self, tx: &mut Tx) -> Result<()> {
        let names = self.names();
        let (mut found, mut first): (Vec<Found>, i64) = (Vec::new(), 0);
        for chunk in chunks(&names) {
            let mut select = QueryBuilder::default();
            select_by_name(&mut select, chunk, first);
            found.extend(select.build_query_as::<Found>().fetch_all(&mut tx.conn).await?);
            first += i64::try_from(chunk.len()).unwrap_or(i64::MAX);
        }
        // A link that a listing has now says more than one that it had.
        found.sort_by_key(|found| (found.by, found.wanted));
        let mut listing_of: HashMap<usize, i64> = HashMap::new();
        let mut known_as = HashSet::new();
        for Found { wanted, by, id } in found {
            let Some(name) = usize::try_from(wanted).ok().and_then(|wanted| names.get(wanted)) else { continue };
            listing_of.entry(name.slot).or_insert(id);
            if by == BY_ALIAS {
                known_as.insert((name.source, name.name));
            }
        }
        self.read(tx, &listing_of).await?;
        self.merge();
        for (place, slot) in self.all.iter().enumerate() {
            let names = slot.names.iter().filter(|name| **name != Name::Link(&slot.known.link_key));
            let new = names.filter(|name| !known_as.contains(&(slot.source, **name)));
            self.new_names.extend(new.map(|name| (place, name.alias().into_owned())));
        }
        Ok(())
    }

    /// Reads the listings that were found, by their slots.
    async fn read(&mut self, tx: &mut Tx, listing_of: &HashMap<usize, i64>) -> Result<()> {
        let mut ids: Vec<i64> = listing_of.values().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let known = known_by_ids(&mut tx.conn, &ids).await?;
        let known: HashMap<i64, Known> = known.into_iter().map(|known| (known.listing.id.get(), known)).collect();
        ids.retain(|id| !known.contains_key(id));
        let mut pruned = HashMap::new();
        let select = sql_text!("SELECT ", PrunedRow::COLUMNS, " FROM pruned_listings WHERE id IN (");
        for chunk in chunks(&ids) {
            let rows: Vec<PrunedRow> = where_in(select, chunk, "").build_query_as().fetch_all(&mut tx.conn).await?;
            pruned.extend(rows.into_iter().map(|row| (row.id, row)));
        }
        for (place, id) in listing_of {
            let slot = &mut self.all[*place];
            if let Some(known) = known.get(id) {
                (slot.known, slot.origin) = (known.clone(), Origin::Stored);
            } else if let Some(row) = pruned.get(id) {
                slot.revive(row)?;
            }
        }
        Ok(())
    }

    /// All names of all slots.
    fn names(&self) -> Vec<Wanted<'a>> {
        let names = self.all.iter().enumerate().map(|(slot, Slot { source, names, .. })| {
            names.iter().map(move |name| Wanted { slot, source, name: *name })
        });
        names.flatten().collect()
    }

    /// Two slots whose names lead to the same listing become one.
    fn merge(&mut self) {
        let mut first_of: HashMap<i64, usize> = HashMap::new();
        for place in 0..self.all.len() {
            let slot = &self.all[place];
            if slot.origin == Origin::New {
                continue;
            }
            let first = *first_of.entry(slot.known.listing.id.get()).or_insert(place);
            if first != place {
                let names = std::mem::take(&mut self.all[place].names);
                // Nothing is written of it any more.
                self.all[place].origin = Origin::Stored;
                self.all[first].names.extend(names);
                self.slot_of.iter_mut().filter(|slot| **slot == place).for_each(|slot| *slot = first);
            }
        }
    }

    /// Notes the names that listings were posted under for the first time, once all listings have their numbers.
    pub(crate) async fn note_names(&self, conn: &mut Conn) -> Result<()> {
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

impl<'a> Deref for Slots<'a> {
    type Target = [Slot<'a>];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl DerefMut for Slots<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.all
    }
}

#[derive(Record)]
struct PrunedRow {
    id: i64,
    link_key: String,
    price_kind: String,
    price_minor: Option<i64>,
    price_per: Option<String>,
    currency: String,
    reader_version: i64,
    created_at: i64,
    first_seen_at: i64,
    first_point: i64,
    reposted_of: Option<i64>,
}

/// Looks names up by joins: SQLite would read the whole table for a list of pairs after `IN`.
fn select_by_name(query: &mut QueryBuilder, wanted: &[Wanted<'_>], first: i64) {
    query.push("WITH names (wanted, source, name, is_link) AS (");
    query.push_values((first..).zip(wanted), |mut row, (number, Wanted { source, name, .. })| {
        row.push_bind(number).push_bind(*source).push_bind(&*name.alias()).push_bind(matches!(name, Name::Link(_)));
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
