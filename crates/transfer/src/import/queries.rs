//! Price alerts and saved searches.

use serde_json::{Map, Value, json};
use superbot_domain::{InvalidFields, NewPriceAlert, NewSavedSearch, QueryParts, SourceName, StandingQuery as _};
use superbot_store::{ImportedQueries, ImportedQuery, QueryImport, StoreError};

use super::error::Result;
use super::file::OldRow;
use super::keywords::ImportedKeywords;
use super::report::{ImportNote, ImportOutcome};
use super::users::OwnerTable;
use super::{ImportRun, RefusedRow};

const ALERTS: &str = "price_alerts";
const ALERT_COLUMNS: &[&str] =
    &["id", "username", "user_id", "keywords", "threshold_price", "alert_type", "active", "created_at"];
/// Cooldown of alerts in the old program: an hour.
const COOLDOWN_MINUTES: u32 = 60;

const SEARCHES: &str = "saved_searches";
const SEARCH_COLUMNS: &[&str] = &[
    "id",
    "username",
    "user_id",
    "name",
    "keywords",
    "min_price",
    "max_price",
    "sources",
    "location",
    "radius",
    "notify_new",
    "created_at",
];

/// A row being parsed: its fields as in a request, and notes for the report.
struct QueryDraft<'a> {
    table: &'static str,
    row: &'a OldRow,
    fields: Map<String, Value>,
    notes: Vec<ImportNote>,
    refused: bool,
}

impl ImportRun<'_> {
    pub(super) async fn price_alerts(&mut self, owners: &OwnerTable) -> Result<()> {
        self.queries(ALERTS, ALERT_COLUMNS, owners, Self::read_alert).await
    }

    pub(super) async fn saved_searches(&mut self, owners: &OwnerTable) -> Result<()> {
        self.queries(SEARCHES, SEARCH_COLUMNS, owners, Self::read_search).await
    }

    async fn queries(
        &mut self,
        table: &'static str,
        columns: &'static [&'static str],
        owners: &OwnerTable,
        read: fn(&Self, &mut QueryDraft<'_>) -> Result<QueryParts, InvalidFields>,
    ) -> Result<()> {
        if !self.file.has(table) {
            return Ok(());
        }
        let mut rows = self.open(table, columns, None).await?;
        let mut seen = ImportedQueries::default();
        loop {
            let batch = rows.next_batch().await?;
            if batch.is_empty() {
                return Ok(());
            }
            self.progress(batch.len());
            let mut queries = Vec::new();
            let mut said = Vec::new();
            for row in &batch {
                match self.read_query(table, row, owners, read) {
                    Ok((query, notes)) => {
                        queries.push(query);
                        said.push((row, notes));
                    }
                    Err(wrong) => self.report.refuse(table, wrong),
                }
            }
            let outcomes;
            // Passed by value and returned, since the write closure must be 'static.
            (outcomes, seen) = self.store.imports().queries(queries, seen).await?;
            for ((row, notes), outcome) in said.into_iter().zip(outcomes) {
                match outcome {
                    QueryImport::Added => {
                        self.report.count(table, true);
                        self.report.note(notes);
                    }
                    QueryImport::AlreadyThere => self.report.count(table, false),
                    QueryImport::Refused(why) => {
                        let note = ImportNote::new(ImportOutcome::Refused, table, row, OwnerTable::column(row), why);
                        self.report.refuse(table, vec![note]);
                    }
                }
            }
        }
    }

    fn read_query(
        &self,
        table: &'static str,
        row: &OldRow,
        owners: &OwnerTable,
        read: fn(&Self, &mut QueryDraft<'_>) -> Result<QueryParts, InvalidFields>,
    ) -> RefusedRow<(ImportedQuery, Vec<ImportNote>)> {
        let mut draft = QueryDraft { table, row, fields: Map::new(), notes: Vec::new(), refused: false };
        let user = owners.of(row).map_err(|(field, why)| draft.refuse(field, why)).ok();
        draft.keywords();
        // The same validation as for saving: some old keywords match nearly everything here.
        let wants = read(self, &mut draft).and_then(|wants| match self.store.imports().check_query(&wants) {
            Err(StoreError::Invalid(invalid)) => Err(invalid),
            _ => Ok(wants),
        });
        let active = row.cell("active").flag().unwrap_or_else(|why| {
            draft.change("active", format!("{why}; it is paused"));
            Some(false)
        });
        let created_at = row.cell("created_at").time().unwrap_or_else(|why| {
            draft.change("created_at", why);
            None
        });
        let wants = wants.map_err(|invalid| draft.refuse_all(invalid)).ok();
        match (user, wants) {
            (Some(user), Some(wants)) if !draft.refused => {
                let wants = QueryParts { active: active.unwrap_or(true), ..wants };
                Ok((ImportedQuery { user, wants, created_at }, draft.notes))
            }
            _ => Err(draft.notes),
        }
    }

    fn read_alert(&self, draft: &mut QueryDraft<'_>) -> Result<QueryParts, InvalidFields> {
        let threshold = draft.row.cell("threshold_price").limit(self.options.currency);
        match threshold {
            Ok(threshold) => drop(draft.fields.insert("threshold_price".into(), threshold.unwrap_or(Value::Null))),
            Err(why) => draft.refuse("threshold_price", why),
        }
        match draft.row.cell("alert_type").text() {
            Ok(Some(kind)) => drop(draft.fields.insert("alert_type".into(), kind.to_ascii_lowercase().into())),
            Ok(None) => {}
            Err(why) => draft.refuse("alert_type", why),
        }
        draft.fields.insert("cooldown_minutes".into(), COOLDOWN_MINUTES.into());
        let alert = NewPriceAlert::from_json(&Value::Object(draft.fields.clone()), self.options.currency)?;
        Ok(alert.to_parts())
    }

    fn read_search(&self, draft: &mut QueryDraft<'_>) -> Result<QueryParts, InvalidFields> {
        for limit in ["min_price", "max_price"] {
            match draft.row.cell(limit).limit(self.options.currency) {
                Ok(amount) => drop(draft.fields.insert(limit.into(), amount.unwrap_or(Value::Null))),
                Err(why) => draft.refuse(limit, why),
            }
        }
        draft.name();
        draft.sources();
        draft.place();
        let tells = draft.row.cell("notify_new").flag().unwrap_or_else(|why| {
            draft.change("notify_new", format!("{why}; it notifies of matches"));
            None
        });
        draft.fields.insert("notify_new".into(), tells.unwrap_or(true).into());
        // In the old program, free listings were within all limits.
        draft.fields.insert("include_free".into(), true.into());
        let search = NewSavedSearch::from_json(&Value::Object(draft.fields.clone()), self.options.currency)?;
        Ok(search.to_parts())
    }
}

