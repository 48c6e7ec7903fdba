//! Do brackets hold the truth, in real time? Programs whose limit is known, each searched twenty times.
//!
//! ```text
//! cargo run --release --example limits_truth              # all of them: some minutes
//! cargo run --release --example limits_truth -- slept     # one of them, or several
//! ```
//!
//! *Allocated* holds so many bytes under a cap of 32 MiB. *Slept* sleeps so many tenths of a millisecond under a deadline of 40 ms.
//! *Descended* calls itself so often with a frame of 16 KiB on a stack of 16 MiB. *Permits* are of a semaphore that eight users hold at
//! once: with another one each gets less than 95 % of what one alone gets. *Tokens* are handed out 2000 times in a second. What is held,
//! slept and laid on the stack besides is within one per cent of that. A search is near the truth when its bracket comes within five per cent of
//! it; of permits, of which five per cent are no whole one, when it holds the truth.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example prints, and is its own worker"
)]

use std::error::Error;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use perf_harness::{LimitKind, Suite};
use perf_runner::{Case, Listener, Program, Progress, Settings, conduct, describe, stop_flag};
use perf_schema::wire::WORKER_VARIABLE;
use perf_schema::{LimitRecord, SearchEnd};
use perf_suite::known::{Bucket, Semaphore};

const CAP: u64 = 32 << 20;
const DEADLINE: Duration = Duration::from_millis(40);
const STACK: u64 = 16 << 20;
const FRAME: usize = 16 << 10;
const PERMITS: u32 = 8;
const HELD: Duration = Duration::from_millis(2);
const TOKENS: u32 = 2000;

/// What a limit truly is.
struct Truth {
    name: &'static str,
    limit: u64,
    /// How far a bracket may be from it.
    within: f64,
}

const TRUTHS: [Truth; 5] = [
    about("allocated", CAP),
    about("slept", 400),
    about("descended", STACK / FRAME as u64),
    Truth {
        name: "permits",
        limit: PERMITS as u64,
        within: 0.0,
    },
    about("tokens", TOKENS as u64),
];

const fn about(name: &'static str, limit: u64) -> Truth {
    Truth {
        name,
        limit,
        within: 0.05,
    }
}

const REPEATS: u64 = 20;

fn main() -> ExitCode {
    if std::env::var_os(WORKER_VARIABLE).is_some() {
        return suite().main();
    }
    match search() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn suite() -> Suite {
    let mut suite = Suite::new();
    let range = 1..=1_000_000_000;
    suite
        .bench("allocated")
        .limit("bytes", range.clone())
        .rss(CAP)
        .run(|p, bytes, _| {
            let held = p.measure(|| vec![1_u8; usize::try_from(bytes).unwrap_or(usize::MAX)]);
            p.check(held.iter().all(|&byte| byte == 1));
        });
    suite
        .bench("slept")
        .limit("tenths", range.clone())
        .wall(DEADLINE)
        .kind(LimitKind::Timeout)
        .run(|p, tenths, _| p.measure(|| std::thread::sleep(Duration::from_micros(100 * tenths))));
    suite
        .bench("descended")
        .limit("depth", range)
        .stack(STACK)
        .run(|p, depth, _| {
            let reached = p.measure(|| descend(black_box(depth)));
            p.check(reached == depth);
        });
    suite
        .bench("permits")
        .limit("users", 1..=64)
        .efficiency(0.95)
        .load(|load, _, _| {
            let semaphore = load.once(|| Semaphore::new(PERMITS as usize));
            load.run(|_| semaphore.hold(HELD));
        });
    suite
        .bench("tokens")
        .limit("rate", 250..=64_000)
        .p99(Duration::from_millis(10))
        .load(|load, _, _| {
            let bucket = load.once(|| Bucket::of(TOKENS));
            load.run(|_| bucket.take());
        });
    suite
}

fn descend(depth: u64) -> u64 {
    let mut frame = [0_u8; FRAME];
    black_box(&mut frame);
    match depth {
        0 => 0,
        // Adding after the call keeps it a call, and not a loop.
        _ => descend(depth - 1) + 1 + u64::from(frame[FRAME - 1]),
    }
}

/// Searches those that are asked for again and again, or all. True when no bracket was too far from the truth.
fn search() -> Result<bool, Box<dyn Error>> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let program = Program {
        path: std::env::current_exe()?,
        directory: std::env::current_dir()?,
        variables: Vec::new(),
        show_output: false,
    };
    let stop = stop_flag()?;
    let cases = cases(&program, &stop)?;
    println!("limit      truth     near    inside  disturbed  each search");
    let mut are_near = true;
    for (case, truth) in cases.iter().zip(TRUTHS) {
        if asked.is_empty() || asked.iter().any(|name| name == truth.name) {
            are_near &= repeat(case, &truth, &stop)?;
        }
    }
    Ok(are_near)
}

/// Searches one of them again and again, and tells how it went. True when no bracket was too far from the truth.
fn repeat(case: &Case, truth: &Truth, stop: &AtomicBool) -> Result<bool, Box<dyn Error>> {
    let (mut near, mut inside, mut disturbed) = (0_u64, 0_u64, 0_u64);
    let begun = Instant::now();
    for seed in 0..REPEATS {
        let settings = Settings::standard(seed);
        let runs = conduct(std::slice::from_ref(case), &settings, stop, &mut Silent)?;
        let limit = runs.first().and_then(|run| run.limit.as_ref());
        let Some((pass, fail)) = limit.and_then(bracket) else {
            let end = limit.map(|limit| limit.end);
            eprintln!("{}: no bracket, the search ended as {end:?}", truth.name);
            continue;
        };
        inside += u64::from((pass..fail).contains(&truth.limit));
        near += u64::from(truth.is_near(pass, fail));
        disturbed += u64::from(limit.is_some_and(LimitRecord::is_disturbed));
    }
    let each = begun.elapsed().as_secs_f64() / REPEATS as f64;
    println!(
        "{:<9}  {:>8}  {near:>2}/{REPEATS}   {inside:>2}/{REPEATS}   {disturbed:>2}/{REPEATS}      {each:.2} s",
        truth.name, truth.limit
    );
    Ok(near == REPEATS)
}

fn cases(program: &Program, stop: &AtomicBool) -> Result<Vec<Case>, Box<dyn Error>> {
    let described = describe(program, stop)?.cases;
    Ok(described
        .into_iter()
        .map(|description| Case {
            program: program.clone(),
            description,
            batch: None,
        })
        .collect())
}

/// The ends of a bracket that is as narrow as was asked for.
fn bracket(limit: &LimitRecord) -> Option<(u64, u64)> {
    let ends = limit.largest_pass.zip(limit.smallest_fail)?;
    (limit.end == SearchEnd::Found).then_some(ends)
}

impl Truth {
    /// Whether it lies in the bracket, or not further from it than it may.
    fn is_near(&self, pass: u64, fail: u64) -> bool {
        let truth = self.limit as f64;
        pass as f64 <= truth * (1.0 + self.within) && fail as f64 > truth / (1.0 + self.within)
    }
}

struct Silent;

impl Listener for Silent {
    fn hear(&mut self, _progress: Progress<'_>) {}
}
