//! Which listing a posting is about: by its link, or by what its site calls it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::{Deref, DerefMut};

use superbot_domain::{ListingId, NewListing, Price, Timestamp};

use super::known::{COLUMNS, Known, ListingRow};
use super::query::known_by_ids;
use crate::Result;
use crate::rows::{currency, price, timestamp};
use crate::sql::{QueryBuilder, Script, chunks, where_in};
use crate::writer::Tx;

/// One listing, however often it is posted in a batch, and under however many names.
pub(super) struct Slot<'a> {
    pub(super) known: Known,
    pub(super) first_posting: usize,
    pub(super) origin: Origin,
    /// What is still to be written to its row.
    pub(super) changed: bool,
    source: &'a str,
    /// What it is posted under.
    names: Vec<Name<'a>>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Origin {
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
type Wanted<'a> = (i64, &'a str, Cow<'a, str>);

/// The postings of a batch by their listings; for each posting, the slot of its listing.
pub(super) struct Slots<'a> {
    all: Vec<Slot<'a>>,
    pub(super) slot_of: Vec<usize>,
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

impl<'a> Slots<'a> {
    /// Brings the postings together, and with what the store knows of their listings.
    pub(super) async fn load(tx: &mut Tx, listings: &'a [NewListing]) -> Result<Self> {
        let mut this = Self::group(listings, tx.now);
        this.find_links(tx).await?;
        let known_as = this.find_aliases(tx).await?;
        this.find_pruned(tx).await?;
        this.merge();
        for (place, slot) in this.all.iter().enumerate() {
            let names = slot.names.iter().filter(|name| **name != Name::Link(&slot.known.link_key));
            let names = names.map(|name| (slot.source.to_owned(), name.alias().into_owned()));
            let new = names.filter(|name| !known_as.contains(name));
            this.new_names.extend(new.map(|(_, alias)| (place, alias)));
        }
        Ok(this)
    }

    /// Puts postings together that share a name.
    fn group(listings: &'a [NewListing], now: Timestamp) -> Self {
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
                slots.push(Slot { known, first_posting: posting, origin, changed: false, source, names });
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

    async fn find_links(&mut self, tx: &mut Tx) -> Result<()> {
        #[derive(sqlx::FromRow)]
        struct Found {
            slot: i64,
            #[sqlx(flatten)]
            listing: ListingRow,
        }
        let links = self.wanted(|_, name| matches!(name, Name::Link(_)));
        for chunk in chunks(&links) {
            let query = select_by_name(COLUMNS, "listings", "link_key", chunk);
            let rows: Vec<Found> = query.build_query_as().fetch_all(&mut tx.conn).await?;
            for row in rows {
                self.found(row.slot, row.listing.read()?);
            }
        }
        Ok(())
    }

    /// Finds those that have another name here than the one they are posted under, and gives the names that were found.
    async fn find_aliases(&mut self, tx: &mut Tx) -> Result<HashSet<(String, String)>> {
        let aliases = self.wanted(|slot, name| slot.origin == Origin::New || matches!(name, Name::Id(_)));
        let (mut known_as, mut listing_of) = (HashSet::new(), HashMap::new());
        for chunk in chunks(&aliases) {
            let query = select_by_name("source, alias, listing_id", "listing_aliases", "alias", chunk);
            let rows: Vec<(i64, String, String, i64)> = query.build_query_as().fetch_all(&mut tx.conn).await?;
            for (slot, source, alias, listing) in rows {
                listing_of.entry(listing).or_insert(slot);
                known_as.insert((source, alias));
            }
        }
        let is_new = |slot: &i64| usize::try_from(*slot).is_ok_and(|slot| self.all[slot].origin == Origin::New);
        let mut ids: Vec<i64> = listing_of.iter().filter(|(_, slot)| is_new(slot)).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        for known in known_by_ids(&mut tx.conn, &ids).await? {
            self.found(listing_of[&known.listing.id.get()], known);
        }
        let select = format!("SELECT {PRUNED} FROM pruned_listings WHERE id IN (");
        for chunk in chunks(&ids) {
            let rows: Vec<PrunedRow> = where_in(&select, chunk, "").build_query_as().fetch_all(&mut tx.conn).await?;
            for row in rows {
                self.revive(listing_of[&row.id], row)?;
            }
        }
        Ok(known_as)
    }

    async fn find_pruned(&mut self, tx: &mut Tx) -> Result<()> {
        let links = self.wanted(|slot, name| slot.origin == Origin::New && matches!(name, Name::Link(_)));
        for chunk in chunks(&links) {
            let query = select_by_name(PRUNED, "pruned_listings", "link_key", chunk);
            for row in query.build_query_as::<PrunedRow>().fetch_all(&mut tx.conn).await? {
                self.revive(row.slot, row)?;
            }
        }
        Ok(())
    }

    /// The slots' names of some kind, as (slot, source, name).
    fn wanted(&self, is_wanted: impl Fn(&Slot<'_>, &Name<'_>) -> bool) -> Vec<Wanted<'a>> {
        let mut wanted = Vec::with_capacity(self.all.len());
        for (place, slot) in (0..).zip(&self.all) {
            let names = slot.names.iter().filter(|name| is_wanted(slot, name));
            wanted.extend(names.map(|name| (place, slot.source, name.alias())));
        }
        wanted
    }