impl QueryDraft<'_> {
    fn keywords(&mut self) {
        let old = match self.row.cell("keywords").text() {
            Ok(old) => old.unwrap_or_default(),
            Err(why) => return self.refuse("keywords", why),
        };
        let ImportedKeywords { text, left_out } = ImportedKeywords::of(&old);
        let is_empty = text.is_empty() && !left_out.is_empty();
        for (part, why) in left_out {
            let why = format!("{part:?} {why}");
            // Without any usable keyword the query would match everything, so it is rejected.
            if is_empty { self.refuse("keywords", why) } else { self.change("keywords", format!("without {why}")) }
        }
        self.fields.insert("keywords".into(), text.into());
    }

    fn name(&mut self) {
        let name = self.row.cell("name").text().unwrap_or_else(|why| {
            self.change("name", why);
            None
        });
        let name = name.unwrap_or_else(|| format!("Search {}", self.row.id()));
        self.fields.insert("name".into(), name.into());
    }

    /// Parses source names, separated by commas or as a JSON array.
    fn sources(&mut self) {
        let text = match self.row.cell("sources").text() {
            Ok(text) => text.unwrap_or_default(),
            Err(why) => return self.refuse("sources", why),
        };
        let names: Vec<String> = serde_json::from_str(&text).unwrap_or_else(|_| {
            text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
        });
        match names.iter().map(|name| SourceName::parse(name)).find_map(Result::err) {
            Some(error) => self.refuse("sources", error.to_string()),
            None => drop(self.fields.insert("sources".into(), json!(names))),
        }
    }

    /// Parses location and radius. The old program ignored both. The words of a location can be matched here; a radius
    /// cannot, and with one, the location alone would exclude listings around it, so both are dropped.
    fn place(&mut self) {
        let location = self.row.cell("location").text();
        let radius = self.row.cell("radius").text();
        match (location, radius) {
            (Ok(None), _) => {}
            (Err(why), _) => self.change("location", why),
            (Ok(Some(location)), Ok(None)) => drop(self.fields.insert("location".into(), location.into())),
            (Ok(Some(_)), _) => {
                let why = "is the center of a radius, and listings only have a location in words; without it, the \
                           search matches everywhere, as before";
                self.change("location", why.to_owned());
            }
        }
    }

    fn refuse(&mut self, field: &'static str, why: String) {
        self.refused = true;
        self.notes.push(ImportNote::new(ImportOutcome::Refused, self.table, self.row, field, why));
    }

    fn change(&mut self, field: &'static str, why: String) {
        self.notes.push(ImportNote::new(ImportOutcome::Changed, self.table, self.row, field, why));
    }

    /// Reports invalid fields, except those already reported.
    fn refuse_all(&mut self, invalid: InvalidFields) {
        for error in invalid.errors {
            let columns = if self.table == ALERTS { ALERT_COLUMNS } else { SEARCH_COLUMNS };
            let field = columns.iter().copied().find(|column| *column == error.field).unwrap_or("id");
            if !self.notes.iter().any(|note| note.field == field && note.outcome == ImportOutcome::Refused) {
                self.refuse(field, error.message);
            }
        }
        self.refused = true;
    }
}
