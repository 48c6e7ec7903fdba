//! The table under `cargo bench`: what libtest's line has no room for.

use perf_runner::{Case, CaseRun};
use perf_schema::Unit;

/// A case in three numbers.
pub(crate) struct Seen {
    /// Median over launches of the median sample of each, per iteration.
    pub(crate) median_ns: f64,
    /// Half the distance between the quartiles over launches.
    pub(crate) spread_ns: f64,
    /// The fastest sample.
    pub(crate) fastest_ns: f64,
}

/// What was seen of a case; `None` when it gave no samples.
pub(crate) fn seen(run: &CaseRun) -> Option<Seen> {
    let batch = run.batch? as f64;
    let mut launches = Vec::new();
    let mut fastest_ns = f64::INFINITY;
    for launch in &run.launches {
        let samples: Vec<f64> = launch.wall_ns.iter().map(|&ns| ns as f64 / batch).collect();
        fastest_ns = samples.iter().copied().fold(fastest_ns, f64::min);
        launches.push(perf_stats::median(&samples).ok()?);
    }
    let quantile = |q| perf_stats::quantile(&launches, q).ok();
    Some(Seen {
        median_ns: quantile(0.5)?,
        spread_ns: (quantile(0.75)? - quantile(0.25)?) / 2.0,
        fastest_ns,
    })
}

/// One line for each case.
pub(crate) fn table(cases: &[Case], runs: &[CaseRun]) -> String {
    let width = cases
        .iter()
        .map(|case| case.description.name.chars().count())
        .max()
        .unwrap_or(0)
        .max(9);
    let mut text = format!(
        "\n{:width$}  {:>10}  {:>9}  {:>10}  launches\n",
        "benchmark", "median", "spread", "fastest"
    );
    for (case, run) in cases.iter().zip(runs) {
        let name = &case.description.name;
        let padding = " ".repeat(width.saturating_sub(name.chars().count()));
        let line = match (run.failures.first(), seen(run)) {
            (Some(failure), _) => format!("{name}{padding}  FAILED: {}", failure.message),
            (None, Some(seen)) => {
                let spread = format!(
                    "±{:.1} %",
                    100.0 * seen.spread_ns / seen.median_ns.max(f64::MIN_POSITIVE)
                );
                let (median, fastest) = (time(seen.median_ns), time(seen.fastest_ns));
                format!(
                    "{name}{padding}  {median:>10}  {spread:>9}  {fastest:>10}  {}",
                    run.launches.len()
                )
            }
            (None, None) => format!("{name}{padding}  gave no samples"),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// A value in its unit.
pub(crate) fn amount(value: f64, unit: &Unit) -> String {
    match unit.as_str() {
        "ns" => time(value),
        "1" => format!("{value}"),
        other => format!("{value} {other}"),
    }
}

/// A time in the unit that suits it, with four digits.
///
/// The reports of cargo-perf have a formatter of their own. The two are not one: a bench binary must not depend on
/// cargo-perf, and what both stand on holds data and no text for people.
fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns if ns < 1e9 => (ns / 1e6, "ms"),
        ns => (ns / 1e9, "s"),
    };
    let decimals = if value < 10.0 {
        3
    } else if value < 100.0 {
        2
    } else {
        1
    };
    format!("{value:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use perf_runner::Launch;

    #[test]
    fn a_time_has_four_digits_in_a_unit_that_suits_it() {
        assert_eq!(time(0.25), "0.250 ns");
        assert_eq!(time(12.344), "12.34 ns");
        assert_eq!(time(999.94), "999.9 ns");
        assert_eq!(time(1_500.0), "1.500 µs");
        assert_eq!(time(2.5e9), "2.500 s");
    }

    #[test]
    fn the_launch_is_what_the_spread_is_made_of() {
        let launch = |samples: [u64; 3]| Launch {
            wall_ns: samples.to_vec(),
            ..Launch::default()
        };
        let run = CaseRun {
            batch: Some(10),
            launches: vec![
                launch([100, 110, 900]),
                launch([120, 130, 125]),
                launch([150, 140, 145]),
            ],
            ..CaseRun::default()
        };
        let seen = seen(&run).unwrap();
        assert!((seen.median_ns - 12.5).abs() < 1e-9);
        assert!((seen.spread_ns - 0.875).abs() < 1e-9, "{}", seen.spread_ns);
        assert!((seen.fastest_ns - 10.0).abs() < 1e-9);
    }
}
