//! Pairs of shell scripts that stand in for workers and write down what happens to them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::Ordering;

use perf_schema::wire::CaseDescription;
use perf_schema::{FailureKind, Kind};

use super::*;
use crate::worker::Program;

/// What a worker does that does nothing special. `$SIDE` says which side it is on; the log is for both.
const WORKER: &str = r#"#!/bin/sh
log() { echo "$SIDE $*" >>log; }
say() { echo "$1" >&0; }
echo $$ >>pids
log padding ${#PERF_HARNESS_PADDING}
log name ${#0}
say '{"event":"hello","protocol":5,"harness":"0","clock":"none"}'
while read -r order; do
    case $order in
    *'"prepare"'*)
        log seed "${order##*seed}"
        say '{"event":"prepared"}' ;;
    *'"calibrate"'*) say '{"event":"calibrated","batch":'$BATCH',"sample_ns":1000000}' ;;
    *'"count":0'*)
        log warm up
        say '{"event":"sampled","wall_ns":[],"cpu_ns":[],"gauge_ns":[],"warm_up_ns":1}' ;;
    *'"sample"'*)
        log begin
        eval "$SPECIAL"
        log end
        say '{"event":"sampled","wall_ns":[5],"cpu_ns":[4],"gauge_ns":[3],"warm_up_ns":0}' ;;
    *'"observe"'*) say '{"event":"observed","metrics":{}}' ;;
    *'"finish"'*)
        log finish
        say '{"event":"finished","throughput":{"items":7}}'
        exit 0 ;;
    esac
done
"#;

/// A folder with a worker and what it wrote down.
struct Stage(tempfile::TempDir);

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("worker");
        fs::write(&path, WORKER).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    /// A worker of one side, which settles on `batch` and does something `special` while it measures.
    fn case(&self, side: &str, batch: u64, special: &str) -> Case {
        let variables = [
            ("SIDE", side.to_owned()),
            ("BATCH", batch.to_string()),
            ("SPECIAL", special.to_owned()),
        ];
        Case {
            program: Program {
                path: self.0.path().join("worker"),
                directory: self.0.path().to_owned(),
                variables: variables.map(|(k, v)| (k.into(), v.into())).into(),
                show_output: false,
            },
            description: CaseDescription {
                kind: Kind::Time,
                name: "f".to_owned(),
                parameters: BTreeMap::new(),
                version: 1,
                threads: 1,
                ignored: false,
                ignored_because: None,
                budgets: perf_schema::Budgets::default(),
                floors: perf_schema::Budgets::default(),
                gate: None,
                fit: None,
                limit: None,
                chaos: None,
                timeout_ms: None,
                file: "f.rs".to_owned(),
                line: 1,
            },
            batch: None,
        }
    }

    fn pair(&self, special: BySide<&str>) -> PairedCase {
        PairedCase {
            baseline: self.case("old", 10, special.baseline),
            candidate: self.case("new", 10, special.candidate),
        }
    }

    /// What was written down since the pilot, which has no sample to finish.
    fn log(&self) -> Vec<String> {
        let text = fs::read_to_string(self.0.path().join("log")).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// Whether no process of it is left.
    fn is_empty(&self) -> bool {
        let pids = fs::read_to_string(self.0.path().join("pids")).unwrap();
        pids.lines()
            .all(|pid| !Path::new("/proc").join(pid).exists())
    }
}

struct Deaf;

impl Listener for Deaf {
    fn hear(&mut self, _progress: Progress<'_>) {}
}

/// A listener that stops it all when something has happened.
struct Impatient<'a>(&'a AtomicBool);

