//! What belongs together, in which order, and what is left out.

use perf_schema::{FailureKind, RunRecord, Unit};
use proptest::prelude::*;

use super::super::fixture::{assembled, line, measure, record, runs, series, sha, timed, tree};
use super::super::line::{Line, LineCommit, Placing};
use super::super::run::RunHeader;
use super::*;
use crate::store::fixture::{Sample, definition};

fn values(series: &Series) -> Vec<f64> {
    let figures = series.points.iter().filter_map(|point| point.figure);
    figures.map(|figure| figure.value.round()).collect()
}

#[test]
fn points_stand_in_the_order_of_git_whatever_order_records_come_in() {
    let mut records: Vec<RunRecord> = [(0, 100.0), (2, 120.0), (5, 150.0)]
        .map(|(at, ns)| record(at, &[("a", ns)]))
        .to_vec();
    records.reverse();
    let found = assembled(6, &records);
    assert_eq!(found.series.len(), 1);
    let series = &found.series[0];
    assert_eq!(values(series), [100.0, 120.0, 150.0]);
    let positions: Vec<usize> = series.points.iter().map(|point| point.position).collect();
    assert_eq!(positions, [0, 2, 5], "commits without a record leave gaps");
    let commit = series.points[1].commit.clone().unwrap();
    assert_eq!((commit.sha, &*commit.subject), (sha(2), "change 2"));
    let figure = series.points[0].figure.unwrap();
    let (low, high) = figure.interval.unwrap();
    assert!(low < figure.value && figure.value < high && figure.launches == 10);
}

#[test]
fn another_branch_is_never_mixed_in() {
    let ours = record(0, &[("a", 100.0)]);
    let mut theirs = record(1, &[("a", 900.0)]);
    theirs.commit.as_mut().unwrap().sha = sha(77);
    theirs.source_tree = Some(tree(77));
    let mut dirty = record(1, &[("a", 900.0)]);
    dirty.commit.as_mut().unwrap().dirty = true;
    dirty.source_tree = Some(tree(78));
    let mut outside = record(1, &[("a", 900.0)]);
    (outside.commit, outside.source_tree) = (None, None);
    let found = assembled(3, &[ours, theirs, dirty, outside]);
    assert_eq!(values(&found.series[0]), [100.0]);
    let left = LeftOut {
        dirty: 1,
        elsewhere: 1,
        no_commit: 1,
    };
    assert_eq!((found.left_out, found.left_out.all()), (left, 3));
}

#[test]
fn a_record_keeps_its_place_through_squash_and_rebase() {
    let header = |record: &RunRecord| RunHeader::of("0".repeat(64).parse().unwrap(), record);
    let Order::Ancestry(mut line) = line(3) else {
        unreachable!("it is made so")
    };
    let mut rebased = record(9, &[]);
    rebased.source_tree = Some(tree(1));
    let place = |line: &Line, header: &RunHeader| line.place(header).ok();
    let at = |position, by| Some(Place { position, by });
    assert_eq!(place(&line, &header(&rebased)), at(1, Placing::Content));
    // What was measured before it was committed counts once it is.
    rebased.commit.as_mut().unwrap().dirty = true;
    assert_eq!(place(&line, &header(&rebased)), at(1, Placing::Content));
    // The code of a squashed branch need not be that of any commit: then the commit that brought the file counts.
    let mut squashed = header(&record(9, &[]));
    squashed.source_tree = None;
    squashed.file = Some("baselines/f".to_owned());
    assert_eq!(place(&line, &squashed), None);
    line.brings(&sha(2), "baselines/f".to_owned());
    assert_eq!(place(&line, &squashed), at(2, Placing::Adopted));
    // A commit that only adds a record has the content of the one before: the older of them counts.
    line.holds(&sha(2), tree(1));
    assert_eq!(place(&line, &header(&rebased)), at(1, Placing::Content));
}

#[test]
fn machine_classes_builds_and_clocks_are_series_of_their_own() {
    let plain = record(0, &[("a", 100.0)]);
    let change = |how: fn(Sample) -> Sample| {
        how(Sample {
            record: plain.clone(),
        })
        .record()
    };
    let others = [
        change(|sample| sample.class("other")),
        change(|sample| sample.profile("release")),
        change(|sample| sample.clock("scripted")),
    ];
    let mut records = vec![plain.clone()];
    records.extend(others);
    let found = assembled(1, &records);
    assert_eq!(found.series.len(), 4);
    assert!(found.series.iter().all(|series| series.points.len() == 1));
}

#[test]
fn a_new_definition_or_compiler_parts_a_series_and_a_new_lock_file_only_marks_it() {
    let mut records: Vec<RunRecord> = (0..6).map(|at| record(at, &[("a", 100.0)])).collect();
    for record in &mut records[2..] {
        record.benchmarks[0].definition = definition(2);
    }
    for record in &mut records[4..] {
        record.environment.rustc = "rustc 1.96.0".to_owned();
    }
    records[3].environment.dependencies = Some("abc".to_owned());
    let found = assembled(6, &records);
    let series = &found.series[0];
    assert_eq!(series.stretches(), [0..2, 2..4, 4..6]);
    assert_eq!(series.newest_stretch().len(), 2);
    let kinds =
        |at: usize| -> Vec<MarkKind> { series.points[at].marks.iter().map(|m| m.kind).collect() };
    assert_eq!(kinds(0), []);
    assert_eq!(kinds(2), [MarkKind::Definition]);
    assert_eq!(kinds(3), [MarkKind::Dependencies]);
    assert_eq!(kinds(4), [MarkKind::Toolchain, MarkKind::Dependencies]);
    assert_eq!(series.points[4].marks[0].to, "rustc 1.96.0");
}

