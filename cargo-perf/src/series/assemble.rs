//! From runs to series: each run at its place, runs of one commit taken together, what changed besides the code marked.

use std::collections::BTreeMap;

use perf_schema::{BenchId, Meaning, RecordId};

use super::line::{Nowhere, Order, Place, Placing};
use super::model::{Figure, LeftOut, Mark, MarkKind, Point, PointCommit, Series, SeriesKey};
use super::run::{Run, RunHeader, Seen, build_digest};
use super::text::Text;

/// All series of some runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Assembled {
    /// Sorted by key.
    pub series: Vec<Series>,
    /// Runs that are in none.
    pub left_out: LeftOut,
}

/// Runs at their places, to which what they saw can be brought benchmark by benchmark.
#[derive(Clone, Debug)]
pub struct Assembly {
    runs: Vec<Placed>,
    left_out: LeftOut,
}

/// A run at its place, with what all of its points share.
#[derive(Clone, Debug)]
struct Placed {
    header: RunHeader,
    place: Option<Place>,
    /// Digest of its build.
    build: String,
    /// The commit of its place.
    commit: Option<PointCommit>,
    rustc: Text,
}

impl Placed {
    fn new(order: &Order, header: RunHeader, place: Option<Place>) -> Self {
        Self {
            build: build_digest(&header.build, &header.clock),
            commit: place.and_then(|place| commit(order, &header, place.position)),
            rustc: header.rustc.as_str().into(),
            header,
            place,
        }
    }
}

/// A commit as the line knows it, and the branch on which it was measured.
fn commit(order: &Order, header: &RunHeader, position: usize) -> Option<PointCommit> {
    let Order::Ancestry(line) = order else {
        return None;
    };
    let commit = line.commits().get(position)?;
    let measured = header.commit.as_ref();
    let branch = measured.and_then(|commit| commit.branch.as_deref());
    Some(PointCommit {
        sha: commit.sha.clone(),
        subject: commit.subject.as_str().into(),
        committed: commit.committed,
        branch: branch.map(Text::from),
    })
}

/// The series of whole runs.
#[must_use]
pub fn of_runs(order: &Order, runs: Vec<Run>) -> Assembled {
    let (headers, seen): (Vec<RunHeader>, Vec<Vec<Seen>>) =
        runs.into_iter().map(|run| (run.header, run.seen)).unzip();
    let assembly = Assembly::new(order, headers);
    let seen = seen.into_iter().enumerate();
    Assembled {
        series: assembly
            .series(seen.flat_map(|(run, seen)| seen.into_iter().map(move |s| (run, s)))),
        left_out: assembly.left_out,
    }
}

impl Assembly {
    /// Finds the place of each run.
    #[must_use]
    pub fn new(order: &Order, headers: Vec<RunHeader>) -> Self {
        let mut left_out = LeftOut::default();
        let by_time = in_time(&headers);
        let place = |at: usize, header: &RunHeader| match order {
            Order::Time => Ok(Place {
                position: by_time[at],
                by: Placing::Time,
            }),
            Order::Ancestry(line) => line.place(header),
        };
        let mut count = |nowhere| match nowhere {
            Nowhere::Dirty => left_out.dirty += 1,
            Nowhere::Elsewhere => left_out.elsewhere += 1,
            Nowhere::NoCommit => left_out.no_commit += 1,
        };
        let places: Vec<Option<Place>> = headers
            .iter()
            .enumerate()
            .map(|(at, header)| place(at, header).map_err(&mut count).ok())
            .collect();
        Self {
            runs: headers
                .into_iter()
                .zip(places)
                .map(|(header, place)| Placed::new(order, header, place))
                .collect(),
            left_out,
        }
    }

    /// Runs that are in no series.
    #[must_use]
    pub const fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// Whether a run is on the line.
    #[must_use]
    pub fn is_placed(&self, run: usize) -> bool {
        self.runs[run].place.is_some()
    }

    /// The place of a run on the line, if it is on it.
    #[must_use]
    pub fn position(&self, run: usize) -> Option<usize> {
        self.runs[run].place.map(|place| place.position)
    }