    fn found(&mut self, slot: i64, known: Known) {
        if let Some(slot) = usize::try_from(slot).ok().and_then(|slot| self.all.get_mut(slot))
            && slot.origin == Origin::New
        {
            (slot.known, slot.origin) = (known, Origin::Stored);
        }
    }

    /// Makes a new posting the listing that it was; a price that it leaves out is the one that was known.
    fn revive(&mut self, slot: i64, row: PrunedRow) -> Result<()> {
        let slot = usize::try_from(slot).ok().and_then(|slot| self.all.get_mut(slot));
        let Some(slot) = slot.filter(|slot| slot.origin == Origin::New) else { return Ok(()) };
        let listing = &mut slot.known.listing;
        let kept_currency = currency(&row.currency)?;
        let kept = price(&row.price_kind, row.price_minor, kept_currency)?;
        if listing.price == Price::Unstated {
            (listing.price, listing.currency) = (kept, kept_currency);
        }
        listing.id = row.id.into();
        listing.created_at = timestamp(row.created_at)?;
        listing.first_seen_at = timestamp(row.first_seen_at)?;
        listing.reposted_of = row.reposted_of.map(ListingId::from);
        // It keeps the link that it was known by; the other becomes one of its names.
        slot.known.link_key = row.link_key;
        slot.known.first_point = row.first_point;
        slot.origin = Origin::Pruned(kept);
        Ok(())
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
    pub(super) fn note_names(&self, script: &mut Script) {
        for chunk in chunks(&self.new_names) {
            let insert = script.begin(chunk.len()).push("INSERT INTO listing_aliases (source, alias, listing_id) ");
            insert.push_values(chunk, |mut row, (slot, alias)| {
                let listing = &self.all[*slot].known.listing;
                row.push_bind(listing.source.as_str()).push_bind(alias).push_bind(listing.id.get());
            });
            insert.push(" ON CONFLICT (source, alias) DO NOTHING");
        }
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

const PRUNED: &str =
    "id, link_key, price_kind, price_minor, currency, created_at, first_seen_at, first_point, reposted_of";

#[derive(sqlx::FromRow)]
struct PrunedRow {
    #[sqlx(default)]
    slot: i64,
    id: i64,
    link_key: String,
    price_kind: String,
    price_minor: Option<i64>,
    currency: String,
    created_at: i64,
    first_seen_at: i64,
    first_point: i64,
    reposted_of: Option<i64>,
}

/// Looks names up by a join: SQLite would read the whole table for a list of pairs after `IN`.
fn select_by_name<'a>(columns: &str, table: &str, name: &str, wanted: &'a [Wanted<'a>]) -> QueryBuilder {
    let mut query = QueryBuilder::new(format!("WITH wanted (slot, source, {name}) AS ("));
    query.push_values(wanted, |mut row, (slot, source, name)| {
        row.push_bind(*slot).push_bind(*source).push_bind(&**name);
    });
    query.push(format!(") SELECT slot, {columns} FROM wanted JOIN {table} USING (source, {name})"));
    query
}

#[cfg(test)]
mod tests;
