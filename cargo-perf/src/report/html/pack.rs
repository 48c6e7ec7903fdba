//! Series in little room: whole multiples of a scale, and stretches of commits in the place of each.

use std::collections::BTreeMap;

use perf_schema::{BenchId, Sha};

use super::page::{Commits, PageSeries};
use crate::report::printable::printable;
use crate::report::steps::circumstances;
use crate::series::{Mark, MarkKind, Noted, Point, Series};
use crate::trend::{Examined, Step};

/// Characters of a failure or a subject.
const SENTENCE: usize = 300;

/// What a page may hold, counted in numbers of its series. A number takes about four and a half bytes.
const MOST_NUMBERS: usize = 2_400_000;

/// A commit that has points.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    sha: String,
    subject: String,
    time: Option<i64>,
}

/// A series in little room.
#[derive(Clone, Debug)]
pub struct PackedSeries(PageSeries);

/// The series of a report. Each benchmark's are packed before they come, so that never all of them stand unpacked.
#[derive(Debug, Default)]
pub struct Packed {
    commits: BTreeMap<usize, Shown>,
    series: BTreeMap<BenchId, Vec<PageSeries>>,
    /// Place on the line, and text.
    notes: Vec<(usize, String)>,
}

impl Packed {
    /// Takes in the packed series of a benchmark, to be shown in this order; `series` are the same ones.
    pub fn add(&mut self, id: &BenchId, series: &[Series], packed: Vec<PackedSeries>) {
        for point in series.iter().flat_map(|series| &series.points) {
            self.commits
                .entry(point.position)
                .or_insert_with(|| shown(point));
        }
        let packed = packed.into_iter().map(|PackedSeries(page)| page);
        self.series.insert(id.clone(), packed.collect());
    }

    /// Notes the steps of a benchmark's series, the `nth` of those that were taken in.
    pub fn mark(&mut self, id: &BenchId, nth: usize, examined: &Examined) {
        let of_benchmark = self.series.get_mut(id);
        if let Some(series) = of_benchmark.and_then(|all| all.get_mut(nth)) {
            let step = |step: &Step| {
                let at = examined.spots.get(step.at)?.position;
                Some((at, step.ratio, circumstances(step).trim_start().to_owned()))
            };
            series.steps = examined.steps.iter().filter_map(step).collect();
        }
    }

    /// Takes in what is noted of commits.
    pub fn note(&mut self, noted: &[Noted]) {
        let told = |note: &Noted| (note.position, clipped(&note.text));
        self.notes = noted.iter().map(told).collect();
    }

    /// How many commits have points.
    #[must_use]
    pub fn commits(&self) -> usize {
        self.commits.len()
    }

    /// The benchmarks that have any.
    pub fn benchmarks(&self) -> impl Iterator<Item = &BenchId> {
        self.series.keys()
    }

    /// Makes it fit a page and gives what it had to leave out, in words.
    pub(super) fn fit(&mut self) -> Option<String> {
        let all = || self.series.values().flatten();
        if all().map(numbers).sum::<usize>() <= MOST_NUMBERS {
            return None;
        }
        for series in self
            .series
            .values_mut()
            .flat_map(|all| all.iter_mut().skip(1))
        {
            (series.lo, series.hi) = (None, None);
        }
        let said = "Too many points for one page: intervals are drawn for the first metric of each benchmark only";
        let all = || self.series.values().flatten();
        if all().map(numbers).sum::<usize>() <= MOST_NUMBERS {
            return Some(format!("{said}."));
        }
        let each = all().count().max(1);
        let most = (MOST_NUMBERS / each / 3).max(20);
        self.series
            .values_mut()
            .flatten()
            .for_each(|series| newest(series, most));
        Some(format!(
            "{said}, and of each series only the latest {most} points."
        ))
    }

    /// The commits as columns, and of each benchmark its series with places among those commits.
    pub(super) fn take(self) -> (Commits, BTreeMap<BenchId, Vec<PageSeries>>) {
        let ranks: BTreeMap<usize, usize> = self
            .commits
            .keys()
            .enumerate()
            .map(|(rank, &at)| (at, rank))
            .collect();
        let rank = |at: &mut usize| *at = ranks.get(at).copied().unwrap_or_default();
        let mut series = self.series;
        for one in series.values_mut().flatten() {
            one.at.iter_mut().for_each(rank);
            one.at = stretches(&one.at);
            one.marks.iter_mut().for_each(|(at, _)| rank(at));
            one.steps.iter_mut().for_each(|(at, _, _)| rank(at));
            one.failed.iter_mut().for_each(|(at, ..)| rank(at));
            one.launches.iter_mut().for_each(|(at, _)| rank(at));
        }
        let next = |at: usize| ranks.range(at..).next().map(|(_, &rank)| rank);
        let notes = self.notes.into_iter();
        let mut commits = Commits {
            notes: notes
                .filter_map(|(at, text)| Some((next(at)?, text)))
                .collect(),
            ..Commits::default()
        };
        for shown in self.commits.into_values() {
            commits.sha.push(shown.sha);
            commits.subject.push(shown.subject);
            commits.time.push(shown.time);
        }
        (commits, series)
    }
}

