//! JSONPath (RFC 9535) of which the evaluation is bounded.
//!
//! Evaluation cannot be interrupted, and some paths take exponential time: each further `..` or list of selectors multiplies
//! the number of nodes, and a filter that searches from the root or through descendants does so once for every node. Such
//! paths are refused. One that is accepted selects no node more than [`MAX_SELECTORS`] times in any of its
//! [`MAX_SEGMENTS`] segments, so that it visits at most the product of both times the nodes of the page.

use serde_json::Value;
use serde_json_path::JsonPath;

/// The most segments (`.name`, `[0]`, `..*`) of a path, those in its filter included.
const MAX_SEGMENTS: usize = 32;
/// The most selectors of the one list that a path may have, as in `["a", "b"]`.
const MAX_SELECTORS: usize = 8;
/// The most values of a page that a path is evaluated on.
pub(crate) const MAX_VALUES: usize = 1_000_000;

/// A path that visits a bounded number of nodes.
#[derive(Clone, Debug)]
pub(crate) struct BoundedPath(JsonPath);

impl BoundedPath {
    /// Reads a path; the error says what is wrong, as in "is no JSONPath".
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let path = JsonPath::parse(text).map_err(|error| format!("is no JSONPath, such as \"$.name\": {error}"))?;
        Shape::of(text)?;
        Ok(Self(path))
    }

    /// The first node that it leads to.
    pub(crate) fn first<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.query(value).first()
    }

    /// All nodes that it leads to.
    pub(crate) fn all<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        self.0.query(value).all()
    }
}

/// Whether a value consists of at most [`MAX_VALUES`] values.
pub(crate) fn is_small_enough(value: &Value) -> bool {
    fn left(value: &Value, budget: usize) -> Option<usize> {
        let budget = budget.checked_sub(1)?;
        match value {
            Value::Array(items) => items.iter().try_fold(budget, |budget, item| left(item, budget)),
            Value::Object(fields) => fields.values().try_fold(budget, |budget, field| left(field, budget)),
            _ => Some(budget),
        }
    }
    left(value, MAX_VALUES).is_some()
}

/// What decides how many nodes a path visits; counted in its text, as the parsed path shows nothing of itself.
#[derive(Default)]
struct Shape {
    segments: usize,
    descents: usize,
    filters: usize,
    /// How many brackets are open.
    depth: usize,
    /// How many were open where the filter began.
    filter_depth: Option<usize>,
    /// The brackets so far, and the number of the one that holds a list.
    brackets: usize,
    list: Option<usize>,
    selectors: usize,
}

