//! Typed access to the settings of one section.

use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Value;

use super::layers::{ConfigLayers, LayeredValue};
use super::origin::SettingOrigin;
use super::problem::ConfigProblem;
use super::show;

/// A setting that is written as text and validated on reading.
pub(super) trait ParseSetting: Sized {
    /// Description of valid values, as the end of the sentence "... but must be".
    const EXPECTED: &'static str;

    fn parse(text: &str) -> Option<Self>;
}
pub(super) struct ConfigSection<'a> {
    name: &'static str,
    layers: &'a ConfigLayers,
}

impl<'a> ConfigSection<'a> {
    pub(super) fn new(name: &'static str, layers: &'a ConfigLayers) -> Self {
        Self { name, layers }
    }

    pub(super) fn switch(&self, key: &str) -> Result<bool, ConfigProblem> {
        self.read(key, "true or false", Value::as_bool)
    }

    pub(super) fn integer<N: TryFrom<i64>>(&self, key: &str, range: &RangeInclusive<i64>) -> Result<N, ConfigProblem> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.read(key, &expected, |value| {
            let number = value.as_integer().filter(|number| range.contains(number))?;
            N::try_from(number).ok()
        })
    }

    /// Reads a whole number of `unit`, which the key's name states.
    pub(super) fn duration(
        &self,
        key: &str,
        unit: Duration,
        range: &RangeInclusive<u32>,
    ) -> Result<Duration, ConfigProblem> {
        let range = i64::from(*range.start())..=i64::from(*range.end());
        self.integer::<u32>(key, &range).map(|count| unit.saturating_mul(count))
    }

    pub(super) fn text<T: ParseSetting>(&self, key: &str) -> Result<T, ConfigProblem> {
        self.read(key, T::EXPECTED, |value| T::parse(value.as_str()?))
    }

    /// Like [`ConfigSection::text`], with the empty text as `None`.
    pub(super) fn optional_text<T: ParseSetting>(&self, key: &str) -> Result<Option<T>, ConfigProblem> {
        let expected = format!("{}, or empty", T::EXPECTED);
        self.read(key, &expected, |value| match value.as_str()? {
            "" => Some(None),
            text => T::parse(text).map(Some),
        })
    }

    pub(super) fn list<T: ParseSetting>(&self, key: &str) -> Result<Vec<T>, ConfigProblem> {
        let expected = format!("a list in which each is {}", T::EXPECTED);
        self.read(key, &expected, |value| value.as_array()?.iter().map(|item| T::parse(item.as_str()?)).collect())
    }

    fn read<T>(&self, key: &str, expected: &str, read: impl FnOnce(&Value) -> Option<T>) -> Result<T, ConfigProblem> {
        let key = format!("{}.{key}", self.name);
        let setting = self.layers.get(&key);
        let value = setting.and_then(|setting| read(&setting.value));
        value.ok_or_else(|| refused(key, setting, expected))
    }
}

fn refused(key: String, setting: Option<&LayeredValue>, expected: &str) -> ConfigProblem {
    // A key that is missing in the defaults: a bug, reported like an unknown key.
    let Some(LayeredValue { value, origin }) = setting else {
        return ConfigProblem::UnknownKey { nearest: key.clone(), key, origin: SettingOrigin::Default };
    };
    let value = show::value(&key, value);
    ConfigProblem::Invalid { key, value, origin: origin.clone(), expected: expected.to_owned() }
}