/// A commit as it is shown; outside git the record stands in its place.
fn shown(point: &Point) -> Shown {
    match &point.commit {
        Some(commit) => Shown {
            sha: commit.sha.as_str().to_owned(),
            subject: clipped(&commit.subject),
            time: Some(commit.committed),
        },
        None => Shown {
            sha: point
                .records
                .first()
                .map_or(String::new(), |id| id.as_str().to_owned()),
            subject: "a run outside git".to_owned(),
            time: None,
        },
    }
}

/// Packs a series with the medians of launches of some commits. Its steps come later, since which of them stand is told by all
/// series together.
#[must_use]
pub fn pack(series: &Series, launches: &[(Sha, Vec<f64>)]) -> PackedSeries {
    let measured = series
        .points
        .iter()
        .filter_map(|point| Some((point, point.figure?)));
    let measured: Vec<_> = measured.collect();
    let values: Vec<f64> = measured.iter().map(|(_, figure)| figure.value).collect();
    let scale = scale(&values);
    let whole = |value: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates far beyond any amount"
        )]
        let whole = (value / scale).round() as i64;
        whole
    };
    let offset = |pick: fn((f64, f64), f64) -> f64| {
        let offsets = measured.iter().map(|(_, figure)| {
            let ends = figure.interval?;
            Some(whole(pick(ends, figure.value)).max(0))
        });
        let offsets: Vec<Option<i64>> = offsets.collect();
        offsets.iter().any(Option::is_some).then_some(offsets)
    };
    let place = |point: &Point| point.position;
    let of_commit = |sha: &Sha| {
        let mut points = series.points.iter();
        points.find(|point| {
            point
                .commit
                .as_ref()
                .is_some_and(|commit| commit.sha == *sha)
        })
    };
    PackedSeries(PageSeries {
        metric: series.key.metric.clone(),
        unit: printable(series.unit.as_str()),
        better: series.better,
        place: place_of(series),
        scale,
        at: measured.iter().map(|(point, _)| place(point)).collect(),
        c: values.iter().map(|&value| whole(value)).collect(),
        lo: offset(|(low, _), value| value - low),
        hi: offset(|(_, high), value| high - value),
        marks: series
            .points
            .iter()
            .flat_map(|point| {
                point
                    .marks
                    .iter()
                    .map(move |mark| (point.position, mark_in_words(mark)))
            })
            .collect(),
        steps: Vec::new(),
        failed: series
            .points
            .iter()
            .filter_map(|point| {
                let failure = point.failure.as_ref()?;
                let launches = point.passed + point.failed;
                Some((
                    place(point),
                    clipped(&failure.message),
                    point.failed,
                    launches,
                ))
            })
            .collect(),
        launches: launches
            .iter()
            .filter_map(|(sha, medians)| {
                let at = place(of_commit(sha)?);
                Some((at, medians.iter().map(|&value| whole(value)).collect()))
            })
            .collect(),
    })
}

/// A power of ten that leaves the smallest amount four digits. Whole numbers of no great size stay as they are.
fn scale(values: &[f64]) -> f64 {
    let is_whole = |value: &f64| value.fract().abs() < f64::EPSILON && *value < 1e9;
    if values.iter().all(is_whole) {
        return 1.0;
    }
    let positive = values.iter().copied().filter(|&value| value > 0.0);
    let least = positive.fold(f64::INFINITY, f64::min);
    10_f64.powf(least.log10().floor() - 3.0)
}

fn place_of(series: &Series) -> String {
    let build = &series.build;
    let features = match build.features.as_slice() {
        [] => String::new(),
        features => format!(", features {}", features.join(" ")),
    };
    let clock = match series.clock.as_str() {
        "monotonic" => String::new(),
        clock => format!(", clock {clock}"),
    };
    printable(&format!(
        "{} ({}), profile {}{features}{clock}",
        series.cpu, series.key.class, build.profile
    ))
}

fn mark_in_words(mark: &Mark) -> String {
    match mark.kind {
        // Hashes tell nobody anything.
        MarkKind::Definition => "the benchmark was declared anew".to_owned(),
        MarkKind::Dependencies => "Cargo.lock changed".to_owned(),
        kind => clipped(&format!("{}: {} → {}", kind.word(), mark.from, mark.to)),
    }
}

