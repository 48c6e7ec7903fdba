//! A repository with many records of many benchmarks, made up, in the shape that `cargo perf run --save` gives them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cargo_perf::repository::Repository;
use cargo_perf::store::Baselines;
use perf_schema::{
    BenchId, BenchmarkRecord, Better, Budgets, Build, Commit, Environment, Kind, Machine, Metric,
    Outcome, Plan, RunRecord, Samples, Throughput, Unit,
};

/// What the records are of.
pub const CLASS: &str = "made-up";

/// Makes the repository at `root` with `commits` commits on `main`, each with a record of `benchmarks` benchmarks, unless
/// it is there already.
pub fn ensure(root: &Path, benchmarks: usize, commits: usize) {
    let finished = root.join("finished");
    let sample = sample();
    // What an earlier version of the code made may be of another shape.
    if fs::read_to_string(&finished).is_ok_and(|made_of| made_of == sample) {
        return;
    }
    let begun = root.join("begun");
    if root.exists() {
        // What is removed is what an earlier call began and did not finish, and nothing else.
        assert!(
            begun.exists(),
            "{} is there already, and was not made by this",
            root.display()
        );
        fs::remove_dir_all(root).expect("it can be removed");
    }
    fs::create_dir_all(root).expect("a folder");
    fs::write(begun, "").expect("a file");
    let mut options = git2::RepositoryInitOptions::new();
    options.initial_head("main");
    let git = git2::Repository::init_opts(root, &options).expect("a new repository");
    // Marks beside the repository's own files are no part of the source.
    fs::create_dir_all(root.join(".git/info")).expect("a folder");
    fs::write(root.join(".git/info/exclude"), "begun\nfinished\nmade\n").expect("a file");
    for number in 0..commits {
        fs::write(root.join("code.rs"), format!("// {number}\n")).expect("a file");
        commit(&git, &format!("change {number}"), number);
        let repository = Repository::discover(root)
            .expect("a repository")
            .expect("there is one");
        let state = repository.state().expect("it has a state");
        let record = record(
            state.commit.expect("a commit"),
            state.source_tree,
            benchmarks,
            number,
        );
        Baselines::at(root)
            .save(&record, false)
            .expect("a saved record");
        commit(&git, &format!("baseline {number}"), number);
    }
    fs::write(finished, sample).expect("a file");
}

/// A record of one benchmark as text: what the others look like.
fn sample() -> String {
    let digits = "0123456789abcdef0123456789abcdef01234567";
    let commit = Commit {
        sha: digits.parse().expect("forty digits"),
        parents: Vec::new(),
        branch: None,
        committed: 0,
        subject: String::new(),
        dirty: false,
    };
    let record = record(commit, digits.parse().expect("forty digits"), 1, 0);
    record.to_value().expect("a JSON value").to_string()
}

fn commit(git: &git2::Repository, subject: &str, number: usize) {
    let mut index = git.index().expect("an index");
    index
        .add_all(["*"], git2::IndexAddOption::DEFAULT, None)
        .expect("added");
    index.write().expect("written");
    let tree = git
        .find_tree(index.write_tree().expect("a tree"))
        .expect("the tree");
    let seconds = 1_760_000_000 + 3600 * i64::try_from(number).expect("a small number");
    let who = git2::Signature::new("A", "a@example.com", &git2::Time::new(seconds, 0))
        .expect("a signature");
    let parents: Vec<git2::Commit<'_>> = git
        .head()
        .and_then(|head| head.peel_to_commit())
        .into_iter()
        .collect();
    git.commit(
        Some("HEAD"),
        &who,
        &who,
        subject,
        &tree,
        &parents.iter().collect::<Vec<_>>(),
    )
    .expect("a commit");
}

/// A record in which the benchmarks take what they took before, give or take a per cent.
pub fn record(
    commit: Commit,
    source_tree: perf_schema::TreeId,
    benchmarks: usize,
    number: usize,
) -> RunRecord {
    let mut rng = fastrand::Rng::with_seed(number as u64);
    let mut benchmarks: Vec<BenchmarkRecord> = (0..benchmarks)
        .map(|index| benchmark(index, &mut rng))
        .collect();
    benchmarks.sort_by(|a, b| a.id.cmp(&b.id));
    RunRecord {
        schema: 1,
        commit: Some(commit),
        source_tree: Some(source_tree),
        machine: Machine {
            class: CLASS.to_owned(),
            arch: "x86_64".to_owned(),
            os: "linux".to_owned(),
            cpu: "made up".to_owned(),
            cores: 2,
            threads: 2,
        },
        environment: environment(),
        plan: Plan {
            seed: 1,
            launches: 30,
            samples: 4,
            sample_ns: 1_000_000,
            filters: Vec::new(),
        },
        benchmarks,
    }
}

pub fn environment() -> Environment {
    Environment {
        build: Build {
            profile: "bench".to_owned(),
            target: "x86_64-unknown-linux-gnu".to_owned(),
            features: Vec::new(),
            flags: String::new(),
        },
        rustc: "rustc 1.95.0".to_owned(),
        cargo_perf: "0.1.0".to_owned(),
        clock: "monotonic".to_owned(),
        dependencies: None,
        binaries: None,
        memory_mib: None,
        governor: None,
        virtualisation: None,
        load_before_percent: None,
        load_after_percent: None,
    }
}

fn benchmark(index: usize, rng: &mut fastrand::Rng) -> BenchmarkRecord {
    let centre = 100.0 * (1 + index) as f64;
    let mut launches = |samples: usize, spread: f64| -> Vec<Vec<f64>> {
        (0..30)
            .map(|_| {
                (0..samples)
                    .map(|_| centre * (1.0 + spread * rng.f64()))
                    .collect()
            })
            .collect()
    };
    let metric = |better, launches: &[Vec<f64>]| Metric::Measured {
        unit: Unit::NANOSECONDS,
        better,
        exact: false,
        samples: Samples::quantise(launches).expect("values that can be stored"),
    };
    let metrics = BTreeMap::from([
        ("wall".to_owned(), metric(Better::Lower, &launches(4, 0.01))),
        ("cpu".to_owned(), metric(Better::Lower, &launches(4, 0.01))),
        (
            "gauge".to_owned(),
            metric(Better::Neither, &vec![vec![7000.0]; 30]),
        ),
    ]);
    BenchmarkRecord {
        id: BenchId::new("made-up", "cpu", &format!("function_{index}")).expect("a name"),
        definition: "0123456789abcdef".parse().expect("sixteen digits"),
        kind: Kind::Time,
        budgets: Budgets::new(),
        gate: None,
        fit: None,
        limit: None,
        parameters: BTreeMap::new(),
        batch: Some(1000),
        throughput: Throughput::default(),
        metrics,
        outcome: Outcome {
            passed: 30,
            failed: 0,
            failures: Vec::new(),
        },
    }
}