    /// The series of what was seen; with each, the number of the run that saw it. All that was seen of a benchmark has to come
    /// at once.
    #[must_use]
    pub fn series(&self, seen: impl IntoIterator<Item = (usize, Seen)>) -> Vec<Series> {
        let mut groups: BTreeMap<(BenchId, Text, &str, &str), Vec<At>> = BTreeMap::new();
        for (run, seen) in seen {
            let run = &self.runs[run];
            let Some(place) = run.place else { continue };
            let key = (
                seen.id.clone(),
                seen.metric.clone(),
                run.header.class.as_str(),
                run.build.as_str(),
            );
            let position = place.position;
            groups.entry(key).or_default().push(At {
                position,
                run,
                seen,
            });
        }
        let groups = groups.into_iter();
        groups
            .flat_map(|((id, metric, class, build), seen)| {
                let key = SeriesKey {
                    id,
                    metric: metric.to_string(),
                    class: class.to_owned(),
                    build: build.to_owned(),
                };
                self.of_group(&key, seen)
            })
            .collect()
    }

    /// One series for each meaning that the metric had: another unit is another metric of the same name. What has no figure goes
    /// to the newest of them.
    fn of_group(&self, key: &SeriesKey, seen: Vec<At<'_>>) -> Vec<Series> {
        let mut meanings: Vec<(usize, Meaning)> = Vec::new();
        for at in seen.iter().filter(|at| at.seen.figure.is_some()) {
            match meanings.iter_mut().find(|(_, m)| *m == at.seen.meaning) {
                Some((newest, _)) => *newest = at.position.max(*newest),
                None => meanings.push((at.position, at.seen.meaning.clone())),
            }
        }
        if meanings.is_empty() {
            meanings.extend(seen.first().map(|at| (0, at.seen.meaning.clone())));
        }
        meanings.sort_by_key(|(newest, _)| *newest);
        let Some((_, last)) = meanings.last().cloned() else {
            return Vec::new();
        };
        let (mut of_last, mut others) = (Vec::new(), Vec::new());
        for at in seen {
            let is_last = at.seen.figure.is_none() || at.seen.meaning == last;
            if is_last { &mut of_last } else { &mut others }.push(at);
        }
        let mut series = Vec::new();
        for (_, meaning) in &meanings[..meanings.len() - 1] {
            let of_it;
            (of_it, others) = others
                .into_iter()
                .partition(|at| at.seen.meaning == *meaning);
            series.push(self.one(key, meaning, of_it));
        }
        series.push(self.one(key, &last, of_last));
        series
    }

    fn one(&self, key: &SeriesKey, meaning: &Meaning, mut seen: Vec<At<'_>>) -> Series {
        // Which run of one commit was first is known of local ones only; the record's id makes the order the same each time.
        fn rank<'s>(at: &'s At<'_>) -> (usize, Option<&'s str>, &'s RecordId) {
            let header = &at.run.header;
            (at.position, header.kept.as_deref(), &header.record)
        }
        seen.sort_by(|a, b| rank(a).cmp(&rank(b)));
        let newest = seen.last().map(|at| &at.run.header);
        let mut points: Vec<Point> = Vec::new();
        let mut before: Option<&RunHeader> = None;
        for group in seen.chunk_by(|a, b| a.position == b.position) {
            for alike in alike(group, points.last()) {
                let mut point = point(&alike);
                let header = &alike[alike.len() - 1].run.header;
                point.marks = marks(points.last(), before, &point, header);
                points.push(point);
                before = Some(header);
            }
        }
        let unknown = || perf_schema::Build {
            profile: String::new(),
            target: String::new(),
            features: Vec::new(),
            flags: String::new(),
        };
        Series {
            key: key.clone(),
            unit: meaning.unit.clone(),
            better: meaning.better,
            exact: meaning.exact,
            cpu: newest.map(|run| run.cpu.clone()).unwrap_or_default(),
            build: newest.map_or_else(unknown, |run| run.build.clone()),
            clock: newest.map(|run| run.clock.clone()).unwrap_or_default(),
            points,
        }
    }
}

