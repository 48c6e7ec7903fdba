//! Self-control of a session by itself: the same code in its earlier and in its later launches.
//!
//! The gauge tells of a machine that is slower as a whole. What slows only memory, or only what waits, it does not see; but it shows in
//! the code itself, whose earlier and later launches must not differ by more than launches do. This costs no time: the
//! launches are there.

use perf_schema::metric::names;
use perf_schema::{BenchmarkRecord, Metric, RunRecord};
use perf_stats::{Confidence, ScreenRule, Spread, choose_summary, median, ratio, screen};

use super::judge::percent;
use super::rule::DecisionRule;
use super::side::{Session, gauges_of};

/// How often launches of a steady machine may be called drifting, in each direction.
const ERROR: f64 = 0.001;

/// How far the same code moved within its session.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The logarithm of the ratio of later to earlier launches, as an amount.
    pub log: f64,
    /// In words.
    pub said: String,
}

/// Whether a benchmark moved within its session, by more than the floor and beyond what its launches scatter by.
#[must_use]
pub fn drift(
    benchmark: &BenchmarkRecord,
    session: Option<Session>,
    rule: &DecisionRule,
) -> Option<Drift> {
    let limit_ns = session.map_or(f64::INFINITY, |session| session.floor_ns * rule.quiet);
    let Some(Metric::Measured { samples, .. }) = benchmark.metrics.get(names::WALL) else {
        return None;
    };
    let launches = samples.launches();
    let gauges = gauges_of(benchmark);
    let matched = gauges.len() == launches.len();
    let quiet: Vec<Vec<f64>> = launches
        .into_iter()
        .enumerate()
        .filter(|(i, _)| !matched || gauges[*i] <= limit_ns)
        .map(|(_, samples)| samples)
        .collect();
    let (earlier, later) = quiet.split_at(quiet.len() / 2);
    let log = moved(earlier, later, rule)?;
    let way = if log > 0.0 { "slower" } else { "faster" };
    let by = percent(log.abs().exp_m1());
    Some(Drift {
        log: log.abs(),
        said: format!(
            "the machine did not hold still: within one session the same code became {by} % {way} from its earlier to its later launches, \
             and the change is not larger than that"
        ),
    })
}

/// The logarithm of the ratio of later to earlier launches, if they differ beyond the floor.
fn moved(earlier: &[Vec<f64>], later: &[Vec<f64>], rule: &DecisionRule) -> Option<f64> {
    let chosen = choose_summary(earlier, later).ok()?;
    let confidence = Confidence::new(1.0 - 2.0 * ERROR).ok()?;
    // Too few launches give no interval at that level; of those nothing is claimed.
    let found = ratio(&chosen.baseline, &chosen.candidate, confidence).ok()?;
    let floor = (rule.floor.absolute / median(&chosen.baseline).ok()?).max(rule.floor.relative);
    let against = ScreenRule {
        floor,
        margin: rule.margin,
        confidence,
    };
    let screened = screen(&found.log_shift(), &Spread::NONE, &against).ok()?;
    let called = screened.p_above_floor.min(screened.p_below_floor) < ERROR;
    called.then(|| found.ratio.ln())
}

/// By how much the machine itself changed from the first third of a session to the last, as a ratio of the gauge's typical values,
/// where that is more than a quiet machine does.
#[must_use]
pub fn sentinel(record: &RunRecord, rule: &DecisionRule) -> Option<f64> {
    let (mut first, mut last) = (Vec::new(), Vec::new());
    let all: Vec<Vec<f64>> = record.benchmarks.iter().map(gauges_of).collect();
    let whole = all.iter().map(Vec::len).max()?;
    // Rounds take one launch of every benchmark: the first of each are the session's first. One that ended before the others has
    // none of the last.
    for gauges in all.iter().filter(|gauges| gauges.len() == whole) {
        let third = gauges.len() / 3;
        first.extend_from_slice(&gauges[..third]);
        last.extend_from_slice(&gauges[gauges.len() - third..]);
    }
    let apart = median(&last).ok()? / median(&first).ok()?;
    (apart.max(1.0 / apart) > rule.quiet).then_some(apart)
}

