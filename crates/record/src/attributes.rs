//! Parsing and validation of the struct and its `#[record(..)]` attributes.

use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Data, DeriveInput, Error, Field, Fields, Ident, LitStr, Result, Type};

/// A struct that represents a row.
pub(crate) struct RecordStruct {
    pub(crate) name: Ident,
    /// Table for inserts and updates.
    pub(crate) table: Option<String>,
    /// Alias of the table in `SELECT` statements.
    pub(crate) alias: Option<String>,
    pub(crate) fields: Vec<RecordField>,
}

/// A field: a column or a nested record.
pub(crate) struct RecordField {
    pub(crate) name: Ident,
    pub(crate) kind: Type,
    pub(crate) source: FieldSource,
    pub(crate) is_key: bool,
    pub(crate) is_inserted: bool,
    pub(crate) is_updated: bool,
}

/// Where a field's value comes from.
pub(crate) enum FieldSource {
    /// The column with the field's name.
    Column,
    /// An SQL expression, selected under the field's name.
    Expression(String),
    /// The columns of another record, from the table with this alias.
    Nested(Option<String>),
    /// Not selected: the field is write-only and reads as its default.
    Unselected,
}

/// Attributes without a value.
#[derive(Clone, Copy, PartialEq)]
enum FieldFlag {
    Key,
    Update,
    NoInsert,
    NoSelect,
    Nested,
}

impl FieldFlag {
    const NAMES: [(&'static str, Self); 5] = [
        ("key", Self::Key),
        ("update", Self::Update),
        ("no_insert", Self::NoInsert),
        ("no_select", Self::NoSelect),
        ("nested", Self::Nested),
    ];
}

/// Attributes of a field, as written.
#[derive(Default)]
struct FieldAttributes {
    flags: Vec<FieldFlag>,
    select: Option<String>,
    alias: Option<String>,
}

impl RecordStruct {
    pub(crate) fn parse(input: &DeriveInput) -> Result<Self> {
        let Data::Struct(data) = &input.data else {
            return Err(Error::new_spanned(&input.ident, "a record must be a struct"));
        };
        let Fields::Named(fields) = &data.fields else {
            return Err(Error::new_spanned(&input.ident, "a record must have named fields, which name its columns"));
        };
        // The column lists are constants, which cannot depend on generic parameters.
        if !input.generics.params.is_empty() {
            return Err(Error::new_spanned(&input.generics, "a record cannot be generic"));
        }
        let mut table = None;
        let mut alias = None;
        parse_attributes(&input.attrs, |meta| {
            let value = match attribute_name(&meta).as_str() {
                "table" => &mut table,
                "alias" => &mut alias,
                _ => return Err(meta.error("unknown attribute of a record; known are: table, alias")),
            };
            set_once(value, &meta)
        })?;
        let fields = fields.named.iter().map(RecordField::parse).collect::<Result<Vec<_>>>()?;
        let record = Self { name: input.ident.clone(), table, alias, fields };
        record.check()?;
        Ok(record)
    }

    /// Returns the column that identifies the row in an update.
    pub(crate) fn key(&self) -> Option<&RecordField> {
        self.fields.iter().find(|field| field.is_key)
    }

    /// Returns whether any field is updated.
    pub(crate) fn has_update(&self) -> bool {
        self.fields.iter().any(|field| field.is_updated)
    }

