//! How many words become one text before a deadline, by each of the ways to do it, and how long each takes: which is best, and by how
//! much. And words found in a text.

use std::fmt::Write;

use perf_harness as perf;
use regex::Regex;

perf::main!();

/// A way to make one text of many words.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// Appending to one string.
    Push,
    /// The library's own.
    Join,
    /// Formatting into one string.
    Write,
    /// A new string with each word, which copies all that is there.
    Format,
}

#[perf::limit(
    words in 100..=100_000_000, wall = "50ms", budget = "3s",
    way = [Way::Push, Way::Join, Way::Write, Way::Format],
)]
fn concatenate(p: perf::Probe, words: u64, way: Way) {
    let all = p.untimed(|| (0..words).map(|i| i.to_string()).collect::<Vec<_>>());
    let text = p.measure(|| way.concatenate(perf::input(&all)));
    p.check(text.split(' ').count() as u64 == words);
}

/// The same as a race: how long each way takes for as many words.
#[perf::bench(way = [Way::Push, Way::Join, Way::Write, Way::Format])]
fn together(b: perf::Bench, way: Way) {
    const WORDS: usize = 10_000;
    let all = b.once(|| (0..WORDS).map(|i| i.to_string()).collect::<Vec<_>>());
    b.items(WORDS)
        .run(|| way.concatenate(perf::input(&all)))
        .check(|text| text.split(' ').count() == WORDS);
}

/// All words of a text that a pattern finds. The pattern is compiled beforehand.
#[perf::bench]
fn regex(b: perf::Bench) {
    const WORDS: usize = 10_000;
    // One word in ten ends in a nine.
    let text = b.once(|| (0..WORDS).map(|i| format!("word{i} ")).collect::<String>());
    let pattern = b.once(|| Regex::new(r"\bword\d*9\b").expect("a pattern"));
    b.bytes(text.len())
        .run(|| pattern.find_iter(perf::input(&text)).count())
        .check(|&found| found == WORDS / 10);
}

impl Way {
    fn concatenate(self, words: &[String]) -> String {
        match self {
            Self::Push => words.iter().fold(String::new(), |mut text, word| {
                separate(&mut text);
                text.push_str(word);
                text
            }),
            Self::Join => words.join(" "),
            Self::Write => words.iter().fold(String::new(), |mut text, word| {
                separate(&mut text);
                // A string takes whatever is written to it.
                let _always = write!(text, "{word}");
                text
            }),
            Self::Format => {
                let mut words = words.iter();
                let first = words.next().cloned().unwrap_or_default();
                words.fold(first, |text, word| format!("{text} {word}"))
            }
        }
    }
}

fn separate(text: &mut String) {
    if !text.is_empty() {
        text.push(' ');
    }
}