impl Listener for Impatient<'_> {
    fn hear(&mut self, progress: Progress<'_>) {
        if let Progress::Launched { .. } = progress {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

fn settings() -> PairSettings {
    PairSettings {
        samples: 2,
        ..PairSettings::standard(5)
    }
}

/// Conducts one pair of cases for so many pairs of launches.
fn conduct(case: &PairedCase, pairs: usize) -> PairedRun {
    let stop = AtomicBool::new(false);
    let mut look = |_: usize, run: &PairedRun| {
        if run.launches.len() < pairs {
            Look::GoOn
        } else {
            Look::Enough
        }
    };
    let cases = std::slice::from_ref(case);
    conduct_pairs(cases, &settings(), &stop, &mut Deaf, &mut look)
        .unwrap()
        .remove(0)
}

const ORDINARY: BySide<&str> = BySide {
    baseline: ":",
    candidate: ":",
};

/// The launches of a log, each pair as the lines of both sides. The two launches of the pilot come first.
fn pairs(log: &[String]) -> Vec<Vec<&str>> {
    let mut pairs = vec![Vec::new()];
    let mut finished = 0;
    for line in log {
        pairs.last_mut().unwrap().push(line.as_str());
        finished += usize::from(line.ends_with("finish"));
        if finished == 2 {
            finished = 0;
            pairs.push(Vec::new());
        }
    }
    pairs.pop();
    pairs.split_off(1)
}

#[test]
fn samples_take_turns_and_who_is_first_is_drawn() {
    let stage = Stage::new();
    let run = conduct(&stage.pair(ORDINARY), 24);
    assert_eq!(run.launches.len(), 24);
    assert_eq!(
        (run.end, run.batch, run.throughput.items),
        (End::Enough, Some(10), Some(7))
    );
    let log = stage.log();
    let pairs = pairs(&log);
    assert_eq!(pairs.len(), 24);
    let mut firsts = [Vec::new(), Vec::new(), Vec::new()];
    for (lines, launch) in pairs.iter().zip(&run.launches) {
        let of = |what: &str| -> Vec<&str> {
            let found = lines
                .iter()
                .filter(|line| line.split(' ').nth(1) == Some(what));
            found.map(|line| &line[..3]).collect()
        };
        // Strictly in turn, and each ends before the other begins.
        let first = of("warm")[0];
        let second = if first == "old" { "new" } else { "old" };
        let moments: Vec<&str> = lines
            .iter()
            .copied()
            .filter(|line| line.ends_with("begin") || line.ends_with("end"))
            .collect();
        let turn = |side| [format!("{side} begin"), format!("{side} end")];
        let wanted = [turn(first), turn(second), turn(first), turn(second)].concat();
        assert_eq!(moments, wanted);
        assert_eq!(launch.baseline_first, first == "old");
        assert_eq!(launch.baseline.wall_ns, [5, 5]);
        assert_eq!(launch.candidate.cpu_ns, [4, 4]);
        for (firsts, what) in firsts.iter_mut().zip(["padding", "seed", "warm"]) {
            firsts.push(of(what)[0]);
        }
    }
    // Workers that are started one after the other may write in another order, but that of the orders is sure.
    for firsts in &firsts[1..] {
        let old = firsts.iter().filter(|&&side| side == "old").count();
        assert!((4..=20).contains(&old), "{firsts:?}");
    }
    assert_ne!(firsts[1], firsts[2]);
    assert!(stage.is_empty());
}

#[test]
fn what_luck_can_be_shared_is_shared() {
    let stage = Stage::new();
    conduct(&stage.pair(ORDINARY), 8);
    let log = stage.log();
    let (mut seeds, mut paddings) = (Vec::new(), Vec::new());
    for lines in pairs(&log) {
        for (what, values) in [("seed", &mut seeds), ("padding", &mut paddings)] {
            let of: Vec<&str> = lines
                .iter()
                .filter_map(|line| line.split_once(' ')?.1.strip_prefix(what))
                .collect();
            assert_eq!((of.len(), of[0]), (2, of[1]));
            values.push(of[0].to_owned());
        }
    }
    for values in [&mut seeds, &mut paddings] {
        values.sort();
        values.dedup();
        assert!(values.len() > 5, "{values:?}");
    }
}

#[test]
fn both_binaries_have_names_of_one_length() {
    let stage = Stage::new();
    let mut case = stage.pair(ORDINARY);
    let farther = stage.0.path().join("much/farther");
    fs::create_dir_all(&farther).unwrap();
    case.candidate.program.path = farther.join("worker");
    fs::copy(&case.baseline.program.path, &case.candidate.program.path).unwrap();
    conduct(&case, 3);
    let log = stage.log();
    let lengths: Vec<&str> = log
        .iter()
        .filter_map(|line| line.split_once(" name "))
        .map(|(_, length)| length)
        .collect();
    assert!(lengths.len() >= 6, "{log:?}");
    assert!(
        lengths.iter().all(|length| *length == lengths[0]),
        "{log:?}"
    );
}

#[test]
fn a_longer_name_does_not_move_the_stack() {
    let (short, long) = (Stage::new(), Stage::new());
    let mut case = short.pair(ORDINARY);
    case.candidate = long.case("new", 10, ":   # much the same");
    let mut rng = fastrand::Rng::with_seed(1);
    let lucks = launch::lucks(&case, 0, &mut rng);
    let all = |side| lucks.of(side).padding + launch::side_of(&case, side).program.bytes_on_stack();
    assert_eq!(all(Side::Baseline), all(Side::Candidate));
    assert_ne!(lucks.baseline.padding, lucks.candidate.padding);
}

#[test]
fn the_batch_of_an_earlier_record_is_kept_else_it_fits_the_slower() {
    let stage = Stage::new();
    let mut case = stage.pair(ORDINARY);
    case.baseline = stage.case("old", 25, ":");
    assert_eq!(conduct(&case, 1).batch, Some(10));
    case.candidate.batch = Some(12);
    assert_eq!(conduct(&case, 1).batch, Some(12));
    case.baseline.batch = Some(9);
    assert_eq!(conduct(&case, 1).batch, Some(9));
}

#[test]
fn a_side_that_fails_is_that_side() {
    let stage = Stage::new();
    let dies = BySide {
        candidate: "exit 3",
        ..ORDINARY
    };
    let run = conduct(&stage.pair(dies), 5);
    assert!(run.launches.is_empty() && run.failures.baseline.is_empty());
    assert_eq!(run.failures.candidate.len(), 1);
    assert_eq!(run.failures.candidate[0].kind, FailureKind::Exit);
    assert_eq!(run.end, End::Failed);
    assert!(stage.is_empty());
}

#[test]
#[cfg(target_os = "linux")]
fn what_a_side_leaves_behind_is_its_own() {
    for (baseline, candidate) in [("setsid sleep 600 &", ":"), (":", "setsid sleep 600 &")] {
        let stage = Stage::new();
        let run = conduct(
            &stage.pair(BySide {
                baseline,
                candidate,
            }),
            5,
        );
        let kinds = |failures: &[Failure]| -> Vec<FailureKind> {
            failures.iter().map(|failure| failure.kind).collect()
        };
        let [guilty, other] = if baseline == ":" {
            [&run.failures.candidate, &run.failures.baseline]
        } else {
            [&run.failures.baseline, &run.failures.candidate]
        };
        assert_eq!(kinds(guilty), [FailureKind::Leftover]);
        assert!(other.is_empty() && stage.is_empty());
    }
}

#[test]
fn a_side_that_cannot_even_be_piloted_hides_nothing_of_the_other() {
    let stage = Stage::new();
    let mut case = stage.pair(ORDINARY);
    for side in [&mut case.baseline, &mut case.candidate] {
        side.program.path = stage.0.path().join("nothing");
    }
    let run = conduct(&case, 5);
    assert_eq!(
        (run.failures.baseline.len(), run.failures.candidate.len()),
        (1, 1)
    );
    assert_eq!((run.batch, run.end), (None, End::Failed));
}

#[test]
fn an_interrupted_run_leaves_nothing() {
    let stage = Stage::new();
    let stop = AtomicBool::new(false);
    let cases = [stage.pair(ORDINARY), stage.pair(ORDINARY)];
    let mut look = |_: usize, _: &PairedRun| Look::GoOn;
    let outcome = conduct_pairs(&cases, &settings(), &stop, &mut Impatient(&stop), &mut look);
    assert_eq!(outcome, Err(Interrupted));
    assert!(stage.is_empty());
}

#[test]
fn without_anyone_who_has_seen_enough_the_settings_end_it() {
    let stage = Stage::new();
    let stop = AtomicBool::new(false);
    let mut look = |_: usize, _: &PairedRun| Look::GoOn;
    let mut ended = |settings: &PairSettings| {
        let cases = [stage.pair(ORDINARY)];
        let runs = conduct_pairs(&cases, settings, &stop, &mut Deaf, &mut look).unwrap();
        (runs[0].launches.len(), runs[0].end)
    };
    let of_time = PairSettings {
        budget: Duration::ZERO,
        min_pairs: 3,
        ..settings()
    };
    assert_eq!(ended(&of_time), (3, End::Budget));
    let of_pairs = PairSettings {
        max_pairs: 4,
        ..settings()
    };
    assert_eq!(ended(&of_pairs), (4, End::Budget));
}

#[test]
fn each_order_has_as_many_launches_and_meets_others_each_round() {
    let stage = Stage::new();
    let case = stage.pair(ORDINARY);
    let program = |side: &str, order: usize| stage.case(&format!("{side}{order}"), 10, ":").program;
    let programs = |side: &str| (0..4).map(|order| program(side, order)).collect();
    let ordered = OrderedCase {
        programs: BySide {
            baseline: programs("old"),
            candidate: programs("new"),
        },
        case,
    };
    let stop = AtomicBool::new(false);
    let settings = PairSettings {
        budget: Duration::ZERO,
        min_pairs: 10,
        ..settings()
    };
    let seen = conduct_orders(&[ordered], &settings, &stop, &mut Deaf)
        .unwrap()
        .remove(0);
    // Ten pairs take three rounds of four.
    assert_eq!((seen.run.launches.len(), seen.orders.len()), (12, 12));
    assert_eq!((seen.run.end, seen.run.batch), (End::Budget, Some(10)));
    for round in seen.orders.chunks(4) {
        for side in [Side::Baseline, Side::Candidate] {
            let mut orders: Vec<usize> = round.iter().map(|orders| *orders.of(side)).collect();
            orders.sort_unstable();
            assert_eq!(orders, [0, 1, 2, 3]);
        }
    }
    let met: std::collections::BTreeSet<_> = seen
        .orders
        .iter()
        .map(|orders| (orders.baseline, orders.candidate))
        .collect();
    assert!(met.len() > 4, "{met:?}");
    // The programs that were launched are those that are said to have been.
    let log = stage.log();
    let seeds = log.iter().filter(|line| line.contains(" seed "));
    let launched: Vec<&str> = seeds.map(|line| &line[..4]).collect();
    // Before them the pilot's, which are of the case itself.
    for (orders, pair) in seen.orders.iter().zip(launched[2..].chunks(2)) {
        let mut wanted = [
            format!("new{}", orders.candidate),
            format!("old{}", orders.baseline),
        ];
        let mut pair = pair.to_vec();
        pair.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(pair, wanted);
    }
    assert!(stage.is_empty());
}

#[test]
fn binaries_of_all_orders_have_names_of_one_length() {
    let stage = Stage::new();
    let case = stage.pair(ORDINARY);
    let program = |side: &str, folder: &str| {
        let mut program = stage.case(side, 10, ":").program;
        let folder = stage.0.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("worker");
        fs::copy(&program.path, &path).unwrap();
        program.path = path;
        program
    };
    let ordered = OrderedCase {
        programs: BySide {
            baseline: vec![program("old", "a"), program("old", "bb")],
            candidate: vec![program("new", "much/farther"), program("new", "ccc")],
        },
        case,
    };
    let stop = AtomicBool::new(false);
    let settings = PairSettings {
        budget: Duration::ZERO,
        min_pairs: 4,
        ..settings()
    };
    let seen = conduct_orders(&[ordered], &settings, &stop, &mut Deaf).unwrap();
    assert_eq!(seen[0].run.launches.len(), 4);
    let log = stage.log();
    let lengths: std::collections::BTreeSet<&str> = log
        .iter()
        .filter_map(|line| Some(line.split_once(" name ")?.1))
        .collect();
    assert_eq!(lengths.len(), 1, "{log:?}");
}

#[test]
fn an_order_that_fails_ends_the_case_and_no_order_is_none() {
    let stage = Stage::new();
    let stop = AtomicBool::new(false);
    let run = |programs: BySide<Vec<Program>>| {
        let case = OrderedCase {
            case: stage.pair(ORDINARY),
            programs,
        };
        conduct_orders(&[case], &settings(), &stop, &mut Deaf)
            .unwrap()
            .remove(0)
    };
    let failing = stage.case("new", 10, "kill -9 $$").program;
    let seen = run(BySide {
        baseline: vec![stage.case("old", 10, ":").program; 2],
        candidate: vec![failing; 2],
    });
    assert_eq!((seen.run.end, seen.orders.len()), (End::Failed, 0));
    assert_eq!(seen.run.failures.candidate.len(), 1);
    let seen = run(BySide::default());
    assert_eq!((seen.run.launches.len(), seen.orders.len()), (0, 0));
    assert!(stage.is_empty());
}
