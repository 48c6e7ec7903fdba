//! Percentages and amounts, as a person writes them.

use perf_schema::metric::{check_metric_name, is_reserved, names};
use perf_schema::{Amount, Unit, budget_meaning};

/// The largest percentage that is taken, as a fraction: a hundredfold.
const MOST: f64 = 100.0;

/// `5%` or `2.5 %` as a fraction.
///
/// # Errors
/// When it is not written so, not above zero, or above 10000 %.
pub fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().strip_suffix('%').map(str::trim);
    let value = number.and_then(plain_number).map(|value| value / 100.0);
    value
        .filter(|value| *value > 0.0 && *value <= MOST)
        .ok_or_else(|| "a percentage is written \"5%\", above 0% and up to 10000%".to_owned())
}

/// How much of a metric a budget allows, or asks for: `2ms` of a time, `64KiB` of memory, a plain number of anything.
///
/// # Errors
/// When the metric cannot have a budget, or the amount is not written as one of it.
pub fn amount(metric: &str, text: &str) -> Result<Amount, String> {
    check_metric_name(metric).map_err(|error| error.to_string())?;
    let meaning = budget_meaning(metric);
    if is_reserved(metric) && meaning.is_none() {
        return Err(format!(
            "`{metric}` is shown and not judged, so it cannot have a budget"
        ));
    }
    let unit = meaning.map(|meaning| meaning.unit);
    let value = match unit {
        Some(unit) if unit == Unit::NANOSECONDS => scaled(text, &TIMES).ok_or_else(|| {
            format!("`{metric}` is a time: \"500ns\", \"10us\", \"1.5ms\" or \"2s\"")
        }),
        Some(unit) if [Unit::BYTES, Unit::BYTES_PER_SECOND].contains(&unit) => plain_number(text)
            .or_else(|| scaled(text, &SIZES))
            .ok_or_else(|| {
                format!(
                    "`{metric}` is a size: \"512B\", \"64KiB\", \"1.5MiB\", or a number of bytes"
                )
            }),
        Some(_) => plain_number(text).ok_or_else(|| format!("`{metric}` is a number: 3, or 0.5")),
        None => plain_number(text).ok_or_else(|| {
            let known = names::ALL.iter().filter(|name| budget_meaning(name).is_some());
            let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
            format!(
                "unknown metric `{metric}`, which as one of your own would be a number: 3, or 0.5; the others are {}",
                known.join(", ")
            )
        }),
    }?;
    Amount::new(value).ok_or_else(|| "an amount is a finite number from 0 up".to_owned())
}

const TIMES: [(&str, f64); 6] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("ms", 1e6),
    ("min", 6e10),
    ("s", 1e9),
];

const SIZES: [(&str, f64); 7] = [
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("kB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("B", 1.0),
];

fn scaled(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    units.iter().find_map(|(unit, scale)| {
        let number = text.trim().strip_suffix(unit)?;
        Some(plain_number(number.trim_end())? * scale)
    })
}

/// Digits with a point in between: nothing else that a number may be written as.
#[must_use]
pub fn plain_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.len() <= 20;
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_have_a_sign_and_a_bound() {
        for (text, value) in [
            ("5%", 0.05),
            ("2.5 %", 0.025),
            (" 300% ", 3.0),
            ("10000%", 100.0),
        ] {
            assert!((percent(text).unwrap() - value).abs() < 1e-12, "{text}");
        }
        for text in [
            "", "5", "%", "0%", "-5%", "5,5%", "nan%", "1e3%", "10001%", "5%%", ".5%",
        ] {
            assert!(percent(text).is_err(), "{text}");
        }
    }

    #[test]
    fn amounts_are_in_the_unit_of_their_metric() {
        for (metric, text, value) in [
            ("wall", "2ms", 2e6),
            ("wall", "1.5 us", 1500.0),
            ("cpu", "1min", 6e10),
            ("latency-p99.9", "3s", 3e9),
            ("peak", "64KiB", 65536.0),
            ("peak-rss", "1MB", 1e6),
            ("alloc-bytes", "100", 100.0),
            ("allocs", "3", 3.0),
            ("ratio", "0.5", 0.5),
            ("items", "1000000", 1e6),
            ("bytes", "1MiB", 1_048_576.0),
        ] {
            assert!(
                (amount(metric, text).unwrap().get() - value).abs() < 1e-6,
                "{metric} {text}"
            );
        }
    }

    #[test]
    fn what_is_no_amount_of_it_says_what_one_is() {
        for (metric, text, part) in [
            ("wall", "10", "is a time"),
            ("wall", "-1ms", "is a time"),
            ("peak", "1s", "is a size"),
            ("allocs", "1KiB", "is a number"),
            ("allocs", "1e3", "is a number"),
            ("minor-faults", "3", "cannot have a budget"),
            ("no name", "3", "a metric's name"),
        ] {
            let message = amount(metric, text).unwrap_err();
            assert!(message.contains(part), "{metric} {text}: {message}");
        }
    }
}
