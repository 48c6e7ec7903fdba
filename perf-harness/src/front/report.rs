//! The table under `cargo bench`: what libtest's line has no room for.

use perf_runner::{Case, CaseRun};
use perf_schema::metric::names;
use perf_schema::{Corrected, Hint, Observed, Overhead, Unit};

use super::limits;

/// A case in three numbers, without what measuring costs.
pub(crate) struct Seen {
    /// Median over launches of the median sample of each, per iteration.
    pub(crate) median: Corrected,
    /// Half the distance between the quartiles over launches.
    pub(crate) spread_ns: f64,
    /// The fastest sample.
    pub(crate) fastest: Corrected,
    /// What the author should know of it.
    pub(crate) hint: Option<Hint>,
}

/// What was seen of a case; `None` when it gave no samples.
pub(crate) fn seen(run: &CaseRun) -> Option<Seen> {
    let overhead = overhead(run, names::CLOCK)?;
    let batch = run.batch? as f64;
    let mut launches = Vec::new();
    let mut fastest_ns = f64::INFINITY;
    for launch in &run.launches {
        let samples: Vec<f64> = launch.wall_ns.iter().map(|&ns| ns as f64 / batch).collect();
        fastest_ns = samples.iter().copied().fold(fastest_ns, f64::min);
        launches.push(perf_stats::median(&samples).ok()?);
    }
    let quantile = |q| perf_stats::quantile(&launches, q).ok();
    let median_ns = quantile(0.5)?;
    Some(Seen {
        median: overhead.amount(median_ns),
        spread_ns: (quantile(0.75)? - quantile(0.25)?) / 2.0,
        fastest: overhead.amount(fastest_ns),
        hint: overhead.hint(median_ns),
    })
}

/// What it cost to measure a case by the clock of that name: the median over launches. What no launch saw counts as nothing.
pub(super) fn overhead(run: &CaseRun, clock: &str) -> Option<Overhead> {
    let typical = |name: &str| {
        let observed = run.launches.iter().filter_map(|l| l.observed.get(name));
        let seen: Vec<f64> = observed
            .filter_map(|seen| match seen {
                Observed::Value { values, .. } => Some(values.as_slice()),
                Observed::Absent { .. } => None,
            })
            .flatten()
            .copied()
            .collect();
        perf_stats::median(&seen).unwrap_or(0.0)
    };
    Some(Overhead {
        loop_ns: typical(names::LOOP),
        clock_ns: typical(clock),
        batch: run.batch?,
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
                let spread = seen.median.about().map_or(String::new(), |median_ns| {
                    format!("±{:.1} %", 100.0 * seen.spread_ns / median_ns)
                });
                let (median, fastest) = (shown(seen.median), shown(seen.fastest));
                format!(
                    "{name}{padding}  {median:>10}  {spread:>9}  {fastest:>10}  {}",
                    run.launches.len()
                )
            }
            (None, None) => match &run.limit {
                Some(limit) => format!("{name}{padding}  {}", limits::told(limit)),
                None => format!("{name}{padding}  gave no samples"),
            },
        };
        text.push_str(&line);
        text.push('\n');
    }
    for (case, run) in cases.iter().zip(runs) {
        if let Some(hint) = seen(run).and_then(|seen| seen.hint) {
            text.push_str(&format!("hint: `{}` {hint}\n", case.description.name));
        }
    }
    text
}

/// A value in its unit.
pub(crate) fn amount(value: f64, unit: &Unit) -> String {
    match unit.as_str() {
        "ns" => time(value),
        "1" => format!("{value}"),
        // A rate is computed, and its decimals say nothing.
        rate @ ("items/s" | "B/s") => format!("{value:.0} {rate}"),
        other => format!("{value} {other}"),
    }
}

fn shown(seen: Corrected) -> String {
    match seen {
        Corrected::About(ns) => time(ns),
        Corrected::Below(ns) => format!("< {}", time(ns)),
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
        assert_eq!(seen.median, Corrected::About(12.5));
        assert!((seen.spread_ns - 0.875).abs() < 1e-9, "{}", seen.spread_ns);
        assert_eq!(seen.fastest, Corrected::About(10.0));
        assert_eq!(seen.hint, None);
    }

    fn observing(wall_ns: u64, loop_ns: f64, clock_ns: f64) -> Launch {
        let context = |ns| Observed::context(Unit::NANOSECONDS, ns);
        Launch {
            wall_ns: vec![wall_ns],
            observed: [(names::LOOP, loop_ns), (names::CLOCK, clock_ns)]
                .map(|(name, ns)| (name.to_owned(), context(ns)))
                .into(),
            ..Launch::default()
        }
    }

    #[test]
    fn what_measuring_costs_is_taken_off_by_its_median_over_launches() {
        let run = CaseRun {
            batch: Some(10),
            launches: vec![
                observing(1020, 0.3, 20.0),
                observing(1020, 0.3, 20.0),
                observing(1020, 0.3, 500.0),
            ],
            ..CaseRun::default()
        };
        assert_eq!(seen(&run).unwrap().median, Corrected::About(100.0));
    }

    #[test]
    fn a_body_that_is_gone_has_no_number_and_a_hint() {
        let run = CaseRun {
            batch: Some(1_000_000),
            launches: vec![observing(310_000, 0.3, 20.0)],
            ..CaseRun::default()
        };
        let seen = seen(&run).unwrap();
        assert_eq!(shown(seen.median), "< 0.310 ns");
        assert!(matches!(seen.hint, Some(Hint::OptimisedAway { .. })));
    }
}