fn clipped(text: &str) -> String {
    let more = text.chars().count() > SENTENCE;
    let text: String = printable(text).chars().take(SENTENCE).collect();
    if more { format!("{text} …") } else { text }
}

/// How many numbers a series is written with.
fn numbers(series: &PageSeries) -> usize {
    let ends = usize::from(series.lo.is_some()) + usize::from(series.hi.is_some());
    series.c.len() * (1 + ends)
}

/// Leaves only the newest points.
fn newest(series: &mut PageSeries, most: usize) {
    let from = series.c.len().saturating_sub(most);
    series.at.drain(..from);
    series.c.drain(..from);
    for ends in [&mut series.lo, &mut series.hi].into_iter().flatten() {
        ends.drain(..from);
    }
}

/// Places as first and length of each stretch without a gap.
fn stretches(at: &[usize]) -> Vec<usize> {
    let mut stretches: Vec<usize> = Vec::new();
    for &place in at {
        match stretches.as_mut_slice() {
            [.., first, length] if *first + *length == place => *length += 1,
            _ => stretches.extend([place, 1]),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::fixture::{series, sha};
    use crate::trend::{TrendRule, examine};

    fn packed(values: &[f64], launches: &[(Sha, Vec<f64>)]) -> Packed {
        let series = series(values);
        let mut all = Packed::default();
        let packed = pack(&series, launches);
        all.add(&series.key.id.clone(), &[series], vec![packed]);
        all
    }

    fn unpacked(series: &PageSeries) -> Vec<f64> {
        series.c.iter().map(|&c| c as f64 * series.scale).collect()
    }

    #[test]
    fn values_come_back_within_a_thousandth() {
        let values = [0.271, 12.5, 1234.567, 9.9e8];
        let scale = scale(&values);
        assert!((scale - 1e-4).abs() < 1e-12);
        let packed = pack(&series(&values), &[]);
        for (was, is) in values.iter().zip(unpacked(&packed.0)) {
            assert!((is / was - 1.0).abs() < 1e-3, "{was} came back as {is}");
        }
    }

    #[test]
    fn whole_numbers_come_back_as_they_were() {
        assert!((scale(&[3.0, 70_000.0]) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn commits_are_told_by_their_rank_among_those_with_points() {
        assert_eq!(stretches(&[0, 1, 2, 5, 5, 6]), [0, 3, 5, 1, 5, 2]);
        let stepped: Vec<f64> = (0..24)
            .map(|at| if at < 12 { 10.0 } else { 20.0 })
            .collect();
        let mut packed = packed(&stepped, &[(sha(1), vec![10.0, 10.1])]);
        let one = series(&stepped);
        let examined = examine(&one, &TrendRule::default()).unwrap();
        packed.mark(&one.key.id, 0, &examined);
        assert_eq!(packed.fit(), None);
        let (commits, all) = packed.take();
        assert_eq!(commits.sha.len(), 24);
        let one = &all.values().next().unwrap()[0];
        assert_eq!((one.at.as_slice(), one.steps[0].0), (&[0, 24][..], 12));
        assert!(
            one.steps[0]
                .1
                .is_some_and(|ratio| (ratio - 2.0).abs() < 0.01)
        );
        assert_eq!(one.launches[0].0, 1);
    }

    #[test]
    fn a_note_stands_at_its_commit_or_at_the_next_that_has_points() {
        let note = |position: usize, text: &str| Noted {
            sha: sha(position),
            subject: String::new(),
            committed: 0,
            position,
            text: text.to_owned(),
            who: None,
        };
        let mut all = packed(&[10.0, 11.0], &[]);
        let last = all.commits.remove(&1).unwrap();
        all.commits.insert(5, last);
        all.note(&[
            note(0, "first \u{202e}x"),
            note(3, "between"),
            note(6, "later"),
        ]);
        let (commits, _) = all.take();
        assert_eq!(
            commits.notes,
            [(0, "first  x".to_owned()), (1, "between".to_owned())]
        );
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_said() {
        let mut packed = packed(&[10.0, 11.0], &[]);
        let one = packed.series.values_mut().next().unwrap();
        let mut large = one[0].clone();
        large.at = (0..1_000).collect();
        large.c = vec![1; 1_000];
        large.lo = Some(vec![Some(1); 1_000]);
        large.hi = large.lo.clone();
        *one = vec![large; 1_000];
        let said = packed.fit().unwrap();
        assert!(said.contains("the first metric"), "{said}");
        let left = packed.series.values().flatten().map(numbers).sum::<usize>();
        assert!(left <= MOST_NUMBERS, "{left}");
    }
}