#[test]
fn runs_of_one_commit_are_one_point_unless_they_were_made_differently() {
    let mut records: Vec<RunRecord> = [100.0, 110.0, 104.0]
        .map(|ns| record(0, &[("a", ns)]))
        .to_vec();
    let found = assembled(1, &records);
    let point = &found.series[0].points[0];
    assert_eq!((point.records.len(), point.passed), (3, 30));
    let figure = point.figure.unwrap();
    assert!((figure.value - 104.0).abs() < 1e-9, "each run counts once");
    let (low, high) = figure.interval.unwrap();
    assert!(low < 100.0 && high > 110.0 && figure.launches == 30);
    records[1].environment.rustc = "rustc 1.96.0".to_owned();
    let found = assembled(1, &records);
    let points = &found.series[0].points;
    assert_eq!(points.len(), 2);
    assert!(points[0].marks.is_empty() && points[1].marks[0].kind == MarkKind::Toolchain);
}

#[test]
fn a_failure_is_a_point_without_a_figure_and_not_a_fast_one() {
    let mut records: Vec<RunRecord> = (0..3).map(|at| record(at, &[("a", 100.0)])).collect();
    records[1] = Sample {
        record: records[1].clone(),
    }
    .failed()
    .record();
    let found = assembled(3, &records);
    let series = &found.series[0];
    assert_eq!(values(series), [100.0, 100.0]);
    let failed = &series.points[1];
    assert_eq!(failed.figure, None);
    assert_eq!(failed.failure.as_ref().unwrap().kind, FailureKind::Panic);
    assert_eq!((failed.passed, failed.failed), (0, 1));
    assert_eq!(series.latest().unwrap().0.position, 2);
    // One that never worked is there, too.
    let found = assembled(3, &records[1..2]);
    assert_eq!(found.series[0].key.metric, "wall");
    assert_eq!(found.series[0].latest(), None);
}

#[test]
fn a_metric_that_changes_its_unit_is_another_series_and_context_is_none() {
    let bench = |unit: &Unit| {
        let mut bench = timed("a", 100.0);
        measure(&mut bench, "ratio", unit, false, &[vec![3.0], vec![3.0]]);
        bench
    };
    let mut records: Vec<RunRecord> = (0..3).map(|at| record(at, &[])).collect();
    records[0].benchmarks = vec![bench(&Unit::COUNT)];
    records[1].benchmarks = vec![bench(&Unit::BYTES)];
    records[2].benchmarks = vec![bench(&Unit::BYTES)];
    let found = assembled(3, &records);
    let shape: Vec<(&str, usize)> = found
        .series
        .iter()
        .map(|series| (series.unit.as_str(), series.points.len()))
        .collect();
    assert_eq!(shape, [("1", 1), ("B", 2), ("ns", 3)]);
}

#[test]
fn outside_git_runs_are_in_order_of_time() {
    let mut found = runs(&[record(0, &[("a", 100.0)]), record(0, &[("a", 200.0)])]);
    for (run, kept) in found
        .iter_mut()
        .zip(["20260102T000000Z", "20260101T000000Z"])
    {
        (run.header.commit, run.header.source_tree) = (None, None);
        run.header.kept = Some(kept.to_owned());
    }
    let series = of_runs(&Order::Time, found).series;
    assert_eq!(values(&series[0]), [200.0, 100.0]);
    assert_eq!(series[0].points[0].commit, None);
}

#[test]
fn a_commit_that_is_twice_in_the_walk_does_no_harm() {
    let commit = LineCommit {
        sha: sha(0),
        committed: 0,
        subject: String::new(),
    };
    let line = Line::new(vec![commit.clone(), commit]);
    assert_eq!(line.position(&sha(0)), Some(1));
}

proptest! {
    #[test]
    fn series_do_not_depend_on_the_order_of_records(
        places in proptest::collection::vec((0_usize..8, 50.0..500.0_f64), 1..20),
        seed in any::<u64>(),
    ) {
        let records: Vec<RunRecord> =
            places.iter().map(|&(at, ns)| record(at, &[("a", ns), ("b", 2.0 * ns)])).collect();
        let mut shuffled = runs(&records);
        fastrand::Rng::with_seed(seed).shuffle(&mut shuffled);
        let order = line(8);
        let found = of_runs(&order, shuffled);
        prop_assert_eq!(&found, &of_runs(&order, runs(&records)));
        for series in &found.series {
            prop_assert!(series.points.windows(2).all(|pair| pair[0].position < pair[1].position));
            prop_assert_eq!(series.stretches(), std::iter::once(0..series.points.len()).collect::<Vec<_>>());
        }
        let points: usize = found.series[0].points.iter().map(|point| point.records.len()).sum();
        prop_assert_eq!(points, places.len());
    }
}

#[test]
fn the_fixture_makes_one_series() {
    assert_eq!(values(&series(&[100.0, 101.0, 99.0])), [100.0, 101.0, 99.0]);
}
