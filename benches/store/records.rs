//! Records of many benchmarks, made up, in the shape that `cargo perf run --save` gives them.

use std::collections::BTreeMap;

use perf_schema::{
    BenchId, BenchmarkRecord, Better, Budgets, Build, Commit, Environment, Kind, Machine, Metric,
    Outcome, Plan, RunRecord, Samples, Throughput, Unit,
};

/// What the records are of.
pub const CLASS: &str = "made-up";

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

fn environment() -> Environment {
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
        floors: Budgets::new(),
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
