//! What one way of measuring cannot see, and the other can: time and instructions, side by side.
//!
//! ```text
//! cargo run --release --example blind_spots        # some seconds; needs Valgrind
//! ```
//!
//! *Scattered* follows as many links, in a ring as long, but to neighbours that lie far apart: the same instructions, and more
//! misses of the cache. *Unpredicted* decides as often, of the same numbers in another order: the same instructions, and
//! more misses of the branch prediction. *Half a per cent* builds 201 texts instead of 200.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example prints, and is its own worker"
)]

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use cargo_perf::compare::paired::{PairedRule, judge};
use perf_harness::Suite;
use perf_runner::{
    Case, Listener, PairedCase, PairedRun, Program, Progress, Valgrind, conduct_pairs, count_both,
    describe, stop_flag,
};
use perf_schema::BenchId;
use perf_schema::wire::WORKER_VARIABLE;

/// Set for the candidate, which has the slowdown.
const SLOWER_VARIABLE: &str = "BLIND_SPOTS_SLOWER";

fn main() -> ExitCode {
    if std::env::var_os(WORKER_VARIABLE).is_some() {
        return suite(std::env::var(SLOWER_VARIABLE).as_deref() == Ok("1")).main();
    }
    match show() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn suite(is_slower: bool) -> Suite {
    let mut suite = Suite::new();
    suite.bench("scattered").run(move |b, _| {
        let next = b.once(|| ring(if is_slower { 662_605 } else { 1 }));
        b.run(|| (0..20_000).fold(0, |at, _| black_box(&next)[at]));
    });
    suite.bench("unpredicted").run(move |b, _| {
        let numbers = b.once(|| numbers(is_slower));
        b.run(|| {
            let all = black_box(&numbers).iter();
            all.fold(0, |sum, &n| if n < 128 { black_box(sum + n) } else { sum })
        });
    });
    suite.bench("half a per cent").run(move |b, _| {
        let count = 200 + usize::from(is_slower);
        b.run(|| {
            let texts = (0..black_box(count)).map(|i| format!("line {} of many", i % 100));
            texts.collect::<Vec<_>>().len()
        });
    });
    suite
}

/// Eight megabytes of places in one ring, neighbours beside each other with a factor of one, else far apart. A linear congruence of full
/// period, as the factor is one more than a multiple of four and the increment odd.
fn ring(factor: usize) -> Vec<usize> {
    const PLACES: usize = 1 << 20;
    (0..PLACES).map(|at| (at * factor + 1) % PLACES).collect()
}

/// As many below 128 as not, one after the other or all the small ones first.
fn numbers(shuffled: bool) -> Vec<u64> {
    let mut rng = fastrand::Rng::with_seed(3);
    let mut numbers: Vec<u64> = (0..50_000).map(|_| rng.u64(0..256)).collect();
    if !shuffled {
        numbers.sort_unstable();
    }
    numbers
}

fn show() -> Result<(), Box<dyn std::error::Error>> {
    let stop = stop_flag()?;
    let cases = cases(&stop)?;
    let rule = PairedRule::standard(cases.len());
    let mut look = |_: usize, run: &PairedRun| rule.look(run);
    let runs = conduct_pairs(&cases, &rule.settings(1), &stop, &mut Silent, &mut look)
        .map_err(|_| "interrupted")?;
    let ids = cases
        .iter()
        .map(|case| BenchId::new("suite", "blind", &case.baseline.description.name));
    let runs: Vec<(BenchId, PairedRun)> = ids
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .zip(runs)
        .collect();
    let folder = tempfile::tempdir()?;
    let valgrind = Valgrind::find(folder.path())?;
    println!("| slowdown | time | wall time says | s on each side | instructions |");
    println!("|---|--:|---|--:|--:|");
    for ((case, (_, run)), judged) in cases.iter().zip(&runs).zip(judge(&runs, &rule).benchmarks) {
        let wall = judged.metrics.first().ok_or("nothing was measured")?;
        let time = wall.effect.map_or(f64::NAN, |effect| effect.ratio.get());
        let minute = Duration::from_secs(60);
        let counts = count_both(&case.baseline, &case.candidate, &valgrind, minute, &stop)
            .map_err(|_| "interrupted")?;
        println!(
            "| {} | {:+.1} % | {} | {:.2} | {:+.3} % |",
            judged.id.name(),
            100.0 * (time - 1.0),
            wall.verdict.word(),
            run.spent.as_secs_f64(),
            100.0 * (counts.ratio().map_or(f64::NAN, |ratio| ratio.get()) - 1.0),
        );
    }
    Ok(())
}

fn cases(stop: &AtomicBool) -> Result<Vec<PairedCase>, Box<dyn std::error::Error>> {
    let program = |slower: &str| -> std::io::Result<Program> {
        Ok(Program {
            path: std::env::current_exe()?,
            directory: std::env::current_dir()?,
            variables: vec![(SLOWER_VARIABLE.into(), slower.into())],
            show_output: false,
        })
    };
    let (baseline, candidate) = (program("0")?, program("1")?);
    let described = describe(&baseline, stop)?.cases.into_iter();
    let cases = described.map(|description| {
        let of = |program: &Program| Case {
            program: program.clone(),
            description: description.clone(),
            batch: None,
        };
        PairedCase {
            baseline: of(&baseline),
            candidate: of(&candidate),
        }
    });
    Ok(cases.collect())
}

struct Silent;

impl Listener for Silent {
    fn hear(&mut self, _progress: Progress<'_>) {}
}
