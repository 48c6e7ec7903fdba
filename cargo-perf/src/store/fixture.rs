//! Records for tests.

use std::collections::BTreeMap;

use perf_schema::{
    BenchId, BenchmarkRecord, Better, Budgets, Build, Definition, Environment, Failure,
    FailureKind, Kind, Machine, Metric, Outcome, Plan, RunRecord, Samples, Throughput, Unit,
};

use crate::repository::State;

/// A synthetic record in the making.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) record: RunRecord,
}

pub(crate) const CLASS: &str = "k3v9";
pub(crate) const RUSTC: &str = "rustc 1.95.0 (59807616e 2026-04-14)";

pub(crate) fn build() -> Build {
    Build {
        profile: "bench".to_owned(),
        target: "x86_64-unknown-linux-gnu".to_owned(),
        features: Vec::new(),
        flags: String::new(),
    }
}

pub(crate) fn bench(name: &str) -> BenchId {
    BenchId::new("demo", "cpu", name).unwrap()
}

pub(crate) fn definition(version: u8) -> Definition {
    format!("{version:016x}").parse().unwrap()
}

/// Benchmarks that are wanted, all of the first definition.
pub(crate) fn wanted(names: &[&str]) -> Vec<(BenchId, Definition)> {
    names
        .iter()
        .map(|name| (bench(name), definition(1)))
        .collect()
}

impl Sample {
    /// A record of no commit with no benchmarks.
    pub(crate) fn new() -> Self {
        let machine = Machine {
            class: CLASS.to_owned(),
            arch: "x86_64".to_owned(),
            os: "linux".to_owned(),
            cpu: "EPYC 7763".to_owned(),
            cores: 2,
            threads: 4,
        };
        let environment = Environment {
            build: build(),
            rustc: RUSTC.to_owned(),
            cargo_perf: "0.1.0".to_owned(),
            clock: "monotonic".to_owned(),
            dependencies: None,
            binaries: None,
            memory_mib: None,
            governor: None,
            virtualisation: None,
            load_before_percent: None,
            load_after_percent: None,
        };
        let plan = Plan {
            seed: 1,
            launches: 2,
            samples: 2,
            sample_ns: 1_000,
            filters: Vec::new(),
        };
        Self {
            record: RunRecord {
                schema: 1,
                commit: None,
                source_tree: None,
                machine,
                environment,
                plan,
                benchmarks: Vec::new(),
            },
        }
    }

    /// A record of what is checked out, with one benchmark `a`.
    pub(crate) fn of(state: &State) -> Self {
        let mut sample = Self::new().benches(&["a"]);
        sample.record.commit.clone_from(&state.commit);
        sample.record.source_tree = Some(state.source_tree.clone());
        sample
    }

    /// Makes it another record of the same thing.
    pub(crate) fn seed(mut self, seed: u64) -> Self {
        self.record.plan.seed = seed;
        self
    }

    pub(crate) fn class(mut self, class: &str) -> Self {
        self.record.machine.class = class.to_owned();
        self
    }

    pub(crate) fn profile(mut self, profile: &str) -> Self {
        self.record.environment.build.profile = profile.to_owned();
        self
    }

    pub(crate) fn rustc(mut self, rustc: &str) -> Self {
        self.record.environment.rustc = rustc.to_owned();
        self
    }

    pub(crate) fn clock(mut self, clock: &str) -> Self {
        self.record.environment.clock = clock.to_owned();
        self
    }

    /// Replaces the benchmarks.
    pub(crate) fn benches(mut self, names: &[&str]) -> Self {
        self.record.benchmarks = names.iter().map(|name| benchmark(name)).collect();
        self.record.benchmarks.sort_by(|a, b| a.id.cmp(&b.id));
        self
    }

    /// Gives all benchmarks another definition.
    pub(crate) fn version(mut self, version: u8) -> Self {
        for bench in &mut self.record.benchmarks {
            bench.definition = definition(version);
        }
        self
    }

    /// Makes all benchmarks fail.
    pub(crate) fn failed(mut self) -> Self {
        for bench in &mut self.record.benchmarks {
            bench.metrics.clear();
            bench.outcome = Outcome {
                passed: 0,
                failed: 1,
                failures: vec![Failure {
                    kind: FailureKind::Panic,
                    signal: None,
                    launch: 0,
                    elapsed_ms: 1,
                    message: "no".to_owned(),
                }],
            };
        }
        self
    }

    pub(crate) fn record(self) -> RunRecord {
        self.record
    }
}

/// A benchmark that went well.
pub(crate) fn benchmark(name: &str) -> BenchmarkRecord {
    let samples = Samples::quantise(&[vec![100.0, 101.0], vec![102.0, 103.0]]).unwrap();
    let wall = Metric::Measured {
        unit: Unit::NANOSECONDS,
        better: Better::Lower,
        exact: false,
        samples,
    };
    BenchmarkRecord {
        id: bench(name),
        definition: definition(1),
        kind: Kind::Time,
        budgets: Budgets::new(),
        floors: Budgets::new(),
        gate: None,
        fit: None,
        limit: None,
        parameters: BTreeMap::new(),
        batch: Some(10),
        throughput: Throughput::default(),
        metrics: BTreeMap::from([("wall".to_owned(), wall)]),
        outcome: Outcome {
            passed: 2,
            failed: 0,
            failures: Vec::new(),
        },
    }
}
