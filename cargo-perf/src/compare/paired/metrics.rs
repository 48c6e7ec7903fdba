//! The metrics of a run of pairs, as the judge wants them.

use std::collections::{BTreeMap, BTreeSet};

use perf_runner::{Launch, PairedRun};
use perf_schema::metric::names;
use perf_schema::{Better, Meaning, MetricName, Observed, Unit};

use super::super::rule::{DecisionRule, Floor, Policy};
use super::overhead::corrected;

/// The values of one metric: of each pair the samples of either side, for one iteration.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Values {
    pub(super) meaning: Meaning,
    /// The change that is not spoken of, where that is another one than a time's.
    pub(super) floor: Option<Floor>,
    /// What the sides are below of, where they cannot be told from what measuring costs.
    pub(super) below: (Option<f64>, Option<f64>),
    pub(super) baseline: Vec<Vec<f64>>,
    pub(super) candidate: Vec<Vec<f64>>,
}

/// Of what is the same each time any difference is spoken of.
const NO_FLOOR: Floor = Floor {
    relative: 0.0,
    absolute: 0.0,
};

/// What there is of a metric.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    Values(Values),
    /// It cannot be compared, for a reason that more measuring would not remove.
    Incomparable(Meaning, String),
}

/// Wall time.
pub(super) fn wall(run: &PairedRun) -> Values {
    times(names::WALL, run, |launch| &launch.wall_ns)
}

/// CPU time.
pub(super) fn cpu(run: &PairedRun) -> Values {
    times(names::CPU, run, |launch| &launch.cpu_ns)
}

/// Every metric that is judged, wall time first. Those that neither side could measure are left out.
pub(super) fn all(run: &PairedRun) -> Vec<(MetricName, Found)> {
    let mut found = vec![
        (names::WALL.to_owned(), Found::Values(wall(run))),
        (names::CPU.to_owned(), Found::Values(cpu(run))),
    ];
    let observed = run.launches.iter().flat_map(|pair| {
        let both = [&pair.baseline, &pair.candidate];
        both.into_iter().flat_map(|launch| launch.observed.keys())
    });
    for name in observed.collect::<BTreeSet<_>>() {
        if let Some(metric) = metric(run, name) {
            found.push((name.clone(), metric));
        }
    }
    found
}

/// A time without what measuring costs.
fn times(name: &str, run: &PairedRun, pick: fn(&Launch) -> &[u64]) -> Values {
    let batch = run.batch.unwrap_or(1).max(1) as f64;
    let each = |launch: &Launch| pick(launch).iter().map(|&ns| ns as f64 / batch).collect();
    let as_read = Values {
        meaning: Meaning {
            unit: Unit::NANOSECONDS,
            better: Better::Lower,
            exact: false,
        },
        floor: None,
        below: (None, None),
        baseline: run.launches.iter().map(|p| each(&p.baseline)).collect(),
        candidate: run.launches.iter().map(|p| each(&p.candidate)).collect(),
    };
    corrected(name, run, as_read)
}

fn metric(run: &PairedRun, name: &str) -> Option<Found> {
    let sides = [
        Observations::of(run.launches.iter().map(|pair| &pair.baseline), name),
        Observations::of(run.launches.iter().map(|pair| &pair.candidate), name),
    ];
    let meaning = sides.iter().find_map(|side| side.meaning.clone())?;
    let floor = match DecisionRule::screen().policy(name, &meaning) {
        Policy::Context => return None,
        Policy::Exact => Some(NO_FLOOR),
        // Side by side one batch size holds for both, so what is of the whole process can be compared as well.
        Policy::Noisy { floor, gauged, .. } => Some(floor).filter(|_| !gauged),
    };
    let [baseline, candidate] = sides;
    let why = match (&baseline.meaning, &candidate.meaning) {
        (Some(old), Some(new)) if old != new => {
            Some("its unit or direction is not the same on both sides".to_owned())
        }
        (None, _) => Some(format!(
            "the baseline could not be measured: {}",
            baseline.why()
        )),
        (_, None) => Some(format!(
            "the candidate could not be measured: {}",
            candidate.why()
        )),
        _ => None,
    };
    if let Some(why) = why {
        return Some(Found::Incomparable(meaning, why));
    }
    let both = baseline.values.iter().zip(&candidate.values);
    let (baseline, candidate) = both
        .filter_map(|(old, new)| Some((old.clone()?, new.clone()?)))
        .unzip();
    Some(Found::Values(Values {
        meaning,
        floor,
        below: (None, None),
        baseline,
        candidate,
    }))
}

/// What the launches of one side saw of a metric.
#[derive(Default)]
struct Observations {
    /// That of the first value. Values of another meaning are of another metric.
    meaning: Option<Meaning>,
    values: Vec<Option<Vec<f64>>>,
    reason: Option<String>,
}

impl Observations {
    fn of<'a>(launches: impl Iterator<Item = &'a Launch>, name: &str) -> Self {
        let mut side = Self::default();
        for launch in launches {
            let observed: &BTreeMap<MetricName, Observed> = &launch.observed;
            let value = match observed.get(name) {
                Some(Observed::Value { meaning, values }) => {
                    let first = side.meaning.get_or_insert_with(|| meaning.clone());
                    (first == meaning).then(|| values.clone())
                }
                Some(Observed::Absent { reason }) => {
                    side.reason.get_or_insert_with(|| reason.clone());
                    None
                }
                None => None,
            };
            side.values.push(value);
        }
        side
    }

    fn why(&self) -> &str {
        self.reason.as_deref().unwrap_or("it gave no value")
    }
}
