//! Do brackets hold the truth, in real time? Programs whose limit is known, each searched twenty times.
//!
//! ```text
//! cargo run --release --example limits_truth       # less than a minute
//! ```
//!
//! *Allocated* holds so many bytes under a cap of 32 MiB. *Slept* sleeps so many tenths of a millisecond under a deadline of 40 ms.
//! *Descended* calls itself so often with a frame of 16 KiB on a stack of 16 MiB. What is held, slept and laid on the stack besides is
//! within one per cent of that.

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

const CAP: u64 = 32 << 20;
const DEADLINE: Duration = Duration::from_millis(40);
const STACK: u64 = 16 << 20;
const FRAME: usize = 16 << 10;

/// What the limits truly are, by name.
const TRUTHS: [(&str, u64); 3] = [
    ("allocated", CAP),
    ("slept", 400),
    ("descended", STACK / FRAME as u64),
];

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

/// Searches all of them again and again. True when no bracket was further from the truth than five per cent.
fn search() -> Result<bool, Box<dyn Error>> {
    let program = Program {
        path: std::env::current_exe()?,
        directory: std::env::current_dir()?,
        variables: Vec::new(),
        show_output: false,
    };
    let stop = stop_flag()?;
    let cases = cases(&program, &stop)?;
    let mut near = [0_u64; TRUTHS.len()];
    let mut inside = near;
    let mut time = [Duration::ZERO; TRUTHS.len()];
    for seed in 0..REPEATS {
        for (index, (case, (_, truth))) in cases.iter().zip(TRUTHS).enumerate() {
            let begun = Instant::now();
            let settings = Settings::standard(seed);
            let runs = conduct(std::slice::from_ref(case), &settings, &stop, &mut Silent)?;
            time[index] += begun.elapsed();
            let limit = runs.first().and_then(|run| run.limit.as_ref());
            let found = limit.and_then(bracket);
            let (pass, fail) = found.ok_or_else(|| format!("no bracket: {limit:?}"))?;
            inside[index] += u64::from((pass..fail).contains(&truth));
            near[index] += u64::from(is_near(pass, fail, truth));
        }
    }
    println!("limit      truth     within 5 %  inside  each search");
    for (index, (name, truth)) in TRUTHS.into_iter().enumerate() {
        let each = time[index].as_secs_f64() / REPEATS as f64;
        println!(
            "{name:<9}  {truth:>8}  {:>2}/{REPEATS}       {:>2}/{REPEATS}   {each:.2} s",
            near[index], inside[index]
        );
    }
    Ok(near.iter().all(|&count| count == REPEATS))
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

/// Whether the truth lies in the bracket, or within five per cent of it.
fn is_near(pass: u64, fail: u64, truth: u64) -> bool {
    pass as f64 <= truth as f64 * 1.05 && fail as f64 >= truth as f64 / 1.05
}

struct Silent;

impl Listener for Silent {
    fn hear(&mut self, _progress: Progress<'_>) {}
}