    fn check(&self) -> Result<()> {
        let error = |field: &RecordField, message: &str| Err(Error::new(field.name.span(), message));
        for field in &self.fields {
            // These attributes only affect statements that write, which need the name of the table.
            let is_left_out = matches!(field.source, FieldSource::Column) && !field.is_inserted;
            let is_written = field.is_updated || field.is_key || matches!(field.source, FieldSource::Unselected);
            if (is_written || is_left_out) && self.table.is_none() {
                return error(field, "`key`, `update`, `no_insert` and `no_select` need the struct's `table`");
            }
        }
        if self.table.is_some() && !self.fields.iter().any(|field| field.is_inserted) {
            return Err(Error::new(self.name.span(), "a record with a `table` needs a field that is inserted"));
        }
        if self.has_update() && self.key().is_none() {
            return Err(Error::new(self.name.span(), "a record with `update` fields needs a `key` field"));
        }
        // An update has a single condition, so composite keys are not supported.
        match self.fields.iter().filter(|field| field.is_key).nth(1) {
            Some(second) => error(second, "a record has one `key`"),
            None => Ok(()),
        }
    }
}

impl RecordField {
    fn parse(field: &Field) -> Result<Self> {
        let name = field.ident.clone().ok_or_else(|| Error::new_spanned(field, "a field needs a name"))?;
        let mut attributes = FieldAttributes::default();
        parse_attributes(&field.attrs, |meta| attributes.parse_one(&meta))?;
        attributes.check(name.span())?;
        let has = |flag| attributes.flags.contains(&flag);
        let source = match (attributes.select, has(FieldFlag::Nested), has(FieldFlag::NoSelect)) {
            (Some(expression), _, _) => FieldSource::Expression(expression),
            (None, true, _) => FieldSource::Nested(attributes.alias),
            (None, false, true) => FieldSource::Unselected,
            (None, false, false) => FieldSource::Column,
        };
        // Expressions and nested records belong to no column of the table, so they are never written.
        let is_column = matches!(source, FieldSource::Column | FieldSource::Unselected);
        let is_inserted = is_column && !has(FieldFlag::NoInsert);
        let is_key = has(FieldFlag::Key);
        let is_updated = has(FieldFlag::Update);
        Ok(Self { name, kind: field.ty.clone(), source, is_key, is_inserted, is_updated })
    }
}

impl FieldAttributes {
    fn parse_one(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        if let Some((_, flag)) = FieldFlag::NAMES.into_iter().find(|(name, _)| meta.path.is_ident(name)) {
            if self.flags.contains(&flag) {
                return Err(given_twice(meta));
            }
            self.flags.push(flag);
            return Ok(());
        }
        let text = match attribute_name(meta).as_str() {
            "select" => &mut self.select,
            "alias" => &mut self.alias,
            _ => {
                let flags = FieldFlag::NAMES.map(|(name, _)| name).join(", ");
                return Err(meta.error(format!("unknown attribute of a field; known are: {flags}, select, alias")));
            }
        };
        set_once(text, meta)
    }

    fn check(&self, span: Span) -> Result<()> {
        let has = |flag| self.flags.contains(&flag);
        let is_nested = has(FieldFlag::Nested);
        // Combinations that would otherwise be ignored silently.
        let wrong = [
            (is_nested && self.flags.len() > 1, "a nested record is only read"),
            (self.select.is_some() && !self.flags.is_empty(), "an expression is only read"),
            (self.alias.is_some() && !is_nested, "only a nested record has an alias of its own"),
            (has(FieldFlag::Key) && has(FieldFlag::Update), "a key is never updated"),
            (
                has(FieldFlag::NoSelect) && has(FieldFlag::NoInsert) && !has(FieldFlag::Update),
                "a field that is neither selected nor inserted nor updated",
            ),
        ];
        match wrong.into_iter().find(|(is_wrong, _)| *is_wrong) {
            Some((_, message)) => Err(Error::new(span, message)),
            None => Ok(()),
        }
    }
}

fn parse_attributes(attributes: &[Attribute], mut parse: impl FnMut(ParseNestedMeta<'_>) -> Result<()>) -> Result<()> {
    let ours = attributes.iter().filter(|attribute| attribute.path().is_ident("record"));
    ours.into_iter().try_for_each(|attribute| attribute.parse_nested_meta(&mut parse))
}

/// Stores the value of an attribute that may be given once.
fn set_once(value: &mut Option<String>, meta: &ParseNestedMeta<'_>) -> Result<()> {
    match value.replace(parse_text(meta)?) {
        None => Ok(()),
        Some(_) => Err(given_twice(meta)),
    }
}

fn given_twice(meta: &ParseNestedMeta<'_>) -> Error {
    meta.error(format!("`{}` is given twice", attribute_name(meta)))
}

fn parse_text(meta: &ParseNestedMeta<'_>) -> Result<String> {
    Ok(meta.value()?.parse::<LitStr>()?.value())
}

fn attribute_name(meta: &ParseNestedMeta<'_>) -> String {
    meta.path.get_ident().map(ToString::to_string).unwrap_or_default()
}
