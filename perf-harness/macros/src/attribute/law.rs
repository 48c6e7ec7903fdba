//! Promises of growth: `fit = "n log n"`, and of several axes `fit = "n log n over words"`.

use syn::parse::ParseStream;
use syn::{Error, LitStr, Result};

/// What a law may be, without its spaces: what the builder takes.
const LAWS: [&str; 10] = [
    "1", "logn", "n", "nlogn", "n²", "n^2", "n³", "n^3", "c^n", "2^n",
];

const NO_LAW: &str =
    r#"a law of growth is written "1", "log n", "n", "n log n", "n^2", "n^3" or "c^n""#;

/// What a limit promises of its levels, once it is sure that it is a law.
pub(super) fn of_levels(input: ParseStream<'_>) -> Result<LitStr> {
    promise(input, is_law)
}

/// What a benchmark promises, over its only axis of numbers or the one it names. Which axes there are the builder knows.
pub(super) fn of_axis(input: ParseStream<'_>) -> Result<LitStr> {
    promise(input, |text| {
        let named = text.split_once(" over ");
        is_law(named.map_or(text, |(law, _)| law))
    })
}

fn promise(input: ParseStream<'_>, is_one: impl Fn(&str) -> bool) -> Result<LitStr> {
    let fault = |span| Error::new(span, NO_LAW);
    let text: LitStr = input.parse().map_err(|error| fault(error.span()))?;
    if is_one(&text.value()) {
        Ok(text)
    } else {
        Err(fault(text.span()))
    }
}

fn is_law(text: &str) -> bool {
    let letters = text.chars().filter(|c| !c.is_whitespace());
    let compact: String = letters.flat_map(char::to_lowercase).collect();
    LAWS.contains(&compact.as_str())
}

#[cfg(test)]
mod tests {
    use super::is_law;

    #[test]
    fn a_law_of_the_attribute_is_a_law_of_the_builder() {
        for text in perf_schema::LAWS.into_iter().chain(super::LAWS) {
            assert!(is_law(text), "{text}");
            assert!(perf_schema::law_named(text).is_some(), "{text}");
        }
        for text in ["N  Log N", "n^4", "", "O(n)"] {
            let known = perf_schema::law_named(text).is_some();
            assert_eq!(is_law(text), known, "{text}");
        }
    }
}
