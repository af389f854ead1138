//! Tables of fields: each row defines how a field is parsed, whether it is required, and its description in the API.
//!
//! Creating and changing a resource, rejecting unknown fields, and the schema of the request body are all derived from
//! the same row.

use serde_json::{Map, Value};

use crate::field::{FieldError, FieldErrors, InvalidField, InvalidFields, shown};
use crate::money::Currency;

/// A type that requests provide as a JSON object.
pub trait RequestResource {
    /// The type that fields are parsed into.
    type Draft: 'static;

    /// The table of fields.
    const FIELDS: ResourceFields<Self::Draft>;
}

/// Fields of a resource, and rules for the whole object.
#[derive(Clone, Copy)]
pub struct ResourceFields<D: 'static> {
    /// Name of the resource in error messages, in the singular, such as `price alert`.
    pub noun: &'static str,
    /// What was expected instead of another JSON type, such as `an object with type and data`.
    pub expected: &'static str,
    /// Name of the request body's schema in the OpenAPI document.
    pub schema_name: &'static str,
    /// Description of the request body in the OpenAPI document.
    pub docs: &'static str,
    /// How fields that are not in the table are handled.
    pub unknown: UnknownFields,
    /// The fields, in the order in which they are parsed and listed in messages.
    pub fields: &'static [ResourceField<D>],
    /// Validates rules that span several fields, after all fields were parsed.
    pub check: fn(&D, &mut FieldErrors),
}

/// A field of a resource.
#[derive(Clone, Copy)]
pub struct ResourceField<D: 'static> {
    /// The part that does not depend on the resource's type.
    pub spec: FieldSpec,
    read: FieldReader<D>,
}

/// Parses a value into the draft; the currency is the default for requests that state none.
///
/// For optional fields it is also called with `null`, which restores the default. Amounts must come after the currency
/// in the table. Where invalid optional fields are warnings, an error may have changed the draft: it then says how.
pub type FieldReader<D> = fn(&mut D, &Value, Currency) -> Result<(), InvalidField>;

/// Specification of a field.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// Name in JSON.
    pub name: &'static str,
    /// Alternative name, used if the field is not present under its own.
    pub alias: Option<&'static str>,
    /// Description in the OpenAPI document.
    pub docs: &'static str,
    /// JSON type.
    pub schema: FieldSchema,
    /// Which requests accept the field, and which require it.
    pub presence: FieldPresence,
}

/// JSON type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldSchema {
    /// A string.
    Text,
    /// A string whose length is bounded, inclusively.
    BoundedText {
        /// Minimum length in characters.
        min_chars: usize,
        /// Maximum length in characters.
        max_chars: usize,
    },
    /// A number, in units of a currency.
    Amount,
    /// An integer from 0 to a maximum.
    WholeNumber {
        /// Maximum value.
        max: u32,
    },
    /// A boolean.
    Flag,
    /// One of the given strings.
    Choice(&'static [&'static str]),
    /// An array of strings.
    TextList,
    /// An object that is passed through.
    Object,
    /// Any JSON value.
    Anything,
    /// Only `null`; the field is reserved.
    Null,
}

/// Which requests accept a field, and which require it. The text of a requirement completes "is missing; ".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldPresence {
    /// Optional.
    Optional,
    /// Required for a new resource.
    Required(&'static str),
    /// Required for saving a resource, but not for previewing or validating it.
    RequiredToSave(&'static str),
    /// Accepted only by changes; a new resource has the default.
    ChangeOnly,
}

/// How unknown fields are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownFields {
    /// Rejected, so that misspelt fields are noticed.
    Refused,
    /// Ignored, since publishers send whatever their source provides.
    Ignored,
}

/// What a request does with the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// Saves or publishes a new one.
    Create,
    /// Previews or validates one without saving it.
    Preview,
    /// Changes the given fields of an existing one.
    Change,
}

impl<D> ResourceFields<D> {
    /// Parses a request body into the draft, which holds the defaults or the resource to be changed.
    ///
    /// # Errors
    /// All errors at once, except that unknown fields are reported alone.
    pub fn read(
        &self,
        body: &Value,
        request: RequestKind,
        draft: D,
        default_currency: Currency,
    ) -> Result<D, InvalidFields> {
        self.read_object(self.object(body)?, request, draft, default_currency)
    }

    /// Parses a request body in which invalid optional fields are warnings.
    ///
    /// # Errors
    /// All errors of required fields at once.
    pub fn read_with_warnings(
        &self,
        body: &Value,
        request: RequestKind,
        draft: D,
        default_currency: Currency,
    ) -> Result<(D, Vec<FieldError>), InvalidFields> {
        let mut warnings = FieldErrors::default();
        let given = self.object(body)?;
        let draft = self.read_fields(given, request, draft, default_currency, Some(&mut warnings))?;
        Ok((draft, warnings.into_warnings()))
    }

