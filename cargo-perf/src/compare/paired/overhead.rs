//! Taking off what measuring costs, the same off both sides of all pairs.

use perf_runner::{Launch, PairedRun};
use perf_schema::metric::names;
use perf_schema::{Observed, Overhead};

use super::super::overhead::clock_of;
use super::metrics::Values;

/// The times of `metric` without what measuring costs. Where a side cannot say what that is, as they were read.
///
/// Where one of the sides cannot be told from it, only the clock is taken off: what is left of the loop would be a ratio of
/// chances.
pub(super) fn corrected(metric: &str, run: &PairedRun, times: Values) -> Values {
    let Some(overhead) = overhead(metric, run) else {
        return times;
    };
    let below = (
        below(&times.baseline, overhead),
        below(&times.candidate, overhead),
    );
    let told = below == (None, None);
    let correct = |ns: f64| {
        if told {
            overhead.corrected(ns)
        } else {
            overhead.without_clock(ns)
        }
    };
    let all = |side: Vec<Vec<f64>>| -> Vec<Vec<f64>> {
        side.into_iter()
            .map(|samples| samples.into_iter().map(correct).collect())
            .collect()
    };
    Values {
        below,
        baseline: all(times.baseline),
        candidate: all(times.candidate),
        ..times
    }
}

/// What it cost to measure a time, by the launches of both sides together.
fn overhead(metric: &str, run: &PairedRun) -> Option<Overhead> {
    Some(Overhead {
        loop_ns: typical(names::LOOP, run)?,
        clock_ns: typical(clock_of(metric)?, run)?,
        batch: run.batch?,
    })
}

/// The median over the launches of both sides; `None` unless both have seen it.
fn typical(name: &str, run: &PairedRun) -> Option<f64> {
    let seen = |pick: fn(&perf_runner::PairedLaunch) -> &Launch| -> Vec<f64> {
        run.launches
            .iter()
            .filter_map(|pair| match pick(pair).observed.get(name) {
                Some(Observed::Value { values, .. }) => Some(values.as_slice()),
                Some(Observed::Absent { .. }) | None => None,
            })
            .flatten()
            .copied()
            .collect()
    };
    let (old, new) = (seen(|pair| &pair.baseline), seen(|pair| &pair.candidate));
    if old.is_empty() || new.is_empty() {
        return None;
    }
    perf_stats::median(&[old, new].concat()).ok()
}

/// What the typical value of a side is below of, if it cannot be told from what measuring costs.
fn below(side: &[Vec<f64>], overhead: Overhead) -> Option<f64> {
    let medians: Vec<f64> = side
        .iter()
        .filter_map(|samples| perf_stats::median(samples).ok())
        .collect();
    overhead.amount(perf_stats::median(&medians).ok()?).below()
}

#[cfg(test)]
mod tests {
    use super::super::metrics::wall;
    use super::*;
    use perf_runner::PairedLaunch;
    use perf_schema::Unit;

    /// A launch of batches of ten iterations that saw the overhead given.
    fn launch(wall_ns: u64, seen: Option<(f64, f64)>) -> Launch {
        let mut launch = Launch {
            wall_ns: vec![wall_ns; 3],
            ..Launch::default()
        };
        if let Some((loop_ns, clock_ns)) = seen {
            for (name, ns) in [(names::LOOP, loop_ns), (names::CLOCK, clock_ns)] {
                let observed = Observed::context(Unit::NANOSECONDS, ns);
                launch.observed.insert(name.to_owned(), observed);
            }
        }
        launch
    }

    fn run(baseline: &Launch, candidate: &Launch) -> PairedRun {
        let pair = PairedLaunch {
            baseline: baseline.clone(),
            candidate: candidate.clone(),
            baseline_first: true,
        };
        PairedRun {
            batch: Some(10),
            launches: vec![pair; 4],
            ..PairedRun::default()
        }
    }

    fn walls(baseline: &Launch, candidate: &Launch) -> (f64, f64, (Option<f64>, Option<f64>)) {
        let values = wall(&run(baseline, candidate));
        (values.baseline[0][0], values.candidate[0][0], values.below)
    }

    #[test]
    fn both_sides_pay_the_same_whatever_each_thinks_of_it() {
        let old = launch(1000, Some((0.3, 20.0)));
        let new = launch(2000, Some((0.9, 80.0)));
        // The median of 20 and 80 is that of both sides, ten iterations to a sample.
        assert_eq!(walls(&old, &new), (95.0, 195.0, (None, None)));
    }

    #[test]
    fn where_one_side_does_not_know_nothing_is_taken_off() {
        let old = launch(1000, None);
        let new = launch(2000, Some((0.3, 20.0)));
        assert_eq!(walls(&old, &new), (100.0, 200.0, (None, None)));
    }

    #[test]
    fn a_side_that_cannot_be_told_keeps_its_loop_and_so_does_the_other() {
        let old = launch(50, Some((3.0, 0.0)));
        let new = launch(30, Some((3.0, 0.0)));
        assert_eq!(walls(&old, &new), (5.0, 3.0, (None, Some(3.0))));
    }
}
