//! How the time of a benchmark grows over an axis of numbers.

use perf_schema::{BenchId, BenchmarkRecord};
use perf_stats::{Growth, Law, MIN_SIZES};

use super::times::Times;
use super::{Grown, faster_times};
use crate::compare::family::{Family, families};

/// Over a smaller range than this, largest size over smallest, hardly a law can be told from the next.
const LEAST_RANGE: f64 = 10.0;

/// A benchmark whose cases are a sweep: those that differ by the value of one axis of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Swept {
    /// The benchmark, with the values of its other axes.
    pub id: BenchId,
    /// The axis.
    pub axis: String,
    /// Its cases, by the value that each has, in rising order; at least one.
    pub cases: Vec<(f64, BenchId)>,
    /// How its time grows.
    pub grown: Grown,
}

impl Swept {
    /// The sweeps among some benchmarks: where a promise was made, and where there are values enough over a range that is wide
    /// enough.
    #[must_use]
    pub fn all(benchmarks: &[BenchmarkRecord]) -> Vec<Self> {
        sweeps(benchmarks).into_iter().map(Self::of).collect()
    }

    fn of((family, sizes): (Family<&BenchmarkRecord>, Sized<'_>)) -> Self {
        let any_failed = sizes.iter().any(|(_, case)| case.outcome.failed > 0);
        // What failed is told as failed, and keeps or breaks no promise.
        let promised = promise(&family).filter(|_| !any_failed);
        Self {
            grown: Grown::of_times(&Times::of_cases(sizes.iter().copied()), promised),
            cases: sizes
                .iter()
                .map(|(size, case)| (*size, case.id.clone()))
                .collect(),
            id: family.id,
            axis: family.axis,
        }
    }

    /// The smallest value of the axis and the largest.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        let end = |end: Option<&(f64, BenchId)>| end.map_or(1.0, |(size, _)| *size);
        (end(self.cases.first()), end(self.cases.last()))
    }

    /// Sweeps whose time certainly grows faster than that of the same cases did. `then` knows the records of a case.
    #[must_use]
    pub fn faster<'a, 'b>(
        now: &'a [BenchmarkRecord],
        then: impl Fn(&BenchId) -> Vec<&'b BenchmarkRecord>,
    ) -> Vec<(BenchId, String, (Growth, Growth))> {
        let grew = |(family, sizes): (Family<&BenchmarkRecord>, Sized<'_>)| {
            let stored = sizes
                .iter()
                .flat_map(|(size, case)| then(&case.id).into_iter().map(|case| (*size, case)));
            let then = Times::of_cases(stored);
            let growths = faster_times(&then, &Times::of_cases(sizes.iter().copied()))?;
            Some((family.id, family.axis, growths))
        };
        sweeps(now).into_iter().filter_map(grew).collect()
    }
}

/// Whether the sizes of a family say how time grows, promised or not.
#[must_use]
pub fn is_swept<T>(sizes: &[(f64, T)]) -> bool {
    let range = sizes.first().zip(sizes.last());
    sizes.len() >= MIN_SIZES && range.is_some_and(|(least, most)| most.0 / least.0 >= LEAST_RANGE)
}

/// Cases with their sizes, in rising order.
type Sized<'a> = Vec<(f64, &'a BenchmarkRecord)>;

fn sweeps(benchmarks: &[BenchmarkRecord]) -> Vec<(Family<&BenchmarkRecord>, Sized<'_>)> {
    // Of a limit the levels are the sweep.
    let timed = benchmarks
        .iter()
        .filter(|benchmark| benchmark.limit.is_none());
    let cases = timed.map(|benchmark| (&benchmark.id, &benchmark.parameters, benchmark));
    let sized = families(cases).into_iter().filter_map(|family| {
        let sizes = family.sizes()?;
        let counts = promise(&family).is_some() || is_swept(&sizes);
        counts.then_some((family, sizes))
    });
    sized.collect()
}

/// What is promised of the axis that the members of a family differ by. They promise the same, but for cases that a change has added to
/// those it is held to the baseline's promise of: then the slowest growth counts.
fn promise<'a>(family: &Family<&'a BenchmarkRecord>) -> Option<&'a str> {
    let fits = family
        .members
        .iter()
        .filter_map(|(_, case)| case.fit.as_ref());
    fits.filter(|fit| fit.axis == family.axis)
        .map(|fit| fit.law.as_str())
        .min_by_key(|law| {
            law.parse::<Law>()
                .map_or((true, None), |law| (false, Some(law)))
        })
}

#[cfg(test)]
mod tests {
    use perf_schema::{Better, Fit, Metric, Samples, Unit};

    use super::*;
    use crate::compare::Standing;
    use crate::store::fixture::benchmark;

    fn times(ns: f64) -> Metric {
        Metric::Measured {
            unit: Unit::NANOSECONDS,
            better: Better::Lower,
            exact: false,
            samples: Samples::quantise(&vec![vec![ns]; 5]).unwrap(),
        }
    }