    /// Parses a request body that is known to be an object.
    ///
    /// # Errors
    /// See [`Self::read`].
    pub fn read_object(
        &self,
        given: &Map<String, Value>,
        request: RequestKind,
        draft: D,
        default_currency: Currency,
    ) -> Result<D, InvalidFields> {
        self.read_fields(given, request, draft, default_currency, None)
    }

    fn read_fields(
        &self,
        given: &Map<String, Value>,
        request: RequestKind,
        mut draft: D,
        default_currency: Currency,
        mut warnings: Option<&mut FieldErrors>,
    ) -> Result<D, InvalidFields> {
        // Alone: a misspelt field would be reported a second time as a missing one.
        let mut errors = self.unknown_fields(given, request);
        if !errors.is_empty() {
            return errors.finish(None);
        }
        for field in self.fields {
            let (name, value) = field.spec.find(given);
            let outcome = match (value, field.spec.presence.requirement(request)) {
                (None, Some(hint)) if request != RequestKind::Change => Err(missing(hint)),
                // `null` restores a default, which a required field does not have.
                (Some(Value::Null), Some(hint)) => Err(missing(hint)),
                // A preview may leave required fields blank, as they are while a user is still typing.
                (Some(value), None) if field.spec.presence.is_needed_to_save() && is_blank(value) => Ok(()),
                (Some(value), _) => (field.read)(&mut draft, value, default_currency),
                (None, _) => Ok(()),
            };
            match (outcome, &mut warnings) {
                (Err(fault), Some(warnings)) if field.spec.presence == FieldPresence::Optional => {
                    warnings.add(name, || fault.into_warning());
                }
                (outcome, _) => _ = errors.take(name, outcome),
            }
        }
        // Also after errors; an invalid field still has its previous or default value in the draft.
        (self.check)(&draft, &mut errors);
        errors.finish(Some(draft))
    }

    /// Returns the fields that this kind of request accepts.
    pub fn specs(&self, request: RequestKind) -> impl Iterator<Item = &'static FieldSpec> + use<D> {
        self.fields.iter().map(|field| &field.spec).filter(move |spec| spec.presence.is_taken_by(request))
    }

    /// Returns the names and aliases of all fields, of which there must be `N`.
    ///
    /// # Panics
    /// If their number is not `N`; in a constant, this is a compile error.
    pub const fn names<const N: usize>(&self) -> [&'static str; N] {
        let mut names = [""; N];
        let mut count = 0;
        // Iterators cannot be used in a constant function.
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

    fn object<'b>(&self, body: &'b Value) -> Result<&'b Map<String, Value>, InvalidFields> {
        body.as_object().ok_or_else(|| {
            InvalidFields::one("", format!("{} is not a {}; give {}", shown(body), self.noun, self.expected))
        })
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
    /// Creates an optional field.
    pub const fn new(name: &'static str, schema: FieldSchema, docs: &'static str, read: FieldReader<D>) -> Self {
        let spec = FieldSpec { name, alias: None, docs, schema, presence: FieldPresence::Optional };
        Self { spec, read }
    }

    /// Sets which requests accept and require the field.
    #[must_use]
    pub const fn presence(mut self, presence: FieldPresence) -> Self {
        self.spec.presence = presence;
        self
    }

    /// Adds an alternative name.
    #[must_use]
    pub const fn alias(mut self, alias: &'static str) -> Self {
        self.spec.alias = Some(alias);
        self
    }
}

impl FieldSpec {
    /// Returns the name under which the field is present, and its value.
    fn find<'a>(&self, given: &'a Map<String, Value>) -> (&'static str, Option<&'a Value>) {
        let value = given.get(self.name);
        match self.alias {
            // `null` counts as absent, so that a request may contain both names.
            Some(alias) if value.is_none_or(Value::is_null) => (alias, given.get(alias)),
            _ => (self.name, value),
        }
    }
}

impl FieldPresence {
    /// Returns whether this kind of request accepts the field.
    pub fn is_taken_by(self, request: RequestKind) -> bool {
        self != Self::ChangeOnly || request == RequestKind::Change
    }

    /// Returns whether the field is required for saving.
    fn is_needed_to_save(self) -> bool {
        self.requirement(RequestKind::Create).is_some()
    }

    /// Returns the message for a missing value if this kind of request requires the field.
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

/// Stores a parsed value.
pub(crate) fn assign<T>(place: &mut T, read: Result<T, InvalidField>) -> Result<(), InvalidField> {
    *place = read?;
    Ok(())
}
