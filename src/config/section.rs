//! Typed access to the settings of one section.

use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Value;

use super::layers::{Layers, Setting};
use super::origin::Origin;
use super::problem::Problem;
use super::show;

/// A setting that is written as text and validated on reading.
pub(super) trait Parse: Sized {
    /// Description of valid values, as the end of the sentence "... but must be".
    const EXPECTED: &'static str;

    fn parse(text: &str) -> Option<Self>;
}
pub(super) struct Section<'a> {
    name: &'static str,
    layers: &'a Layers,
}

impl<'a> Section<'a> {
    pub(super) fn new(name: &'static str, layers: &'a Layers) -> Self {
        Self { name, layers }
    }

    pub(super) fn switch(&self, key: &str) -> Result<bool, Problem> {
        self.read(key, "true or false", Value::as_bool)
    }

    pub(super) fn integer<N: TryFrom<i64>>(&self, key: &str, range: &RangeInclusive<i64>) -> Result<N, Problem> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.read(key, &expected, |value| {
            let number = value.as_integer().filter(|number| range.contains(number))?;
            N::try_from(number).ok()
        })
    }

    /// Reads a whole number of `unit`, which the key's name states.
    pub(super) fn duration(&self, key: &str, unit: Duration, range: &RangeInclusive<u32>) -> Result<Duration, Problem> {
        let range = i64::from(*range.start())..=i64::from(*range.end());
        self.integer::<u32>(key, &range).map(|count| unit.saturating_mul(count))
    }

    pub(super) fn text<T: Parse>(&self, key: &str) -> Result<T, Problem> {
        self.read(key, T::EXPECTED, |value| T::parse(value.as_str()?))
    }

    /// Like [`Section::text`], with the empty text as `None`.
    pub(super) fn optional_text<T: Parse>(&self, key: &str) -> Result<Option<T>, Problem> {
        let expected = format!("{}, or empty", T::EXPECTED);
        self.read(key, &expected, |value| match value.as_str()? {
            "" => Some(None),
            text => T::parse(text).map(Some),
        })
    }

    pub(super) fn list<T: Parse>(&self, key: &str) -> Result<Vec<T>, Problem> {
        let expected = format!("a list in which each is {}", T::EXPECTED);
        self.read(key, &expected, |value| value.as_array()?.iter().map(|item| T::parse(item.as_str()?)).collect())
    }

    fn read<T>(&self, key: &str, expected: &str, read: impl FnOnce(&Value) -> Option<T>) -> Result<T, Problem> {
        let key = format!("{}.{key}", self.name);
        let setting = self.layers.get(&key);
        let value = setting.and_then(|setting| read(&setting.value));
        value.ok_or_else(|| refused(key, setting, expected))
    }
}

fn refused(key: String, setting: Option<&Setting>, expected: &str) -> Problem {
    // A key that is missing in the defaults: a bug, reported like an unknown key.
    let Some(Setting { value, origin }) = setting else {
        return Problem::UnknownKey { nearest: key.clone(), key, origin: Origin::Default };
    };
    let value = show::value(&key, value);
    Problem::Invalid { key, value, origin: origin.clone(), expected: expected.to_owned() }
}
