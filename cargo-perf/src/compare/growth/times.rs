//! Times over sizes, as searches or the cases of a benchmark have left them, and which of them count.

use std::collections::BTreeMap;

use perf_schema::metric::names;
use perf_schema::{BenchmarkRecord, Level, LimitKind, LimitRecord};
use perf_stats::{Sweep, SweepError};

use crate::compare::side::launch_medians;

/// Shorter times of a search than this, in nanoseconds, are those of entering a process's first call and of reading its clock.
const SHORTEST_NS: f64 = 1_000.0;

/// Why there is no growth of users or of a rate.
const TOLD: &str = "its levels run for as long as they are told to";

/// Sizes in rising order, each with its times in nanoseconds.
type Points = Vec<(f64, Vec<f64>)>;

/// Times over sizes.
pub(super) struct Times {
    /// Or why there are none.
    wall: Result<Points, String>,
    /// Where CPU time has a say: it is known of all, and waiting is not what it is about.
    cpu: Option<Points>,
}

impl Times {
    /// What searches for a limit have seen, together. A level counts where every probe of it passed: those that passed beside others
    /// that broke a cap were the fast ones.
    pub(super) fn of_limits(limits: &[&LimitRecord]) -> Self {
        let mut levels = limits.iter().flat_map(|limit| &limit.levels);
        if levels.any(|level| level.traffic.is_some()) {
            return Self {
                wall: Err(TOLD.to_owned()),
                cpu: None,
            };
        }
        let by_cpu = limits.iter().all(|limit| is_by_cpu(limit));
        Self {
            wall: Ok(of_levels(limits, |level| level.wall_ns)),
            cpu: by_cpu.then(|| of_levels(limits, |level| level.cpu_ns)),
        }
    }

    /// What launches of a benchmark's cases have seen, each with its size. Several runs of one case count together. What failed has
    /// no times.
    pub(super) fn of_cases<'a>(
        cases: impl IntoIterator<Item = (f64, &'a BenchmarkRecord)>,
    ) -> Self {
        let mut cases: Vec<(f64, &BenchmarkRecord)> = cases
            .into_iter()
            .filter(|(_, case)| case.outcome.failed == 0)
            .collect();
        cases.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let points = |metric: &str| {
            let mut points = Points::new();
            for (size, case) in &cases {
                let times = launch_medians(case, metric)?;
                match points.last_mut() {
                    Some((last, known)) if last.total_cmp(size).is_eq() => known.extend(times),
                    _ => points.push((*size, times)),
                }
            }
            Some(points)
        };
        Self {
            wall: Ok(points(names::WALL).unwrap_or_default()),
            cpu: points(names::CPU),
        }
    }

    /// The sweep of wall times.
    ///
    /// # Errors
    /// With the reason, where there is none.
    pub(super) fn by_wall(&self) -> Result<Sweep, String> {
        sweep(self.wall.as_ref().map_err(String::clone)?)
    }

    /// The same of CPU times, where those have a say.
    pub(super) fn by_cpu(&self) -> Option<Result<Sweep, String>> {
        self.cpu.as_ref().map(sweep)
    }
}

fn sweep(points: &Points) -> Result<Sweep, String> {
    let (sizes, times): (Vec<f64>, Vec<Vec<f64>>) = points.iter().cloned().unzip();
    Sweep::new(&sizes, &times).map_err(|error| match error {
        SweepError::TooFewSizes { needed, found } => {
            format!("too few levels with a time ({found} of {needed})")
        }
        error => error.to_string(),
    })
}

/// Whether CPU time has a say: it is known, and waiting is not what the limit is of.
fn is_by_cpu(limit: &LimitRecord) -> bool {
    let mut passed = limit.levels.iter().filter(|level| level.passed());
    limit.plan.kind != LimitKind::Timeout && passed.all(|level| level.cpu_ns.is_some())
}

fn of_levels(limits: &[&LimitRecord], time: fn(&Level) -> Option<u64>) -> Points {
    let mut probes: BTreeMap<u64, Vec<&Level>> = BTreeMap::new();
    for level in limits.iter().flat_map(|limit| &limit.levels) {
        probes.entry(level.n).or_default().push(level);
    }
    let sized = probes.iter().filter(|(n, _)| **n > 0);
    sized
        .filter_map(|(&n, probes)| Some((n as f64, of_probes(probes, time)?)))
        .collect()
}

fn of_probes(probes: &[&Level], time: fn(&Level) -> Option<u64>) -> Option<Vec<f64>> {
    let of_one = |level: &&Level| time(level).filter(|_| level.passed());
    let times: Option<Vec<u64>> = probes.iter().map(of_one).collect();
    let times: Vec<f64> = times?.into_iter().map(|ns| ns as f64).collect();
    let typical = perf_stats::median(&times).ok()?;
    let is_usable = typical >= SHORTEST_NS && times.iter().all(|&ns| ns > 0.0);
    is_usable.then_some(times)
}
