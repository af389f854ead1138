//! What is looked for in the full-text index, before it is written as either database wants it.

/// A condition on the words of a listing.
#[derive(Clone)]
pub(crate) enum Text {
    /// These words in a row; of the last one only the beginning, where `prefix` is set.
    Phrase { column: Column, words: Vec<String>, prefix: bool },
    /// Each of them; there is at least one.
    All(Vec<Self>),
    /// At least one of them; there is at least one.
    Any(Vec<Self>),
    /// The first, and not the second.
    Without(Box<[Self; 2]>),
}

/// Where words are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// In the title or in the description.
    Words,
    Place,
    Source,
    Price,
}

impl Text {
    pub(super) fn phrase(column: Column, words: impl IntoIterator<Item = String>, prefix: bool) -> Self {
        Self::Phrase { column, words: words.into_iter().collect(), prefix }
    }

    /// This, and not that.
    pub(crate) fn without(self, excluded: Self) -> Self {
        Self::Without(Box::new([self, excluded]))
    }

    /// The beginnings of words that it asks for.
    pub(crate) fn beginnings(&self) -> Vec<String> {
        match self {
            Self::Phrase { words, prefix, .. } => words.last().filter(|_| *prefix).cloned().into_iter().collect(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::beginnings).collect(),
            Self::Without(both) => both.iter().flat_map(Self::beginnings).collect(),
        }
    }

    /// A condition on whole words that is met by all that meets this one; `None` where it asks for beginnings alone.
    pub(crate) fn whole_words(&self) -> Option<Self> {
        match self {
            Self::Phrase { column, words, prefix: true } => {
                let (_, whole) = words.split_last()?;
                (!whole.is_empty()).then(|| Self::phrase(*column, whole.iter().cloned(), false))
            }
            Self::Phrase { .. } => Some(self.clone()),
            Self::All(parts) => {
                let whole: Vec<Self> = parts.iter().filter_map(Self::whole_words).collect();
                (!whole.is_empty()).then_some(Self::All(whole))
            }
            Self::Any(parts) => parts.iter().map(Self::whole_words).collect::<Option<_>>().map(Self::Any),
            // What is excluded may be left in.
            Self::Without(both) => both[0].whole_words(),
        }
    }

    /// The same with each beginning of a word replaced by the words that are given for it, if any are given.
    pub(super) fn with_words(self, words_for: &impl Fn(&str) -> Option<Vec<String>>) -> Self {
        let each = |parts: Vec<Self>| parts.into_iter().map(|part| part.with_words(words_for)).collect();
        match self {
            Self::Phrase { column, mut words, prefix: true } => {
                let Some(beginning) = words.pop() else { return Self::Phrase { column, words, prefix: true } };
                let whole = |last: &String| [words.as_slice(), std::slice::from_ref(last)].concat();
                let phrase = |last: &String, prefix| Self::Phrase { column, words: whole(last), prefix };
                match words_for(&beginning) {
                    None => phrase(&beginning, true),
                    // No word begins so, hence none is spelled so.
                    Some(found) if found.is_empty() => phrase(&beginning, false),
                    Some(found) => Self::Any(found.iter().map(|last| phrase(last, false)).collect()),
                }
            }
            Self::Phrase { .. } => self,
            Self::All(parts) => Self::All(each(parts)),
            Self::Any(parts) => Self::Any(each(parts)),
            Self::Without(both) => Self::Without(Box::new((*both).map(|part| part.with_words(words_for)))),
        }
    }

    pub(super) fn write(&self, syntax: &Syntax, out: &mut String) {
        match self {
            Self::Phrase { column, words, prefix } => (syntax.phrase)(*column, words, *prefix, out),
            Self::All(parts) => joined(parts, syntax.and, syntax, out),
            Self::Any(parts) => joined(parts, syntax.or, syntax, out),
            Self::Without(both) => joined(&**both, syntax.and_not, syntax, out),
        }
    }
}

/// How a database wants it written.
pub(super) struct Syntax {
    pub(super) and: &'static str,
    pub(super) or: &'static str,
    pub(super) and_not: &'static str,
    pub(super) phrase: fn(Column, &[String], bool, &mut String),
}

/// Writes parts with a word between them, all in brackets.
fn joined(parts: &[Text], between: &str, syntax: &Syntax, out: &mut String) {
    out.push('(');
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            out.push_str(between);
        }
        part.write(syntax, out);
    }
    out.push(')');
}

/// All of these.
pub(crate) fn all(parts: impl IntoIterator<Item = Option<Text>>) -> Option<Text> {
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then_some(Text::All(parts))
}

/// One of these words.
pub(super) fn any(column: Column, words: impl Iterator<Item = String>) -> Option<Text> {
    let words: Vec<Text> = words.map(|word| Text::phrase(column, [word], false)).collect();
    (!words.is_empty()).then_some(Text::Any(words))
}