impl Shape {
    /// Counts what a valid path consists of.
    fn of(text: &str) -> Result<Self, String> {
        let mut shape = Self::default();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c == '"' || c == '\'' {
                while let Some(inner) = chars.next().filter(|inner| *inner != c) {
                    if inner == '\\' {
                        chars.next();
                    }
                }
                continue;
            }
            let is_descent = c == '.' && chars.next_if_eq(&'.').is_some();
            if is_descent {
                // `..[0]` is one segment.
                let _ = chars.next_if_eq(&'[').map(|_| shape.open());
            }
            shape.count(c, is_descent)?;
        }
        Ok(shape)
    }

    fn count(&mut self, c: char, is_descent: bool) -> Result<(), String> {
        let in_filter = self.filter_depth.is_some();
        if in_filter && (is_descent || matches!(c, '*' | ':' | ',' | '?' | '$')) {
            return Err("has a filter that searches; a filter may look at parts of the item itself, such as \
                \"[?@.price.value > 0]\", without `..`, `*`, `:`, `,`, `$` or another filter"
                .to_owned());
        }
        match c {
            '.' => {
                self.segments += 1;
                self.descents += usize::from(is_descent);
            }
            '[' => {
                self.segments += 1;
                self.open();
            }
            ']' => {
                self.depth = self.depth.saturating_sub(1);
                self.filter_depth = self.filter_depth.filter(|depth| *depth <= self.depth);
            }
            '?' => {
                self.filters += 1;
                self.filter_depth = Some(self.depth);
            }
            ',' => self.count_selector()?,
            _ => {}
        }
        match self {
            Self { segments, .. } if *segments > MAX_SEGMENTS => {
                Err(format!("has more than {MAX_SEGMENTS} segments; give a shorter path"))
            }
            Self { descents: 2.., .. } => Err("descends more than once; give a path with at most one `..`".to_owned()),
            Self { filters: 2.., .. } => Err("filters more than once; give a path with at most one `?`".to_owned()),
            _ => Ok(()),
        }
    }

    fn open(&mut self) {
        self.depth += 1;
        self.brackets += 1;
    }

    fn count_selector(&mut self) -> Result<(), String> {
        let is_same_list = *self.list.get_or_insert(self.brackets) == self.brackets;
        // Before the first comma there is one, too.
        self.selectors = self.selectors.max(1) + 1;
        if is_same_list && self.selectors <= MAX_SELECTORS {
            return Ok(());
        }
        let example = "[\"name\", \"title\"]";
        Err(format!("lists too many selectors; give at most one list, such as {example}, of at most {MAX_SELECTORS}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_that_people_write_are_accepted() {
        for text in [
            "$",
            "$.name",
            "$.data.results[*]",
            "$..results[*]",
            "$..[0]",
            "$.photos[0]['url', \"a, b..c[?*]\"].href",
            "$.items[?@.price.value > 0.5 && @['state'] == 'open, or $..*'].node",
            "$..*[?length(@.title) > 3]",
            "$.a[1:10:2]",
            "$['it\\'s, ..'][0]",
        ] {
            BoundedPath::parse(text).unwrap();
        }
    }

    #[test]
    fn paths_that_multiply_are_refused_with_what_would_be_right() {
        for (text, expected) in [
            ("$..*..*", "at most one `..`"),
            ("$..[?count($..*)>1]", "a filter may look at parts of the item itself"),
            ("$[?@..a]", "a filter may look at parts of the item itself"),
            ("$[?@[*]]", "a filter may look at parts of the item itself"),
            ("$[?@[?@.a]]", "a filter may look at parts of the item itself"),
            ("$[?@.a, ?@.b]", "a filter may look at parts of the item itself"),
            ("$[?@.a][?@.b]", "at most one `?`"),
            ("$[*,*][*,*]", "at most one list"),
            ("$[0,1,2,3,4,5,6,7,8]", "of at most 8"),
            (&format!("${}", ".a".repeat(33)), "a shorter path"),
            ("results", "is no JSONPath, such as \"$.name\""),
        ] {
            let refused = BoundedPath::parse(text).unwrap_err();
            assert!(refused.contains(expected), "{text}: {refused}");
        }
    }

    fn segment() -> impl Strategy<Value = String> {
        let selector =
            prop::sample::select(vec!["*", "0", "-1", "0:9", "'a'", "\"b, ..\"", "?@.a", "?@[0][0]", "?@..a", "?$..*"]);
        let list = prop::collection::vec(selector, 1..4).prop_map(|selectors| format!("[{}]", selectors.join(", ")));
        let short = prop::sample::select(vec![".*", ".a", "..*", "..a"]).prop_map(str::to_owned);
        (prop::bool::ANY, prop_oneof![list, short]).prop_map(|(descends, segment)| {
            if descends && segment.starts_with('[') { format!("..{segment}") } else { segment }
        })
    }

    /// Lists and objects within each other, `depth` levels deep.
    fn nested(depth: usize) -> Value {
        (0..depth).fold(json!(1), |inner, _| json!({ "a": [inner.clone(), inner], "b": { "a": 1 } }))
    }

    proptest! {
        #[test]
        fn no_accepted_path_selects_more_than_the_bound(segments in prop::collection::vec(segment(), 1..12)) {
            let page = nested(6);
            let values = BoundedPath::parse("$..*").unwrap().all(&page).len() + 1;
            let whole = format!("${}", segments.concat());
            if BoundedPath::parse(&whole).is_ok() {
                // Each segment, for what it makes is what the next one visits.
                for length in 1..=segments.len() {
                    let path = BoundedPath::parse(&format!("${}", segments[..length].concat())).unwrap();
                    prop_assert!(path.all(&page).len() <= MAX_SELECTORS * values, "{whole}");
                }
            }
        }
    }
}
