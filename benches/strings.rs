//! How many words become one text before a deadline, by each of the ways to do it: which is best, and by how much.

use std::fmt::Write;

use perf_harness as perf;

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
