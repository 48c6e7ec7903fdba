//! Laws of growth by their names, as authors promise them.
//!
//! Only the names: a bench target carries a promise and does not judge it. What the laws mean is `perf_stats::Law`.

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
