//! How long a comparison takes once everything is measured: finding the baseline in git, reading it, judging.

use std::path::PathBuf;

use perf_harness as perf;

#[path = "store/data.rs"]
mod data;
#[path = "store/question.rs"]
mod question;

perf::main!();

/// Where the made-up repositories are kept between runs.
fn repository(benchmarks: usize, commits: usize) -> PathBuf {
    let root =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("store-{benchmarks}x{commits}"));
    data::ensure(&root, benchmarks, commits);
    root
}

/// A repository of the ordinary kind.
#[perf::bench(timeout = "2min")]
fn compare_with_20_records_of_50_benchmarks(b: perf::Bench) {
    answer(b, 50, 20);
}

/// The largest that has to be quick. Making it takes about a minute and some hundred megabytes, so it is run only when
/// asked for: `cargo perf run --include-ignored compare_with_200`.
#[perf::bench(ignore, timeout = "10min")]
fn compare_with_200_records_of_1000_benchmarks(b: perf::Bench) {
    answer(b, 1000, 200);
}

fn answer(b: perf::Bench, benchmarks: usize, commits: usize) {
    let (root, candidate) = b.once(|| {
        let root = repository(benchmarks, commits);
        let candidate = question::candidate(&root, benchmarks);
        (root, candidate)
    });
    b.items(benchmarks)
        .run(|| question::answer(&root, &candidate))
        .check(|comparison| {
            comparison
                .benchmarks
                .iter()
                .all(|judged| judged.metrics.len() == 2)
        });
}
