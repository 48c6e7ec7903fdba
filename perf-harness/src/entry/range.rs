//! Values for an axis that spans orders of magnitude.

use std::fmt::Display;
use std::ops::RangeInclusive;

/// Up to `count` whole numbers from the start of `range` to its end, both included, each about as many times the one before:
/// what an axis over sizes wants, where a step from 10 to 20 matters as much as one from 10 000 to 20 000.
///
/// ```
/// use perf_harness as perf;
///
/// assert_eq!(perf::log_range(10..=1_000_000, 6), [10_usize, 100, 1000, 10_000, 100_000, 1_000_000]);
/// // Rounded to whole numbers, of which none stands twice.
/// assert_eq!(perf::log_range(1..=4, 6), [1_u8, 2, 3, 4]);
/// ```
///
/// As an axis:
///
/// ```no_run
/// use perf_harness as perf;
///
/// #[perf::bench(n = perf::log_range(10..=1_000_000, 6))]
/// fn sum(b: perf::Bench, n: u64) {
///     b.items(n).run(|| (0..perf::input(n)).sum::<u64>());
/// }
/// ```
///
/// # Panics
/// When the range begins below 1, since there is no way from 0 by multiplying, or ends before it begins; and when `count` is
/// too small for both of its ends.
#[must_use]
#[track_caller]
pub fn log_range<T>(range: RangeInclusive<T>, count: usize) -> Vec<T>
where
    T: Copy + Display + TryInto<u64> + TryFrom<u64>,
{
    let (start, end) = (*range.start(), *range.end());
    let (Ok(first), Ok(last)) = (start.try_into(), end.try_into()) else {
        panic!("log_range({start}..={end}, {count}): both ends must be from 1 to 2^64");
    };
    assert!(
        first >= 1,
        "log_range({start}..={end}, {count}): the range must begin at 1 or above"
    );
    assert!(
        first <= last,
        "log_range({start}..={end}, {count}): the range ends before it begins"
    );
    let enough = if first == last { 1 } else { 2 };
    assert!(
        count >= enough,
        "log_range({start}..={end}, {count}): {count} values cannot reach from one end to the other"
    );
    // Everything between the two ends, which fit their type, fits it too.
    spaced(first, last, count)
        .into_iter()
        .filter_map(|value| T::try_from(value).ok())
        .collect()
}

/// Rounded, strictly rising, with both ends as they are.
fn spaced(first: u64, last: u64, count: usize) -> Vec<u64> {
    let steps = count.saturating_sub(1).max(1) as f64;
    let ratio = last as f64 / first as f64;
    let mut values = vec![first];
    for step in 1..count.saturating_sub(1) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between two numbers of 64 bits, and saturating"
        )]
        let value = (first as f64 * ratio.powf(step as f64 / steps)).round() as u64;
        if value > values[values.len() - 1] && value < last {
            values.push(value);
        }
    }
    if last > first {
        values.push(last);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_exact_and_the_values_rise() {
        for (first, last, count) in [
            (1, 10, 2),
            (1, u64::MAX, 64),
            (u64::MAX - 1, u64::MAX, 7),
            (3, 1_000_003, 11),
            (7, 7, 5),
            (1, 3, 1000),
        ] {
            let values = log_range(first..=last, count);
            assert_eq!(
                (values.first(), values.last()),
                (Some(&first), Some(&last)),
                "{first}..={last}"
            );
            assert!(
                values.windows(2).all(|pair| pair[0] < pair[1]),
                "{values:?}"
            );
            assert!(values.len() <= count, "{values:?}");
        }
    }

    #[test]
    fn the_steps_are_equal_as_ratios() {
        assert_eq!(
            log_range(1_u32..=1024, 11),
            [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
        );
        assert_eq!(log_range(10_i64..=1000, 5), [10, 32, 100, 316, 1000]);
    }

    fn message(count: usize, range: RangeInclusive<i32>) -> String {
        let panic = std::panic::catch_unwind(|| log_range(range, count)).unwrap_err();
        panic.downcast_ref::<String>().cloned().unwrap_or_default()
    }

    #[test]
    #[expect(clippy::reversed_empty_ranges, reason = "that is what is refused")]
    fn what_is_no_range_says_so() {
        let _turn = crate::scripted::alone();
        assert!(
            message(3, 0..=10).contains("begin at 1"),
            "{}",
            message(3, 0..=10)
        );
        assert!(
            message(3, -5..=10).contains("from 1"),
            "{}",
            message(3, -5..=10)
        );
        assert!(
            message(3, 10..=1).contains("ends before"),
            "{}",
            message(3, 10..=1)
        );
        assert!(
            message(1, 1..=10).contains("1 values"),
            "{}",
            message(1, 1..=10)
        );
        assert!(
            message(0, 5..=5).contains("0 values"),
            "{}",
            message(0, 5..=5)
        );
    }
}
