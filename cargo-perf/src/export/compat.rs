//! The columns that readers of the performance tracking suite know: `performance_summary.csv`.

use super::cell::text;
use super::entry::moment;
use super::{Entry, Names};

/// What each column is called, in its documented order.
pub(super) const COLUMNS: [&str; 8] = [
    "timestamp",
    "test_name",
    "success_count",
    "failure_count",
    "success_rate",
    "execution_time_mean",
    "execution_time_max",
    "response_time_mean",
];

/// Nanoseconds in a millisecond.
pub(super) const MILLISECOND: f64 = 1e6;

/// The cells of an entry, in the order of the columns.
pub(super) fn cells(entry: &Entry<'_>, names: &Names) -> [String; COLUMNS.len()] {
    let (passed, failed) = entry.launches();
    let spread = entry.spread;
    let rate = entry.success_rate();
    [
        timestamp(entry).unwrap_or_default(),
        text(&names.benchmark(&entry.benchmark.to_string())),
        passed.to_string(),
        failed.to_string(),
        rate.map_or(String::new(), |rate| format!("{rate:.3}")),
        milliseconds(spread.map(|spread| spread.mean)),
        milliseconds(spread.map(|spread| spread.max)),
        // Of single calls percentiles are recorded, and no mean.
        String::new(),
    ]
}

/// Its moment, with the six decimals that readers of this shape look for; what is known is the second.
pub(super) fn timestamp(entry: &Entry<'_>) -> Option<String> {
    let moment = moment(entry.run)?;
    let second = moment.strip_suffix('Z')?;
    Some(format!("{second}.000000Z"))
}

/// Nanoseconds as milliseconds with two decimals, and as many more as it takes for three digits that are not zero: a microsecond is
/// not nothing.
fn milliseconds(ns: Option<f64>) -> String {
    let Some(ns) = ns else {
        return String::new();
    };
    let ms = ns / MILLISECOND;
    let decimals = if ms > 0.0 && ms < 1.0 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 2 and 12: no time is shorter than an attosecond"
        )]
        let decimals = (2.0 - ms.log10().floor()).clamp(2.0, 12.0) as usize;
        decimals
    } else {
        2
    };
    format!("{ms:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_two_decimals_and_is_never_nothing() {
        for (ns, cell) in [
            (Some(34_330_000.0), "34.33"),
            (Some(1_000_000.0), "1.00"),
            (Some(1_234_567_890.0), "1234.57"),
            (Some(500_000.0), "0.500"),
            (Some(20_000.0), "0.0200"),
            (Some(1_401.0), "0.00140"),
            (Some(0.27), "0.000000270"),
            (Some(0.0), "0.00"),
            (None, ""),
        ] {
            assert_eq!(milliseconds(ns), cell);
        }
    }
}
