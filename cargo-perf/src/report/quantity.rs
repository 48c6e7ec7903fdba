//! Numbers as people read them: four digits and a unit that suits.

use perf_schema::{Corrected, Ratio, Throughput, Unit};

/// `value` in its unit, scaled.
#[must_use]
pub fn quantity(value: f64, unit: &Unit) -> String {
    match unit.as_str() {
        "ns" => scaled(value, &[(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")]),
        "B" => scaled(
            value,
            &[
                (f64::from(1 << 30), "GiB"),
                (f64::from(1 << 20), "MiB"),
                (1024.0, "KiB"),
                (1.0, "B"),
            ],
        ),
        "1" => scaled(value, &[(1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")])
            .trim_end()
            .to_owned(),
        "items/s" => scaled(value, &ITEMS),
        "B/s" => format!("{}/s", quantity(value, &Unit::BYTES)),
        other => format!("{} {other}", digits(value)),
    }
}

const ITEMS: [(f64, &str); 4] = [
    (1e9, "G items/s"),
    (1e6, "M items/s"),
    (1e3, "k items/s"),
    (1.0, "items/s"),
];

/// A change of something exact: `3 → 5`. To the last digit where fewer would not show it.
#[must_use]
pub(super) fn change(from: f64, to: f64, unit: &Unit) -> String {
    let scaled = |value: f64| match unit.as_str() {
        "B" if value >= 10_240.0 => quantity(value, unit),
        _ => plain(value, unit),
    };
    let (old, new) = (scaled(from), scaled(to));
    if old == new {
        format!("{} → {}", plain(from, unit), plain(to, unit))
    } else {
        format!("{old} → {new}")
    }
}

/// All digits.
fn plain(value: f64, unit: &Unit) -> String {
    match unit.as_str() {
        "1" => format!("{value}"),
        other => format!("{value} {other}"),
    }
}

/// What is exact, in all digits where it is whole and not large.
#[must_use]
pub(super) fn exact(value: f64, unit: &Unit) -> String {
    if value.fract() == 0.0 && value < 1e6 {
        plain(value, unit)
    } else {
        quantity(value, unit)
    }
}

/// An amount in its unit, scaled: `12.30 ns`, or `< 0.300 ns` where no more is known.
#[must_use]
pub fn amount(amount: Corrected, unit: &Unit) -> String {
    match amount {
        Corrected::About(value) => quantity(value, unit),
        Corrected::Below(limit) => format!("< {}", quantity(limit, unit)),
    }
}

/// How much is worked through in a second when one iteration takes `ns`; empty when nothing was declared.
#[must_use]
pub fn rate(throughput: Throughput, ns: f64) -> String {
    let rate = |count: Option<u64>, unit: &Unit| {
        count.map(|count| quantity(Throughput::per_second(count, ns), unit))
    };
    let items = rate(throughput.items, &Unit::ITEMS_PER_SECOND);
    let bytes = rate(throughput.bytes, &Unit::BYTES_PER_SECOND);
    [items, bytes]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

/// A ratio as a signed percentage: `+4.2 %`.
#[must_use]
pub fn percent_change(ratio: Ratio) -> String {
    let percent = (ratio.get() - 1.0) * 100.0;
    match percent.abs() {
        // A minus sign in front of nothing is noise.
        p if p < 0.05 => "0.0 %".to_owned(),
        p if p < 99.95 => format!("{percent:+.1} %"),
        p if p < 999.5 => format!("{percent:+.0} %"),
        _ => format!("{}×", digits(ratio.get())),
    }
}

fn scaled(value: f64, units: &[(f64, &str)]) -> String {
    let fallback = units.last().copied().unwrap_or((1.0, ""));
    // The rounded number decides: 999.96 ns are shown as 1.000 µs.
    let (scale, unit) = units
        .iter()
        .copied()
        .find(|(scale, _)| value >= scale * 0.999_95)
        .unwrap_or(fallback);
    format!("{} {unit}", digits(value / scale))
}

fn digits(value: f64) -> String {
    match value.abs() {
        v if v < 9.9995 => format!("{value:.3}"),
        v if v < 99.995 => format!("{value:.2}"),
        v if v < 999.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_scale_to_what_suits_them() {
        let time = |ns| quantity(ns, &Unit::NANOSECONDS);
        assert_eq!(time(0.2512), "0.251 ns");
        assert_eq!(time(999.96), "1.000 µs");
        assert_eq!(time(999.9), "999.9 ns");
        assert_eq!(time(12_345.0), "12.35 µs");
        assert_eq!(time(3.2e10), "32.00 s");
    }

    #[test]
    fn what_is_only_known_to_be_below_something_says_so() {
        let time = |value| amount(value, &Unit::NANOSECONDS);
        assert_eq!(time(Corrected::About(12.3)), "12.30 ns");
        assert_eq!(time(Corrected::Below(0.271)), "< 0.271 ns");
    }

    #[test]
    fn bytes_and_counts_scale_too() {
        assert_eq!(quantity(1536.0, &Unit::BYTES), "1.500 KiB");
        assert_eq!(quantity(12.0, &Unit::COUNT), "12.00");
        assert_eq!(quantity(12e6, &Unit::COUNT), "12.00 M");
    }

    #[test]
    fn exact_changes_show_what_changed() {
        assert_eq!(change(3.0, 5.0, &Unit::COUNT), "3 → 5");
        assert_eq!(change(1e6, 1e6 + 1.0, &Unit::COUNT), "1000000 → 1000001");
        assert_eq!(change(0.0, 1536.0, &Unit::BYTES), "0 B → 1536 B");
        assert_eq!(
            change(2_097_152.0, 4_194_304.0, &Unit::BYTES),
            "2.000 MiB → 4.000 MiB"
        );
        assert_eq!(
            change(1_048_576.0, 1_048_584.0, &Unit::BYTES),
            "1048576 B → 1048584 B"
        );
    }

    #[test]
    fn rates_are_per_second() {
        let work = Throughput {
            items: Some(1000),
            bytes: Some(2048),
        };
        assert_eq!(rate(work, 1e6), "1.000 M items/s, 1.953 MiB/s");
        assert_eq!(rate(Throughput::default(), 1.0), "");
    }

    #[test]
    fn changes_have_a_sign_and_no_false_precision() {
        let change = |ratio| percent_change(Ratio::new(ratio).unwrap());
        assert_eq!(change(1.2), "+20.0 %");
        assert_eq!(change(0.9), "-10.0 %");
        assert_eq!(change(0.9999), "0.0 %");
        assert_eq!(change(3.5), "+250 %");
        assert_eq!(change(40.0), "40.00×");
    }
}
