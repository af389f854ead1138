//! Tables of fields: one row says how a field is read, when it is required, and what the API's documentation says of it.
//!
//! Reading a new resource, changing one, the refusal of an unknown field and the schema of a request body all come from the
//! same row.

use serde_json::{Map, Value};

use crate::field::{FieldErrors, InvalidField, InvalidFields, shown};
use crate::money::Currency;

/// A type that requests give as a JSON object.
pub trait RequestResource {
    /// What the fields are read into.
    type Draft: 'static;

    /// The table of its fields.
    const FIELDS: ResourceFields<Self::Draft>;
}

/// The fields of a resource, and the rules for the object that holds them.
#[derive(Clone, Copy)]
pub struct ResourceFields<D: 'static> {
    /// The resource in the singular, as messages name it: `price alert`.
    pub noun: &'static str,
    /// What a body of another JSON type should have been: `an object with type and data`.
    pub expected: &'static str,
    /// The name of the request body in the API's description.
    pub schema_name: &'static str,
    /// What the API's description says of the request body.
    pub docs: &'static str,
    /// What happens to fields that are not in the table.
    pub unknown: UnknownFields,
    /// The rows, in the order in which they are read and listed in messages.
    pub fields: &'static [ResourceField<D>],
    /// Rules that concern several fields; it runs last.
    pub check: fn(&D, &mut FieldErrors),
}

/// One field of a resource.
#[derive(Clone, Copy)]
pub struct ResourceField<D: 'static> {
    /// All that does not depend on the resource's type.
    pub spec: FieldSpec,
    read: FieldReader<D>,
}

/// Writes a value into the draft; the currency is the one that a request without any means.
///
/// Optional fields also get `null`, which takes them back to their default. Amounts come after the currency they are in.
pub type FieldReader<D> = fn(&mut D, &Value, Currency) -> Result<(), InvalidField>;

/// The description of a field.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// Its name in JSON.
    pub name: &'static str,
    /// Another name, used where the field is not given by its own.
    pub alias: Option<&'static str>,
    /// What the API's description says of it.
    pub docs: &'static str,
    /// The JSON it is written as.
    pub schema: FieldSchema,
    /// Which requests take it, and which require it.
    pub presence: FieldPresence,
}

/// The JSON type of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldSchema {
    /// A string.
    Text,
    /// A string of that many characters, both bounds included.
    BoundedText {
        /// The least number of characters.
        min_chars: usize,
        /// The greatest number of characters.
        max_chars: usize,
    },
    /// A number of units of a currency.
    Amount,
    /// A whole number from 0 to this.
    WholeNumber {
        /// The greatest value.
        max: u32,
    },
    /// `true` or `false`.
    Flag,
    /// One of these strings.
    Choice(&'static [&'static str]),
    /// An array of strings.
    TextList,
    /// An object whose content is passed on.
    Object,
    /// Any JSON.
    Anything,
    /// Only `null`: the field is reserved.
    Null,
}

/// Which requests take a field, and which require it. The message of a requirement completes "is missing; ".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldPresence {
    /// It may be left out.
    Optional,
    /// A new resource needs it.
    Required(&'static str),
    /// A resource needs it to be saved, not to be previewed or checked.
    RequiredToSave(&'static str),
    /// Only a change takes it; a new resource begins with the default.
    ChangeOnly,
}

/// What becomes of fields that are not in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownFields {
    /// They are errors, so that a misspelt field is not silently left out.
    Refused,
    /// They are allowed: publishers send what their source has.
    Ignored,
}

/// What a request does with the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// It saves or publishes a new one.
    Create,
    /// It asks about one that is not saved yet.
    Preview,
    /// It changes the fields that it gives.
    Change,
}

impl<D> ResourceFields<D> {
    /// Reads a request body into the draft, which holds the defaults, or what is changed.
    ///
    /// # Errors
    /// Everything that is wrong, at once; unknown fields are reported alone.
    pub fn read(
        &self,
        body: &Value,
        request: RequestKind,
        draft: D,
        default_currency: Currency,
    ) -> Result<D, InvalidFields> {
        match body {
            Value::Object(given) => self.read_object(given, request, draft, default_currency),
            other => {
                Err(InvalidFields::one("", format!("{} is no {}; give {}", shown(other), self.noun, self.expected)))
            }
        }
    }

