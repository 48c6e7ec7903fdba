//! Words of a text: something to measure.

use std::collections::HashMap;
use std::sync::RwLock;

/// How many words a text has.
pub fn count(text: &str) -> usize {
    text.split_whitespace().count()
}

/// The longest word; of several the last.
pub fn longest(text: &str) -> Option<&str> {
    text.split_whitespace().max_by_key(|word| word.len())
}

/// How to bring words into order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As in a dictionary.
    Alphabet,
    /// Short words first, words of one length as they stood.
    Length,
}

/// Sorts words in place.
pub fn sort(words: &mut [String], order: Order) {
    match order {
        Order::Alphabet => words.sort_unstable(),
        Order::Length => words.sort_by_key(String::len),
    }
}

/// Counts words, for many threads at once.
#[derive(Debug, Default)]
pub struct Tally(RwLock<HashMap<String, u64>>);

impl Tally {
    /// Counts a word once more.
    pub fn add(&self, word: &str) {
        let mut counts = self.0.write().expect("no thread panics while it counts");
        match counts.get_mut(word) {
            Some(count) => *count += 1,
            None => {
                counts.insert(word.to_owned(), 1);
            }
        }
    }

    /// How often a word was counted.
    pub fn get(&self, word: &str) -> u64 {
        let counts = self.0.read().expect("no thread panics while it counts");
        counts.get(word).copied().unwrap_or(0)
    }
}

/// A text of so many words, the same each time.
pub fn sample(words: usize) -> String {
    const WORDS: [&str; 7] = ["a", "measured", "word", "says", "more", "than", "guesses"];
    let words: Vec<&str> = WORDS.into_iter().cycle().take(words).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_sorted_and_tallied() {
        assert_eq!(count(&sample(100)), 100);
        assert_eq!(longest(&sample(7)), Some("measured"));
        let mut words = ["than", "a", "says"].map(str::to_owned);
        sort(&mut words, Order::Length);
        assert_eq!(words, ["a", "than", "says"]);
        let tally = Tally::default();
        tally.add("word");
        tally.add("word");
        assert_eq!((tally.get("word"), tally.get("other")), (2, 0));
    }
}
