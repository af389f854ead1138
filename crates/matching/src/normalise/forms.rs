//! The ways in which one folded word is found: umlauts as one letter or as two, and plurals.

use std::borrow::Cow;

/// Letters that stay when a text is folded, with the short and the long form that people write instead.
const TWO_FORMS: [(char, &str, &str); 5] =
    [('ä', "a", "ae"), ('å', "a", "aa"), ('ö', "o", "oe"), ('ø', "o", "oe"), ('ü', "u", "ue")];

/// Shorter words have no plural that is worth the confusion: `as`, `gas`, `its`.
const SHORTEST_PLURAL: usize = 4;

/// The short form of a folded word: `mobel` for `möbel`.
pub(crate) fn short_form(word: &str) -> Cow<'_, str> {
    written(word, |(_, short, _)| short)
}

/// The long form of a folded word where it has one: `moebel` for `möbel`.
pub(crate) fn long_form(word: &str) -> Option<String> {
    match written(word, |(_, _, long)| long) {
        Cow::Owned(long) => Some(long),
        Cow::Borrowed(_) => None,
    }
}

/// All ways to write a folded word without umlauts.
pub(crate) fn forms(word: &str) -> Vec<Box<str>> {
    let long = long_form(word).map(String::into_boxed_str);
    std::iter::once(short_form(word).into()).chain(long).collect()
}

/// All ways to write a folded word, and their stems.
pub(crate) fn forms_and_stems(word: &str) -> Vec<Box<str>> {
    let mut all = forms(word);
    for at in 0..all.len() {
        let form = all[at].clone();
        each_stem(&form, |stem| all.push(stem.into()));
    }
    all
}

/// All ways to write a folded word, their stems, and the plurals of both.
pub(crate) fn forms_stems_and_plurals(word: &str) -> Vec<Box<str>> {
    let mut all = forms_and_stems(word);
    for at in 0..all.len() {
        let plurals = plurals_of(&all[at]);
        all.extend(plurals.into_iter().map(String::into_boxed_str));
    }
    all
}

fn written(word: &str, form: fn((char, &'static str, &'static str)) -> &'static str) -> Cow<'_, str> {
    if word.is_ascii() {
        return Cow::Borrowed(word);
    }
    let row = |c: char| TWO_FORMS.iter().find(|(letter, ..)| *letter == c);
    if !word.chars().any(|c| row(c).is_some()) {
        return Cow::Borrowed(word);
    }
    let mut out = String::with_capacity(word.len() + 4);
    for c in word.chars() {
        match row(c) {
            Some(row) => out.push_str(form(*row)),
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The stems of an English plural by Harman's S-stemmer, at most two; none for other words.
///
/// Endings that two singulars have in common give both: `boxes` is of `box` or `boxe`, `movies` of `movie` or `movy`,
/// `tomatoes` of `tomato` or `tomatoe`.
pub(crate) fn each_stem(word: &str, mut emit: impl FnMut(&str)) {
    let Some(base) = word.strip_suffix('s') else { return };
    if word.len() < SHORTEST_PLURAL || word.chars().count() < SHORTEST_PLURAL || base.ends_with(['s', 'u']) {
        return;
    }
    emit(base);
    let Some(stem) = base.strip_suffix('e') else { return };
    if let Some(stem) = stem.strip_suffix('i') {
        if !stem.ends_with(['a', 'e']) {
            emit(&[stem, "y"].concat());
        }
    } else if ["s", "x", "z", "ch", "sh"].iter().any(|ending| stem.ends_with(ending))
        || (stem.ends_with('o') && stem.len() >= SHORTEST_PLURAL)
    {
        emit(stem);
    }
}

/// The words that have a stem: what an index of whole words is searched for.
pub(crate) fn plurals_of(stem: &str) -> Vec<String> {
    let with_y = stem.strip_suffix('y').map(|rest| format!("{rest}ies"));
    let mut plurals: Vec<String> = [format!("{stem}s"), format!("{stem}es")].into_iter().chain(with_y).collect();
    plurals.retain(|plural| {
        let mut is_plural = false;
        each_stem(plural, |of| is_plural |= of == stem);
        is_plural
    });
    plurals
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stems(word: &str) -> Vec<String> {
        let mut stems = Vec::new();
        each_stem(word, |stem| stems.push(stem.to_owned()));
        stems
    }

    #[test]
    fn plurals_have_their_singulars() {
        for (word, expected) in [
            ("chairs", &["chair"][..]),
            ("boxes", &["boxe", "box"]),
            ("watches", &["watche", "watch"]),
            ("dishes", &["dishe", "dish"]),
            ("buses", &["buse", "bus"]),
            ("quizzes", &["quizze", "quizz"]),
            ("bikes", &["bike"]),
            ("ponies", &["ponie", "pony"]),
            ("movies", &["movie", "movy"]),
            ("zombies", &["zombie", "zomby"]),
            ("tomatoes", &["tomatoe", "tomato"]),
            ("shoes", &["shoe"]),
            ("trees", &["tree"]),
            ("cars", &["car"]),
            ("glass", &[]),
            ("status", &[]),
            ("gas", &[]),
            ("chair", &[]),
        ] {
            assert_eq!(stems(word), expected, "{word}");
        }
    }

    #[test]
    fn umlauts_have_a_short_and_a_long_form() {
        for (word, expected) in [
            ("möbel", &["mobel", "moebel"][..]),
            ("århus", &["arhus", "aarhus"]),
            ("københavn", &["kobenhavn", "koebenhavn"]),
            ("jürgen", &["jurgen", "juergen"]),
            ("moebel", &["moebel"]),
            ("дом", &["дом"]),
        ] {
            assert_eq!(forms(word).iter().map(|form| &**form).collect::<Vec<_>>(), expected, "{word}");
        }
    }

    proptest! {
        #[test]
        fn plurals_are_those_that_have_the_stem(word in "[a-z]{0,3}(s|es|ies|ches|oes|ses|us|ss|y|x)s?") {
            for stem in stems(&word) {
                prop_assert!(plurals_of(&stem).contains(&word), "{} of {}", word, stem);
            }
            for plural in plurals_of(&word) {
                prop_assert!(stems(&plural).contains(&word), "{} of {}", word, plural);
            }
        }
    }
}
