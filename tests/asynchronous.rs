//! Async benchmarks, on tokio and on a runtime of the user's own.

use crate::support::Project;
use crate::support::record::{benchmark, range, saved_record};

const BENCHES: &str = r#"
use perf_harness as perf;
use perf_harness::scripted::spend;
use tokio::runtime::{Builder, Runtime};

fn tokio(workers: usize) -> Runtime {
    // Neither is this timed.
    spend(9_000_000);
    Builder::new_multi_thread().worker_threads(workers).build().unwrap()
}

#[perf::bench(workers = [1, 2], runtime = tokio(workers))]
async fn task(workers: usize) -> usize {
    tokio::task::yield_now().await;
    tokio::spawn(async move { spend(1_000 * workers as u64) }).await.unwrap();
    workers
}

/// Entering and leaving it takes time.
struct Slow;

impl perf::Runtime for Slow {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        spend(7_000_000);
        let mut future = std::pin::pin!(future);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let output = loop {
            if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) { break output; }
        };
        spend(7_000_000);
        output
    }
}

struct Connection { open: bool }

#[perf::bench]
fn by_hand(b: perf::Bench) {
    b.on(&Slow)
        .input(async || { spend(50_000); Connection { open: true } })
        .teardown(async |mut connection: Connection| { spend(60_000); connection.open = false; })
        .run_mut(async |connection| { spend(3_000); connection.open })
        .check(async |connection| connection.open);
}

#[perf::bench]
fn wrong(b: perf::Bench) {
    b.on(&Slow).run(async || { spend(1_000); 1 }).check(async |&n| n == 2);
}

#[perf::bench(threads = [1, 2])]
fn on_threads(b: perf::Bench) {
    b.on(&Slow).run(async || spend(1_000));
}

perf::main!();
"#;

#[test]
fn only_what_an_iteration_awaits_is_timed() {
    let project = Project::without_git();
    project.edit(
        "Cargo.toml",
        "perf-harness = { ",
        "tokio = { version = \"1\", features = [\"rt-multi-thread\"] }\nperf-harness = { features = [\"tokio\"], ",
    );
    project.write("benches/cpu.rs", BENCHES);
    project.put_under_git();
    let run = project.perf(&["run", "--quick", "--format", "json"]);
    run.code(12);
    let failures: Vec<String> = run.json()["benchmarks"]
        .as_array()
        .expect("a report has benchmarks")
        .iter()
        .filter(|row| row["verdict"] == "failed")
        .map(ToString::to_string)
        .collect();
    assert_eq!(failures.len(), 2, "{failures:#?}");
    assert!(failures[0].contains("of an async one give the threads to its runtime"));
    assert!(failures[1].contains("the check of the benchmark's result does not hold"));

    let benches = BENCHES
        .replace("n == 2", "n == 1")
        .replace("[1, 2])]\nfn on_threads", "[1])]\nfn on_threads");
    project.write("benches/cpu.rs", &benches);
    project.commit("mended");
    let record = saved_record(&project);
    for (name, ns) in [
        ("::task[workers=1]", 1_000.0),
        ("::task[workers=2]", 2_000.0),
        ("::by_hand", 3_000.0),
        ("::wrong", 1_000.0),
        ("::on_threads[threads=1]", 1_000.0),
    ] {
        let metrics = &benchmark(&record, name)["metrics"];
        for metric in ["wall", "cpu"] {
            let (least, largest) = range(&metrics[metric]);
            assert!(
                least >= 0.99 * ns && largest <= 1.01 * ns,
                "{name} {metric}: {least} {largest}"
            );
        }
    }
    let tests = project.cargo(&["test", "--benches", "--quiet"]);
    tests.code(0).says("4 passed");
}
