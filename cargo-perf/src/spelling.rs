//! What was meant by a word that nobody knows.

/// The one of `words` that is nearest to what was typed, if no more than a third of its letters are wrong.
pub(crate) fn meant<'a>(typed: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    words
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(typed, word), word))
        .min()
        .filter(|(distance, word)| *distance * 3 <= word.chars().count())
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_meant_and_none_that_is_far() {
        assert_eq!(meant("sleep", ["parse", "sort", "print"]), None);
        assert_eq!(meant("prase", ["parse", "sort", "print"]), Some("parse"));
        assert_eq!(meant("anything", []), None);
    }
}