#[cfg(test)]
mod tests {
    use perf_schema::{Better, Samples, Unit};

    use super::*;
    use crate::store::fixture::Sample;

    /// Launches that scatter by this much, log scale.
    fn launches(count: usize, centre: f64, spread: f64, rng: &mut fastrand::Rng) -> Vec<Vec<f64>> {
        let mut normal = || (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0;
        let mut launch = || {
            let luck = spread * normal();
            (0..4)
                .map(|_| centre * (luck + 0.1 * spread * normal()).exp())
                .collect()
        };
        (0..count).map(|_| launch()).collect()
    }

    /// A benchmark whose launches had these gauges beside them.
    fn gauged(record: &mut RunRecord, index: usize, gauges: &[f64]) {
        let samples: Vec<Vec<f64>> = gauges.iter().map(|&gauge| vec![gauge]).collect();
        let gauge = Metric::Measured {
            unit: Unit::NANOSECONDS,
            better: Better::Lower,
            exact: false,
            samples: Samples::quantise(&samples).unwrap(),
        };
        let metrics = &mut record.benchmarks[index].metrics;
        metrics.insert(names::GAUGE.to_owned(), gauge);
    }

    #[test]
    fn what_ended_early_says_nothing_of_the_end_of_a_session() {
        let rule = DecisionRule::screen();
        let mut record = Sample::new().benches(&["a", "b", "c"]).record();
        // One case runs on while the machine slows down; the others had enough in its first rounds.
        let whole: Vec<f64> = (0..30)
            .map(|i| if i < 15 { 1000.0 } else { 1100.0 })
            .collect();
        gauged(&mut record, 0, &[1000.0; 15]);
        gauged(&mut record, 1, &whole);
        gauged(&mut record, 2, &[1000.0; 27]);
        let apart = sentinel(&record, &rule).unwrap();
        assert!((apart - 1.1).abs() < 0.01, "{apart}");
        gauged(&mut record, 1, &[1000.0; 30]);
        assert_eq!(sentinel(&record, &rule), None);
    }

    #[test]
    fn a_drift_is_seen_and_its_size_told() {
        let mut rng = fastrand::Rng::with_seed(1);
        let rule = DecisionRule::screen();
        let (earlier, later) = (
            launches(15, 100.0, 0.005, &mut rng),
            launches(15, 106.0, 0.005, &mut rng),
        );
        let log = moved(&earlier, &later, &rule).unwrap();
        assert!((log - 0.058).abs() < 0.01, "{log}");
        let back = moved(&later, &earlier, &rule).unwrap();
        assert!((log + back).abs() < 1e-9);
        // Up to the floor it is not spoken of.
        let near = launches(15, 100.5, 0.005, &mut rng);
        assert_eq!(moved(&earlier, &near, &rule), None);
    }

    #[test]
    fn few_launches_and_none_raise_no_alarm() {
        let mut rng = fastrand::Rng::with_seed(2);
        let rule = DecisionRule::screen();
        let (earlier, later) = (
            launches(4, 100.0, 0.001, &mut rng),
            launches(4, 150.0, 0.001, &mut rng),
        );
        assert_eq!(moved(&earlier, &later, &rule), None);
        assert_eq!(moved(&[], &[], &rule), None);
    }

    #[test]
    fn a_steady_machine_is_hardly_ever_called_drifting() {
        let mut rng = fastrand::Rng::with_seed(3);
        let rule = DecisionRule::screen();
        for spread in [0.002, 0.02, 0.2] {
            let alarms = (0..2000)
                .filter(|_| {
                    let both = launches(30, 100.0, spread, &mut rng);
                    moved(&both[..15], &both[15..], &rule).is_some()
                })
                .count();
            // Two directions at one in a thousand each, and three standard deviations of chance.
            assert!(alarms <= 10, "{alarms} at {spread}");
        }
    }
}
