//! Variants of one benchmark beside each other: which is the best, and of which it cannot be told.
//!
//! Variants are the cases that differ by the value of one axis whose values are no sizes. All of them were measured in turns in one
//! session, so what sessions differ by is no part of it.

use perf_schema::metric::names;
use perf_schema::{BenchId, BenchmarkRecord};
use perf_stats::{Beside, Confidence, Estimate, Place, Ranking, places};

use super::family::{Family, THREADS, families};
use super::limit::{self, Bracket};
use super::side::launch_medians;
use super::verdict::Verdict;

/// The level at which all that is said of one ranking holds together.
const CONFIDENCE: Confidence = Confidence::P99;

/// A difference in time up to this is not spoken of.
const MARGIN: f64 = 0.01;

/// Variants beside each other, the best first.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// The benchmark, with the values of its other axes.
    pub id: BenchId,
    /// The axis whose values are the variants.
    pub axis: String,
    /// What they are ranked by.
    pub by: By,
    /// The variants.
    pub variants: Vec<Variant>,
    /// Every pair that could be set beside each other, the better placed first.
    pub pairs: Vec<Pairwise>,
    /// Why the places cannot be told, where they cannot.
    pub reason: Option<String>,
}

/// What variants are ranked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Their time, the shortest first.
    Time,
    /// Their limit, the largest first.
    Limit,
}

/// A variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Which case it is.
    pub id: BenchId,
    /// Value of the axis.
    pub value: String,
    /// Nanoseconds of an iteration, the median over launches; of a limit, the largest level that passed.
    pub amount: f64,
    /// The places that it may have.
    pub place: Place,
}

/// One variant beside another, by their places in [`Ranked::variants`].
#[derive(Clone, Debug, PartialEq)]
pub struct Pairwise {
    /// The one.
    pub one: usize,
    /// The other.
    pub other: usize,
    /// Amount of the other over that of the one. Of limits the interval may have no upper end; there is none where a search was
    /// broken off before anything was sure.
    pub ratio: Option<Interval>,
    /// Whether it is sure which is better.
    pub is_sure: bool,
}

/// A ratio with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The ratio.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end; infinite where there is none.
    pub high: f64,
}

impl Ranked {
    /// All rankings among some benchmarks.
    #[must_use]
    pub fn all(benchmarks: &[BenchmarkRecord]) -> Vec<Self> {
        let went_well = benchmarks.iter().filter(|b| b.outcome.failed == 0);
        let cases = went_well.map(|benchmark| (&benchmark.id, &benchmark.parameters, benchmark));
        let is_ranked = |family: &Family<&BenchmarkRecord>| {
            // Which number has the larger limit is a question, where which size takes longer is none.
            is_of_variants(family) || family.members.len() > 1 && is_of_limits(family)
        };
        let variants = families(cases).into_iter().filter(is_ranked);
        variants.filter_map(Self::of).collect()
    }

    fn of(family: Family<&BenchmarkRecord>) -> Option<Self> {
        let mut ranked = if is_of_limits(&family) {
            by_limit(family)
        } else {
            by_time(family)
        }?;
        ranked.sort();
        Some(ranked)
    }

    /// The best first; of those that share their places, in the order of what was seen.
    fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.variants.len()).collect();
        let by = self.by;
        order.sort_by(|&a, &b| {
            let (a, b) = (&self.variants[a], &self.variants[b]);
            let amounts = match by {
                By::Time => a.amount.total_cmp(&b.amount),
                By::Limit => b.amount.total_cmp(&a.amount),
            };
            let places = (a.place.best + a.place.worst).cmp(&(b.place.best + b.place.worst));
            places.then(amounts)
        });
        let mut new_place = vec![0; order.len()];
        for (place, &old) in order.iter().enumerate() {
            new_place[old] = place;
        }
        self.variants = order
            .iter()
            .map(|&old| self.variants[old].clone())
            .collect();
        for pair in &mut self.pairs {
            (pair.one, pair.other) = (new_place[pair.one], new_place[pair.other]);
            if pair.one > pair.other {
                std::mem::swap(&mut pair.one, &mut pair.other);
                pair.ratio = pair.ratio.map(Interval::inverse);
            }
        }
        self.pairs.sort_by_key(|pair| (pair.one, pair.other));
    }

    /// A variant's amount over that of the first, where both were set beside each other.
    #[must_use]
    pub fn to_first(&self, variant: usize) -> Option<&Pairwise> {
        let mut pairs = self.pairs.iter();
        pairs.find(|pair| pair.one == 0 && pair.other == variant)
    }

    /// Those that cannot be told from a variant.
    pub fn tied_with(&self, variant: usize) -> impl Iterator<Item = &Variant> {
        let open = self.pairs.iter().filter(|pair| !pair.is_sure);
        let others = open.filter_map(move |pair| match variant {
            _ if pair.one == variant => Some(pair.other),
            _ if pair.other == variant => Some(pair.one),
            _ => None,
        });
        others.map(|other| &self.variants[other])
    }
}

