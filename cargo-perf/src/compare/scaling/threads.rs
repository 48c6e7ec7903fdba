//! Threads of a benchmark: what was got done by each number of them, by its launches.

use std::collections::BTreeMap;

use perf_schema::metric::names;
use perf_schema::{BenchId, BenchmarkRecord};
use perf_stats::Scaling;

use super::fit;
use crate::compare::family::{Family, THREADS, families};
use crate::compare::side::launch_medians;

/// A benchmark that was measured on several numbers of threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Threaded {
    /// The benchmark, with the values of its other axes.
    pub id: BenchId,
    /// Iterations in a second of all threads together, by the number of them: of each launch its median. What failed has none.
    pub levels: BTreeMap<u64, Vec<f64>>,
    /// How it scales, or why that cannot be told.
    pub scaling: Result<Scaling, String>,
}

impl Threaded {
    /// Those among some benchmarks, in the order of their names.
    #[must_use]
    pub fn all(benchmarks: &[BenchmarkRecord]) -> Vec<Self> {
        let cases = benchmarks
            .iter()
            .map(|case| (&case.id, &case.parameters, case));
        let families = families(cases).into_iter();
        families.filter(is_of_threads).map(Self::of).collect()
    }

    fn of(family: Family<&BenchmarkRecord>) -> Self {
        let members = family.members.iter();
        let levels: BTreeMap<u64, Vec<f64>> = members
            .filter_map(|(threads, case)| level(threads, case))
            .collect();
        Self {
            scaling: fit(levels.clone()),
            id: family.id,
            levels,
        }
    }
}

/// Whether a family's members differ by how many threads they have.
#[must_use]
pub fn is_of_threads<T>(family: &Family<T>) -> bool {
    family.axis == THREADS && family.members.len() > 1
}

/// A number of threads, and what they got done: the time of an iteration is that in which every thread did one.
fn level(threads: &str, case: &BenchmarkRecord) -> Option<(u64, Vec<f64>)> {
    let threads: u64 = threads.parse().ok().filter(|&threads| threads > 0)?;
    if case.outcome.failed > 0 {
        return None;
    }
    let times = launch_medians(case, names::WALL)?;
    let is_known = !times.is_empty() && times.iter().all(|&ns| ns > 0.0);
    let per_second = |ns: f64| threads as f64 * 1e9 / ns;
    is_known.then(|| (threads, times.into_iter().map(per_second).collect()))
}

#[cfg(test)]
pub(crate) mod tests {
    use perf_schema::{Better, Metric, Samples, Unit};

    use super::*;
    use crate::store::fixture::benchmark;

    /// A case for each number of threads, on each of which an iteration takes so long, give or take a thousandth.
    pub(crate) fn cases(name: &str, times: &[(u64, f64)]) -> Vec<BenchmarkRecord> {
        let case = |&(threads, ns): &(u64, f64)| {
            let mut case = benchmark(&format!("{name}[locks=1,threads={threads}]"));
            case.parameters = [("locks", "1".to_owned()), ("threads", threads.to_string())]
                .map(|(axis, value)| (axis.to_owned(), value))
                .into();
            let launches = [0.999, 1.0, 1.001, 1.0005, 0.9995].map(|luck| vec![ns * luck]);
            let wall = Metric::Measured {
                unit: Unit::NANOSECONDS,
                better: Better::Lower,
                exact: false,
                samples: Samples::quantise(&launches).unwrap(),
            };
            case.metrics = [("wall".to_owned(), wall)].into();
            case
        };
        times.iter().map(case).collect()
    }

    /// The time of an iteration where a share of it is done by one thread at a time, and each pair costs so much.
    fn law(threads: u64, sigma: f64, kappa: f64) -> (u64, f64) {
        let n = threads as f64;
        (
            threads,
            1000.0 * (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0)),
        )
    }

    #[test]
    fn contention_of_threads_is_found_again() {
        let times = [1, 2, 4, 8, 16].map(|n| law(n, 0.1, 0.002));
        let found = Threaded::all(&cases("map", &times));
        assert_eq!(found.len(), 1, "the axis `locks` is none");
        let Threaded {
            id,
            levels,
            scaling,
        } = &found[0];
        assert_eq!(id.in_package(), "cpu::map[locks=1]");
        assert_eq!(levels.keys().copied().collect::<Vec<_>>(), [1, 2, 4, 8, 16]);
        let alone = perf_stats::median(&levels[&1]).unwrap();
        assert!((alone / 1e6 - 1.0).abs() < 0.01, "{alone}");
        let scaling = scaling.as_ref().unwrap();
        for (found, truth) in [(&scaling.sigma, 0.1), (&scaling.kappa, 0.002)] {
            assert!(found.low <= truth && truth <= found.high, "{scaling:?}");
            assert!((found.value - truth).abs() < 0.1 * truth, "{scaling:?}");
        }
    }

    #[test]
    fn what_few_numbers_of_threads_carry_is_not_told() {
        let few = [1, 2, 4].map(|n| law(n, 0.1, 0.0));
        let found = Threaded::all(&cases("map", &few));
        let why = found[0].scaling.as_ref().unwrap_err();
        assert!(why.contains("there are 3"), "{why}");
        // Of one number there is nothing to be said, nor of what has no such axis.
        assert_eq!(Threaded::all(&cases("map", &few[..1])), []);
        assert_eq!(Threaded::all(&[benchmark("plain")]), []);
    }

    #[test]
    fn what_failed_has_no_throughput() {
        let times = [1, 2, 4, 8, 16].map(|n| law(n, 0.1, 0.0));
        let mut failed = cases("map", &times);
        failed[2].outcome.failed = 1;
        failed[3].metrics.clear();
        let found = Threaded::all(&failed);
        assert_eq!(
            found[0].levels.keys().copied().collect::<Vec<_>>(),
            [1, 2, 16]
        );
        assert!(found[0].scaling.is_err());
    }
}
