//! Laws of growth by their names, as authors promise them.
//!
//! Only the names: a bench target carries a promise and does not judge it. What the laws mean is `perf_stats::Law`.

use serde::{Deserialize, Serialize};

/// A promise of how the time of a benchmark grows over one of its axes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    /// Name of the axis, whose values are numbers.
    pub axis: String,
    /// One of [`LAWS`].
    pub law: String,
}

/// The size that a value of an axis is, from its text: a number from 1 up. How many threads there are is no size: what that comes
/// to is a matter of scaling.
#[must_use]
pub fn size_of(axis: &str, value: &str) -> Option<f64> {
    let size: f64 = value.parse().ok()?;
    (axis != "threads" && size.is_finite() && size >= 1.0).then_some(size)
}

/// The names, the slowest growth first.
pub const LAWS: [&str; 7] = ["1", "log n", "n", "n log n", "n²", "n³", "c^n"];

/// The name of the law that a text means. Case and spaces do not matter; `n^2` and `n^3` may be written for `n²` and `n³`,
/// `2^n` for `c^n`.
#[must_use]
pub fn law_named(text: &str) -> Option<&'static str> {
    let compact = |text: &str| -> String {
        let letters = text.chars().filter(|c| !c.is_whitespace());
        letters.flat_map(char::to_lowercase).collect()
    };
    let meant = match compact(text).as_str() {
        "n^2" => "n²".to_owned(),
        "n^3" => "n³".to_owned(),
        "2^n" => "c^n".to_owned(),
        plain => plain.to_owned(),
    };
    LAWS.into_iter().find(|name| compact(name) == meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_numbers_from_one_up() {
        assert_eq!(size_of("n", "10000"), Some(10_000.0));
        assert_eq!(size_of("share", "1.5"), Some(1.5));
        for value in ["0", "0.5", "-3", "inf", "NaN", "Some(3)", "1_000", ""] {
            assert_eq!(size_of("n", value), None, "{value}");
        }
        assert_eq!(size_of("threads", "4"), None);
    }

    #[test]
    fn a_law_is_found_by_what_people_write() {
        for name in LAWS {
            assert_eq!(law_named(name), Some(name));
        }
        assert_eq!(law_named(" N  Log N"), Some("n log n"));
        assert_eq!(law_named("n^2"), Some("n²"));
        assert_eq!(law_named("n^3"), Some("n³"));
        assert_eq!(law_named("2^n"), Some("c^n"));
        for bad in ["", "n^4", "O(n)", "log", "nn"] {
            assert_eq!(law_named(bad), None, "{bad}");
        }
    }
}