impl Interval {
    fn inverse(self) -> Self {
        Self {
            value: 1.0 / self.value,
            low: 1.0 / self.high,
            high: 1.0 / self.low,
        }
    }
}

impl From<&Beside> for Pairwise {
    fn from(pair: &Beside) -> Self {
        let Estimate {
            value, low, high, ..
        } = pair.ratio;
        Self {
            one: pair.one,
            other: pair.other,
            ratio: Some(Interval { value, low, high }),
            is_sure: pair.is_sure,
        }
    }
}

fn is_of_limits(family: &Family<&BenchmarkRecord>) -> bool {
    family.members.iter().all(|(_, case)| case.limit.is_some())
}

/// Whether a family's members are variants: two or more, and not sizes, of which more takes longer as a matter of course.
pub fn is_of_variants<T: Copy>(family: &Family<T>) -> bool {
    family.members.len() > 1 && family.axis != THREADS && family.sizes().is_none()
}

fn by_time(family: Family<&BenchmarkRecord>) -> Option<Ranked> {
    let members = family.members.iter();
    let launches = members.map(|(_, case)| launch_medians(case, names::WALL));
    let launches: Vec<Vec<f64>> = launches.collect::<Option<_>>()?;
    let amounts = launches.iter().map(|times| perf_stats::median(times).ok());
    let amounts: Vec<f64> = amounts.collect::<Option<_>>()?;
    let (places, pairs, reason) = match perf_stats::ranking(&launches, MARGIN, CONFIDENCE) {
        Ok(Ranking { places, pairs }) => (places, pairs.iter().map(Pairwise::from).collect(), None),
        Err(error) => {
            let places = places(family.members.len(), |_, _| false);
            (places, Vec::new(), Some(error.to_string()))
        }
    };
    Some(ranked(family, By::Time, amounts, &places, pairs, reason))
}

fn by_limit(family: Family<&BenchmarkRecord>) -> Option<Ranked> {
    let brackets = family
        .members
        .iter()
        .map(|(_, case)| Bracket::of(case)?.ok());
    let brackets: Vec<Bracket> = brackets.collect::<Option<_>>()?;
    let count = brackets.len();
    // Better is what has the larger limit.
    let is_before = |one: usize, other: usize| {
        limit::judge(&brackets[one], &brackets[other]).verdict == Verdict::Regressed
    };
    let places = places(count, is_before);
    let chosen = (0..count).flat_map(|one| (one + 1..count).map(move |other| (one, other)));
    let pairs = chosen.map(|(one, other)| {
        let (value, low, high) = limit::ratio(&brackets[one], &brackets[other]);
        Pairwise {
            one,
            other,
            ratio: (low > 0.0 || high.is_finite()).then_some(Interval { value, low, high }),
            is_sure: is_before(one, other) || is_before(other, one),
        }
    });
    let pairs = pairs.collect();
    let amounts = brackets.iter().map(Bracket::shown).collect();
    Some(ranked(family, By::Limit, amounts, &places, pairs, None))
}

