//! Full-text queries, independent of the database.

/// A condition on the words of a listing.
#[derive(Clone)]
pub(crate) enum WordCondition {
    /// Consecutive words; if `prefix` is set, the last one is only the beginning of a word.
    Phrase { column: TextColumn, words: Vec<String>, prefix: bool },
    /// All of the conditions; never empty.
    All(Vec<Self>),
    /// At least one of the conditions; never empty.
    Any(Vec<Self>),
    /// The first condition, but not the second.
    Without(Box<[Self; 2]>),
}

/// Field in which words are searched.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextColumn {
    /// Title and description.
    Words,
    Place,
    Source,
    Price,
}

impl WordCondition {
    pub(super) fn phrase(column: TextColumn, words: impl IntoIterator<Item = String>, prefix: bool) -> Self {
        Self::Phrase { column, words: words.into_iter().collect(), prefix }
    }

    /// Combines the condition with an excluded one.
    pub(crate) fn without(self, excluded: Self) -> Self {
        Self::Without(Box::new([self, excluded]))
    }

    /// Returns all prefixes in the condition.
    pub(crate) fn beginnings(&self) -> Vec<String> {
        match self {
            Self::Phrase { words, prefix, .. } => words.last().filter(|_| *prefix).cloned().into_iter().collect(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::beginnings).collect(),
            Self::Without(both) => both.iter().flat_map(Self::beginnings).collect(),
        }
    }

    /// Returns a weaker condition without prefixes, which every match of this one meets; `None` if there is none.
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
            // Weaker means including what was excluded.
            Self::Without(both) => both[0].whole_words(),
        }
    }

    /// Replaces prefixes by the words that `words_for` returns for them; where it returns `None`, the prefix remains.
    pub(super) fn with_words(self, words_for: &impl Fn(&str) -> Option<Vec<String>>) -> Self {
        let each = |parts: Vec<Self>| parts.into_iter().map(|part| part.with_words(words_for)).collect();
        match self {
            Self::Phrase { column, mut words, prefix: true } => {
                let Some(beginning) = words.pop() else { return Self::Phrase { column, words, prefix: true } };
                let whole = |last: &String| [words.as_slice(), std::slice::from_ref(last)].concat();
                let phrase = |last: &String, prefix| Self::Phrase { column, words: whole(last), prefix };
                match words_for(&beginning) {
                    None => phrase(&beginning, true),
                    // No word has this prefix, so a phrase with it as a whole word matches nothing.
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

    pub(super) fn write(&self, syntax: &TextSyntax, out: &mut String) {
        match self {
            Self::Phrase { column, words, prefix } => (syntax.phrase)(*column, words, *prefix, out),
            Self::All(parts) => joined(parts, syntax.and, syntax, out),
            Self::Any(parts) => joined(parts, syntax.or, syntax, out),
            Self::Without(both) => joined(&**both, syntax.and_not, syntax, out),
        }
    }
}

/// Query syntax of a database.
pub(super) struct TextSyntax {
    pub(super) and: &'static str,
    pub(super) or: &'static str,
    pub(super) and_not: &'static str,
    pub(super) phrase: fn(TextColumn, &[String], bool, &mut String),
}

/// Appends the parts with an operator between them, in parentheses.
fn joined(parts: &[WordCondition], between: &str, syntax: &TextSyntax, out: &mut String) {
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
pub(crate) fn all(parts: impl IntoIterator<Item = Option<WordCondition>>) -> Option<WordCondition> {
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then_some(WordCondition::All(parts))
}

/// One of these words.
pub(super) fn any(column: TextColumn, words: impl Iterator<Item = String>) -> Option<WordCondition> {
    let words: Vec<WordCondition> = words.map(|word| WordCondition::phrase(column, [word], false)).collect();
    (!words.is_empty()).then_some(WordCondition::Any(words))
}