    /// Reads a request body that is known to be an object.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_object(
        &self,
        given: &Map<String, Value>,
        request: RequestKind,
        mut draft: D,
        default_currency: Currency,
    ) -> Result<D, InvalidFields> {
        let mut errors = self.unknown_fields(given, request);
        if !errors.is_empty() {
            return errors.finish(None);
        }
        for field in self.fields {
            let (name, value) = field.spec.find(given);
            let outcome = match (value, field.spec.presence.requirement(request)) {
                (None, Some(hint)) if request != RequestKind::Change => Err(missing(hint)),
                (Some(Value::Null), Some(hint)) => Err(missing(hint)),
                // What only a saved resource needs may be blank until then.
                (Some(value), None) if field.spec.presence.is_needed_to_save() && is_blank(value) => Ok(()),
                (Some(value), _) => (field.read)(&mut draft, value, default_currency),
                (None, _) => Ok(()),
            };
            errors.take(name, outcome);
        }
        (self.check)(&draft, &mut errors);
        errors.finish(Some(draft))
    }

    /// The fields that such a request takes.
    pub fn specs(&self, request: RequestKind) -> impl Iterator<Item = &'static FieldSpec> + use<D> {
        self.fields.iter().map(|field| &field.spec).filter(move |spec| spec.presence.is_taken_by(request))
    }

    /// The names and aliases of all fields, of which there must be `N`.
    ///
    /// # Panics
    /// Where there are not `N`; in a constant, that is a compile error.
    pub const fn names<const N: usize>(&self) -> [&'static str; N] {
        let mut names = [""; N];
        let mut count = 0;
        let mut row = 0;
        while row < self.fields.len() {
            let spec = &self.fields[row].spec;
            names[count] = spec.name;
            count += 1;
            if let Some(alias) = spec.alias {
                names[count] = alias;
                count += 1;
            }
            row += 1;
        }
        assert!(count == N, "N is the number of names and aliases");
        names
    }

    fn unknown_fields(&self, given: &Map<String, Value>, request: RequestKind) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.unknown == UnknownFields::Refused {
            let known: Vec<_> = self.specs(request).map(|spec| spec.name).collect();
            for name in given.keys().filter(|name| !known.contains(&name.as_str())) {
                errors.add_unknown(name, self.noun, &known);
            }
        }
        errors
    }
}

impl<D> ResourceField<D> {
    /// An optional field.
    pub const fn new(name: &'static str, schema: FieldSchema, docs: &'static str, read: FieldReader<D>) -> Self {
        let spec = FieldSpec { name, alias: None, docs, schema, presence: FieldPresence::Optional };
        Self { spec, read }
    }

    /// The same field with that presence.
    #[must_use]
    pub const fn presence(mut self, presence: FieldPresence) -> Self {
        self.spec.presence = presence;
        self
    }

    /// The same field, also read from a field of another name.
    #[must_use]
    pub const fn alias(mut self, alias: &'static str) -> Self {
        self.spec.alias = Some(alias);
        self
    }
}

impl FieldSpec {
    /// The name under which the field is given, and its value.
    fn find<'a>(&self, given: &'a Map<String, Value>) -> (&'static str, Option<&'a Value>) {
        let value = given.get(self.name);
        match self.alias {
            Some(alias) if value.is_none_or(Value::is_null) => (alias, given.get(alias)),
            _ => (self.name, value),
        }
    }
}

impl FieldPresence {
    /// Whether such a request may have the field.
    pub fn is_taken_by(self, request: RequestKind) -> bool {
        self != Self::ChangeOnly || request == RequestKind::Change
    }

    /// Whether a resource cannot be saved without the field.
    fn is_needed_to_save(self) -> bool {
        self.requirement(RequestKind::Create).is_some()
    }

    /// What is missing where such a request leaves the field without a value; `None` where that is right.
    pub fn requirement(self, request: RequestKind) -> Option<&'static str> {
        match self {
            Self::Required(hint) => Some(hint),
            Self::RequiredToSave(hint) if request != RequestKind::Preview => Some(hint),
            Self::RequiredToSave(_) | Self::Optional | Self::ChangeOnly => None,
        }
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn missing(hint: &str) -> InvalidField {
    InvalidField::new(format!("is missing; {hint}"))
}

/// Puts what was read into its place.
pub(crate) fn assign<T>(place: &mut T, read: Result<T, InvalidField>) -> Result<(), InvalidField> {
    *place = read?;
    Ok(())
}