/// The point of runs of one commit that were made alike.
fn point(alike: &[&At<'_>]) -> Point {
    let last = alike[alike.len() - 1];
    let first_of = |pick: fn(&Seen) -> bool| alike.iter().map(|at| &at.seen).find(|s| pick(s));
    let figure = match alike {
        // By far the commonest.
        [one] => one.seen.figure,
        several => {
            let figures: Vec<Figure> = several.iter().filter_map(|at| at.seen.figure).collect();
            pooled(&figures)
        }
    };
    Point {
        commit: last.run.commit.clone(),
        position: last.position,
        records: alike
            .iter()
            .map(|at| at.run.header.record.clone())
            .collect(),
        figure,
        failure: first_of(|seen| seen.failure.is_some()).and_then(|seen| seen.failure.clone()),
        absent: first_of(|seen| seen.absent.is_some())
            .and_then(|seen| seen.absent.clone())
            .filter(|_| figure.is_none()),
        bracket: alike.iter().rev().find_map(|at| at.seen.bracket),
        budget: last.seen.budget,
        passed: alike.iter().map(|at| at.seen.passed).sum(),
        failed: alike.iter().map(|at| at.seen.failed).sum(),
        definition: last.seen.definition.clone(),
        rustc: last.run.rustc.clone(),
        marks: Vec::new(),
    }
}

/// What a run saw, at its place.
struct At<'a> {
    position: usize,
    run: &'a Placed,
    seen: Seen,
}

/// The rank of each run in time.
fn in_time(headers: &[RunHeader]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..headers.len()).collect();
    order.sort_by_key(|&at| (&headers[at].kept, &headers[at].record));
    let mut ranks = vec![0; headers.len()];
    for (rank, at) in order.into_iter().enumerate() {
        ranks[at] = rank;
    }
    ranks
}

/// Runs of one commit by definition and compiler; those that are as the point before come first, the others in the order in which
/// they are met.
fn alike<'s, 'a>(group: &'s [At<'a>], before: Option<&Point>) -> Vec<Vec<&'s At<'a>>> {
    let mut groups: Vec<Vec<&At<'_>>> = Vec::new();
    for at in group {
        let same = |other: &&At<'_>| {
            other.seen.definition == at.seen.definition && other.run.rustc == at.run.rustc
        };
        match groups.iter_mut().find(|group| same(&group[0])) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups.sort_by_key(|group| {
        let goes_on = |point: &Point| {
            point.definition == group[0].seen.definition && point.rustc == group[0].run.rustc
        };
        !before.is_some_and(goes_on)
    });
    groups
}

/// Several runs of one commit: a run is one draw of what sessions differ by, so each counts once, however many launches it had.
fn pooled(figures: &[Figure]) -> Option<Figure> {
    let values: Vec<f64> = figures.iter().map(|figure| figure.value).collect();
    let ends: Vec<(f64, f64)> = figures
        .iter()
        .filter_map(|figure| figure.interval)
        .collect();
    let hull = ends
        .iter()
        .copied()
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        .filter(|_| ends.len() == figures.len());
    Some(Figure {
        value: perf_stats::median(&values).ok()?,
        interval: hull,
        launches: figures.iter().map(|figure| figure.launches).sum(),
    })
}

fn marks(
    before: Option<&Point>,
    then: Option<&RunHeader>,
    point: &Point,
    now: &RunHeader,
) -> Vec<Mark> {
    let (Some(before), Some(then)) = (before, then) else {
        return Vec::new();
    };
    fn known(text: &Option<String>) -> &str {
        text.as_deref().unwrap_or_default()
    }
    let pairs = [
        (
            MarkKind::Definition,
            before.definition.as_str(),
            point.definition.as_str(),
        ),
        (MarkKind::Toolchain, &before.rustc, &point.rustc),
        (
            MarkKind::Dependencies,
            known(&then.dependencies),
            known(&now.dependencies),
        ),
        (
            MarkKind::Governor,
            known(&then.governor),
            known(&now.governor),
        ),
        (
            MarkKind::Virtualisation,
            known(&then.virtualisation),
            known(&now.virtualisation),
        ),
    ];
    // Hardly ever does anything differ, so nothing is copied before.
    let changed = pairs.into_iter().filter(|(_, from, to)| from != to);
    changed
        .map(|(kind, from, to)| Mark {
            kind,
            from: from.to_owned(),
            to: to.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