fn ranked(
    family: Family<&BenchmarkRecord>,
    by: By,
    amounts: Vec<f64>,
    places: &[Place],
    pairs: Vec<Pairwise>,
    reason: Option<String>,
) -> Ranked {
    let variants = family.members.into_iter().zip(amounts).zip(places);
    Ranked {
        id: family.id,
        axis: family.axis,
        by,
        variants: variants
            .map(|(((value, case), amount), &place)| Variant {
                id: case.id.clone(),
                value,
                amount,
                place,
            })
            .collect(),
        pairs,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use perf_schema::{Better, Kind, LimitRecord, Metric, Samples, SearchEnd, Unit};

    use super::*;
    use crate::store::fixture::benchmark;

    fn case(way: &str, launches: &[f64]) -> BenchmarkRecord {
        let launches: Vec<Vec<f64>> = launches.iter().map(|&ns| vec![ns]).collect();
        let wall = Metric::Measured {
            unit: Unit::NANOSECONDS,
            better: Better::Lower,
            exact: false,
            samples: Samples::quantise(&launches).unwrap(),
        };
        let mut case = benchmark(&format!("f[way={way}]"));
        case.parameters = [("way".to_owned(), way.to_owned())].into();
        case.metrics = [("wall".to_owned(), wall)].into();
        case
    }

    /// Twelve launches about a centre.
    fn about(centre: f64) -> Vec<f64> {
        (0..12)
            .map(|i| centre * (1.0 + 0.002 * f64::from(i % 5)))
            .collect()
    }

    #[test]
    fn variants_stand_in_the_order_of_their_times_and_ties_share_their_places() {
        let cases = [
            case("format", &about(151.0)),
            case("join", &about(100.0)),
            case("push", &about(150.5)),
        ];
        let found = Ranked::all(&cases);
        assert_eq!(found.len(), 1);
        let ranked = &found[0];
        let told: Vec<(&str, usize, usize)> = ranked
            .variants
            .iter()
            .map(|v| (v.value.as_str(), v.place.best, v.place.worst))
            .collect();
        assert_eq!(told, [("join", 1, 1), ("push", 2, 3), ("format", 2, 3)]);
        let tied: Vec<&str> = ranked.tied_with(1).map(|v| v.value.as_str()).collect();
        assert_eq!(tied, ["format"]);
        let to_first = ranked.to_first(2).unwrap();
        let ratio = to_first.ratio.unwrap();
        assert!(to_first.is_sure && (ratio.value - 1.51).abs() < 0.01);
        assert!(ratio.low > 1.4 && ratio.high < 1.6);
    }

    #[test]
    fn few_launches_rank_nobody() {
        let cases = [case("a", &[100.0, 101.0]), case("b", &[900.0, 901.0])];
        let ranked = Ranked::all(&cases).remove(0);
        assert!(ranked.reason.is_some() && ranked.pairs.is_empty());
        let open = Place { best: 1, worst: 2 };
        assert!(ranked.variants.iter().all(|variant| variant.place == open));
    }

    #[test]
    fn sizes_are_no_variants_and_what_failed_is_none() {
        let sizes = [case("10", &about(1.0)), case("20", &about(2.0))];
        assert_eq!(Ranked::all(&sizes), []);
        let mut cases = [case("a", &about(1.0)), case("b", &about(2.0))];
        cases[1].outcome.failed = 1;
        assert_eq!(Ranked::all(&cases), []);
    }

    /// A search with a memory cap, whose ends are these.
    fn limit(way: &str, pass: u64, fail: Option<u64>) -> BenchmarkRecord {
        let mut limit: LimitRecord = serde_json::from_str(
            r#"{"plan":{"kind":"memory","axis":"n","first":1,"last":4000,"caps":{"memory_bytes":1000000},"precision_ppm":50000,
                "repeats":3,"budget_ms":10000},"end":"found","levels":[]}"#,
        )
        .unwrap();
        (limit.largest_pass, limit.smallest_fail) = (Some(pass), fail);
        if fail.is_none() {
            limit.end = SearchEnd::NotReached;
        }
        let mut case = case(way, &[1.0]);
        case.kind = Kind::Limit;
        case.limit = Some(limit);
        case
    }

    #[test]
    fn the_largest_limit_is_the_best_and_brackets_that_overlap_are_ties() {
        let cases = [
            limit("1", 1000, Some(1040)),
            limit("2", 4000, None),
            limit("3", 1030, Some(1070)),
        ];
        let ranked = Ranked::all(&cases).remove(0);
        assert_eq!(ranked.by, By::Limit);
        let told: Vec<(&str, usize, usize)> = ranked
            .variants
            .iter()
            .map(|v| (v.value.as_str(), v.place.best, v.place.worst))
            .collect();
        assert_eq!(told, [("2", 1, 1), ("3", 2, 3), ("1", 2, 3)]);
        // Nobody knows how much more the best would have taken.
        let to_first = ranked.to_first(2).unwrap();
        let ratio = to_first.ratio.unwrap();
        assert!(to_first.is_sure && ratio.low.abs() < 1e-12);
        assert!(ratio.high < 0.3, "{ratio:?}");
    }

    #[test]
    fn a_search_that_knows_nothing_has_a_tie_and_no_ratio() {
        let mut broken_off = limit("2", 3000, Some(3100));
        if let Some(limit) = &mut broken_off.limit {
            limit.end = SearchEnd::Budget;
        }
        let ranked = Ranked::all(&[limit("1", 1000, Some(1040)), broken_off]).remove(0);
        assert_eq!(
            (ranked.pairs[0].ratio, ranked.pairs[0].is_sure),
            (None, false)
        );
        assert!(
            ranked
                .variants
                .iter()
                .all(|variant| !variant.place.is_sure())
        );
    }
}