    /// A case for each size, whose wall time and CPU time follow these.
    fn cases(sizes: &[f64], wall: fn(f64) -> f64, cpu: fn(f64) -> f64) -> Vec<BenchmarkRecord> {
        let case = |&n: &f64| {
            let mut case = benchmark(&format!("f[n={n},way=a]"));
            case.parameters = [("n", n.to_string()), ("way", "a".to_owned())]
                .map(|(axis, value)| (axis.to_owned(), value))
                .into();
            case.metrics = [("wall", times(wall(n))), ("cpu", times(cpu(n)))]
                .map(|(name, metric)| (name.to_owned(), metric))
                .into();
            case
        };
        sizes.iter().map(case).collect()
    }

    fn promising(law: &str, mut cases: Vec<BenchmarkRecord>) -> Vec<BenchmarkRecord> {
        for case in &mut cases {
            case.fit = Some(Fit {
                axis: "n".to_owned(),
                law: law.to_owned(),
            });
        }
        cases
    }

    const SIZES: [f64; 6] = [10.0, 40.0, 160.0, 640.0, 2560.0, 10_240.0];

    fn line(n: f64) -> f64 {
        50.0 + 3.0 * n
    }

    fn square(n: f64) -> f64 {
        50.0 + 0.1 * n * n
    }

    #[test]
    fn cases_that_differ_by_a_size_are_a_sweep() {
        let found = Swept::all(&cases(&SIZES, line, line));
        assert_eq!(found.len(), 1, "the axis `way` is none");
        let Swept {
            id,
            axis,
            cases,
            grown,
        } = &found[0];
        assert_eq!(
            (id.in_package(), axis.as_str()),
            ("cpu::f[way=a]".to_owned(), "n")
        );
        assert_eq!((cases.len(), found[0].range()), (6, (10.0, 10_240.0)));
        assert_eq!(cases[1].1.in_package(), "cpu::f[n=40,way=a]");
        assert_eq!(grown.growth.as_ref().unwrap().law(), Some(Law::Linear));
        assert_eq!(grown.promise, None);
    }

    #[test]
    fn few_sizes_and_a_narrow_range_are_no_sweep_unless_something_is_promised() {
        let few = cases(&SIZES[..4], line, line);
        assert_eq!(Swept::all(&few), []);
        let narrow: Vec<f64> = (10..20).map(f64::from).collect();
        assert_eq!(Swept::all(&cases(&narrow, line, line)), []);
        let promised = Swept::all(&promising("n", few));
        let promise = promised[0].grown.promise.as_ref().unwrap();
        assert_eq!(promise.standing, Standing::Open);
        assert!(promise.reason.as_ref().unwrap().contains("(4 of 5)"));
    }

    #[test]
    fn a_promise_is_broken_where_wall_and_cpu_time_say_so() {
        let standing = |cases| {
            let found = Swept::all(&promising("n log n", cases));
            found[0].grown.promise.as_ref().unwrap().standing
        };
        assert_eq!(standing(cases(&SIZES, line, line)), Standing::Kept);
        assert_eq!(standing(cases(&SIZES, square, square)), Standing::Broken);
        assert_eq!(standing(cases(&SIZES, square, line)), Standing::Open);
        let mut without_cpu = cases(&SIZES, square, line);
        for case in &mut without_cpu {
            case.metrics.remove("cpu");
        }
        assert_eq!(standing(without_cpu), Standing::Broken);
    }

    #[test]
    fn a_case_that_is_added_takes_no_promise_from_the_others() {
        let mut grown = promising("n log n", cases(&SIZES, square, square));
        grown[0].fit = None;
        assert!(Swept::all(&grown)[0].grown.is_broken());
        grown[1].fit.as_mut().unwrap().law = "n²".to_owned();
        assert!(Swept::all(&grown)[0].grown.is_broken());
    }

    #[test]
    fn what_failed_keeps_and_breaks_no_promise() {
        let mut failed = promising("n", cases(&SIZES, square, square));
        failed[2].outcome.failed = 1;
        let found = Swept::all(&failed);
        assert_eq!(found[0].grown.promise, None);
        assert!(found[0].grown.growth.is_ok(), "of the five that are left");
    }

    #[test]
    fn growth_is_set_beside_that_of_the_same_cases() {
        let (slow, quick) = (cases(&SIZES, square, square), cases(&SIZES, line, line));
        let faster = |now: &[BenchmarkRecord], then: &[BenchmarkRecord]| {
            let of = |id: &BenchId| then.iter().filter(|case| case.id == *id).collect();
            Swept::faster(now, of).len()
        };
        assert_eq!(faster(&slow, &quick), 1);
        assert_eq!(faster(&quick, &slow), 0);
        assert_eq!(faster(&quick, &quick), 0);
        assert_eq!(faster(&slow, &[]), 0);
    }
}
