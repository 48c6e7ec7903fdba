//! Which benchmarks, or which metrics, a rule is for.

use std::fmt;

use perf_schema::BenchId;

/// A part of a name, as the filters of the command line are; with a `*` in it the whole name, where each `*` stands for any
/// text, also for none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector(String);

/// The longest selector.
const LONGEST: usize = 1000;

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// When it is empty, too long, or holds a control character.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Err("it is empty; `*` selects everything".to_owned())
        } else if text.len() > LONGEST {
            Err(format!("it is longer than {LONGEST} bytes"))
        } else if text.chars().any(char::is_control) {
            Err("it holds a control character".to_owned())
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The selector as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a benchmark is selected: `package/target::name` is its name, with or without the package.
    #[must_use]
    pub fn takes(&self, id: &BenchId) -> bool {
        let full = id.to_string();
        if self.0.contains('*') {
            is_like(&self.0, &full) || is_like(&self.0, &id.in_package())
        } else {
            full.contains(&self.0)
        }
    }

    /// Whether a metric is selected. Its name is short: without a `*` it is meant as a whole.
    #[must_use]
    pub fn takes_metric(&self, metric: &str) -> bool {
        is_like(&self.0, metric)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `text` is what `pattern` describes. What lies between two stars is found at its first place, so that no pattern
/// takes longer than its length times that of the text.
fn is_like(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn without_a_star_it_is_a_part_and_with_one_the_whole() {
        let id: BenchId = "demo/cpu::text::join[n=1]".parse().unwrap();
        let takes = |text: &str| Selector::new(text).unwrap().takes(&id);
        for text in [
            "join",
            "demo/cpu",
            "*",
            "cpu::*",
            "demo/*",
            "*join*",
            "cpu::*[n=1]",
            "*[n=*]",
            "**",
        ] {
            assert!(takes(text), "{text}");
        }
        for text in ["joint", "text::*", "cpu::*[n=2]", "*join", "demo/cpu*n=2*"] {
            assert!(!takes(text), "{text}");
        }
    }

    #[test]
    fn metrics_are_named_whole() {
        let takes = |text: &str, metric: &str| Selector::new(text).unwrap().takes_metric(metric);
        assert!(takes("wall", "wall") && takes("latency-*", "latency-p99") && takes("*", "cpu"));
        assert!(!takes("cpu", "cpu-clock") && !takes("alloc", "allocs"));
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        for text in ["", "a\nb", &"x".repeat(1001)] {
            assert!(Selector::new(text).is_err());
        }
    }

    fn parts() -> impl Strategy<Value = Vec<String>> {
        let letters =
            proptest::collection::vec(proptest::sample::select(vec!["a", "b", "c"]), 0..4);
        proptest::collection::vec(letters.prop_map(|letters| letters.concat()), 1..6)
    }

    proptest! {
        #[test]
        fn any_text_is_like_itself_and_like_its_parts_with_stars(parts in parts()) {
            let text = parts.concat();
            prop_assert!(is_like(&text, &text));
            prop_assert!(is_like(&parts.join("*"), &text));
            let longer = format!("{text}d");
            prop_assert!(!is_like(&text, &longer));
        }
    }
}
