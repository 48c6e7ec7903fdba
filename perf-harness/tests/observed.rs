//! What workers say of bodies whose allocations were counted by hand. This binary is both sides: the tests, and as its
//! own worker the bench target that they measure.

#![expect(clippy::float_cmp, reason = "what is exact is equal")]

use std::alloc::System;
use std::hint::black_box;
use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use perf_harness as perf;
use perf_runner::{Case, Launch, Listener, Program, Progress, Settings, conduct, describe};
use perf_schema::Observed;
use perf_schema::wire::WORKER_VARIABLE;

#[global_allocator]
static ALLOCATOR: perf::Counting = perf::Counting::new(System);

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

fn block(bytes: usize) -> Vec<u8> {
    black_box(Vec::with_capacity(bytes))
}

/// `allocs`, `alloc-bytes` and `peak` of each body, counted by hand.
const COUNTED: &[(&str, [usize; 3])] = &[
    ("nothing", [0, 0, 0]),
    ("kept", [1, 100, 100]),
    ("freed", [2, 2000, 1000]),
    ("nested", [4, 2500, 1500]),
    ("zeroed", [1, 4096, 4096]),
    ("aligned", [1, 256, 256]),
    ("grown", [2, 100, 100]),
    ("grown_far", [2, 8 * MIB, 8 * MIB]),
    ("shrunk", [3, 150, 100]),
    ("input_made", [0, 0, 0]),
    ("input_cloned", [1, 300, 300]),
    ("input_freed", [1, 500, 0]),
    ("input_freed_first", [1, 700, 200]),
    ("outputs_kept", [1, 20, 20]),
    ("shared[threads=1]", [2, 48, 40]),
];

#[perf::bench]
fn nothing() -> u64 {
    black_box(1)
}

#[perf::bench]
fn kept() -> Vec<u8> {
    block(100)
}

#[perf::bench]
fn freed() {
    drop(block(1000));
    drop(block(1000));
}

#[perf::bench]
fn nested() -> Vec<u8> {
    let outer = block(1000);
    (0..3).for_each(|_| drop(block(500)));
    outer
}

#[perf::bench]
fn zeroed() -> Vec<u8> {
    vec![0; black_box(4096)]
}

#[repr(align(256))]
struct Aligned([u8; 200]);

#[perf::bench]
fn aligned() -> Box<Aligned> {
    let boxed = black_box(Box::new(Aligned([1; 200])));
    assert_eq!(boxed.0[199], 1);
    assert_eq!(std::ptr::from_ref(&*boxed).addr() % 256, 0);
    boxed
}

#[perf::bench]
fn grown() -> Vec<u8> {
    let mut vec = block(10);
    vec.reserve_exact(100);
    black_box(vec)
}

/// Too large to grow where it is.
#[perf::bench]
fn grown_far() {
    let mut vec = block(64);
    vec.reserve_exact(8 * MIB);
    drop(black_box(vec));
}

#[perf::bench]
fn shrunk() {
    let mut vec = block(100);
    vec.extend([1; 10]);
    vec.shrink_to_fit();
    let other = block(50);
    drop(black_box((vec, other)));
}

#[perf::bench]
fn input_made(b: perf::Bench) {
    b.input(|| vec![3, 1, 2]).run_mut(|v| v.sort_unstable());
}

#[perf::bench]
fn input_cloned(b: perf::Bench) {
    b.input(|| vec![7_u8; 300]).run_ref(Vec::clone);
}

#[perf::bench]
fn input_freed(b: perf::Bench) {
    b.input(|| block(10_000)).run(|input| {
        drop(input);
        block(500)
    });
}

#[perf::bench]
fn input_freed_first(b: perf::Bench) {
    b.input(|| block(500)).run(|input| {
        drop(input);
        block(700)
    });
}

#[perf::bench]
fn outputs_kept(b: perf::Bench) {
    b.input(|| block(10)).run_mut(|_| block(20));
}

#[perf::bench(threads = [1, 3])]
fn shared(b: perf::Bench) {
    b.run_shared(&(), |(), _| {
        drop(block(40));
        block(8)
    });
}

#[perf::bench]
fn spawns(b: perf::Bench) {
    b.run(|| spawning(0));
}

#[perf::bench]
fn spawns_and_allocates(b: perf::Bench) {
    b.run(|| spawning(100));
}

/// Two threads, each of which gets and frees so many blocks of eight bytes.
fn spawning(blocks: usize) {
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(move || (0..blocks).for_each(|_| drop(block(8))));
        }
    });
}

/// What a thread holds adds to what its parent holds.
#[perf::bench]
fn peak_over_threads(b: perf::Bench) {
    b.run(|| {
        let outer = block(MIB);
        std::thread::scope(|scope| scope.spawn(|| drop(block(MIB))).join()).ok();
        drop(outer);
    });
}

/// One iteration in two needs a block.
#[perf::bench]
fn unsteady(b: perf::Bench) {
    let calls = AtomicU64::new(0);
    b.run(|| {
        calls
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(2)
            .then(|| block(8))
    });
}

#[perf::bench]
fn reads_and_writes(b: perf::Bench) {
    let mut sink = std::fs::File::create("/dev/null").expect("a place for what nobody wants");
    b.run(|| {
        let text = std::fs::read("Cargo.toml").expect("the package has a manifest");
        sink.write_all(&[1; 300]).expect("it takes anything");
        text
    });
}

#[perf::bench]
fn touches_new_pages() -> usize {
    // Larger than anything that glibc keeps for later.
    let mut vec = block(33 * MIB);
    vec.resize(MIB, 1);
    black_box(vec).len()
}

#[perf::bench]
fn sleeps() {
    std::thread::sleep(Duration::from_millis(1));
}

#[perf::bench]
fn light(b: perf::Bench) {
    b.run(|| 1);
}

#[perf::bench]
fn heavy(b: perf::Bench) {
    let touched = vec![1_u8; 5 * MIB];
    b.run(|| black_box(&touched).len());
}

struct Silent;

impl Listener for Silent {
    fn hear(&mut self, _: Progress<'_>) {}
}

/// Measures one case of this binary, in three launches that are all looked at.
fn measured(name: &str) -> Vec<Launch> {
    let program = Program {
        path: std::env::current_exe().expect("this binary has a path"),
        directory: env!("CARGO_MANIFEST_DIR").into(),
        variables: Vec::new(),
        show_output: true,
    };
    let stop = AtomicBool::new(false);
    let cases = describe(&program, &stop).expect("it answers").cases;
    let description = cases
        .into_iter()
        .find(|case| case.name == name)
        .unwrap_or_else(|| panic!("{name} is there"));
    let settings = Settings {
        launches: 3,
        min_launches: 3,
        samples: 1,
        sample: Duration::from_micros(100),
        ..Settings::standard(1)
    };
    let case = Case {
        program,
        description,
        batch: None,
    };
    let mut runs = conduct(&[case], &settings, &stop, &mut Silent).expect("nobody interrupts");
    let run = runs.remove(0);
    assert_eq!(run.failures, []);
    assert_eq!(run.launches.len(), 3);
    run.launches
}

/// The values of a metric in each launch.
fn values<'a>(launches: &'a [Launch], metric: &str) -> Vec<&'a [f64]> {
    let of = |launch: &'a Launch| match launch.observed.get(metric) {
        Some(Observed::Value { values, .. }) => values.as_slice(),
        other => panic!("{metric}: {other:?}"),
    };
    launches.iter().map(of).collect()
}

/// The one value that a metric has in all launches.
fn steady(launches: &[Launch], metric: &str) -> f64 {
    let values = values(launches, metric);
    let first = values[0];
    assert_eq!(first.len(), 1, "{metric}: {first:?}");
    assert!(
        values.iter().all(|other| *other == first),
        "{metric}: {values:?}"
    );
    first[0]
}

fn least(launches: &[Launch], metric: &str) -> f64 {
    let values = values(launches, metric);
    values
        .into_iter()
        .flatten()
        .copied()
        .fold(f64::INFINITY, f64::min)
}

fn figures(name: &str) -> [f64; 3] {
    let launches = measured(name);
    ["allocs", "alloc-bytes", "peak"].map(|metric| steady(&launches, metric))
}

fn as_counted_by_hand(name: &str, counted: [usize; 3]) {
    assert_eq!(figures(name), counted.map(|n| n as f64), "{name}");
}

/// The threads of a `run_shared` run one after the other, or all at the same moment, or anything in between.
fn all_threads_of_a_shared_body_count() {
    let launches = measured("shared[threads=3]");
    assert_eq!(steady(&launches, "allocs"), 6.0);
    assert_eq!(steady(&launches, "alloc-bytes"), 144.0);
    for peak in values(&launches, "peak").into_iter().flatten() {
        assert!((8.0 + 8.0 + 40.0..=3.0 * 40.0).contains(peak), "{peak}");
    }
}

/// Their peak depends on which of the two is quicker, their sum does not.
fn threads_that_a_body_starts_count() {
    let sums = |name| {
        let launches = measured(name);
        ["allocs", "alloc-bytes"].map(|metric| steady(&launches, metric))
    };
    let [allocs, bytes] = sums("spawns");
    assert_eq!(
        sums("spawns_and_allocates"),
        [allocs + 200.0, bytes + 1600.0]
    );
}

fn what_is_live_on_all_threads_makes_the_peak() {
    let peak = least(&measured("peak_over_threads"), "peak");
    let both = (2 * MIB) as f64;
    assert!((both..both + 64.0 * KIB as f64).contains(&peak), "{peak}");
}

fn iterations_that_differ_are_told_apart() {
    let launches = measured("unsteady");
    for each in values(&launches, "allocs") {
        assert!(each.len() > 1, "{each:?}");
        assert!(
            each.windows(2).all(|two| two[0] + two[1] == 1.0),
            "{each:?}"
        );
    }
}

fn bytes_of_system_calls_are_exact() {
    let launches = measured("reads_and_writes");
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let length = std::fs::metadata(manifest).expect("it was read").len();
    assert_eq!(steady(&launches, "io-read"), length as f64);
    assert_eq!(steady(&launches, "io-written"), 300.0);
    let launches = measured("nothing");
    for metric in ["io-read", "io-written", "disk-read", "disk-written"] {
        assert_eq!(steady(&launches, metric), 0.0, "{metric}");
    }
}

fn faults_and_switches_are_seen() {
    assert!(least(&measured("touches_new_pages"), "minor-faults") >= 1.0);
    assert!(least(&measured("sleeps"), "voluntary-switches") >= 1.0);
}

fn the_memory_of_a_worker_is_its_own() {
    let held = black_box(vec![1_u8; 500 * MIB]);
    let peak = |name| least(&measured(name), "peak-rss");
    let (light, heavy) = (peak("light"), peak("heavy"));
    let mib = MIB as f64;
    assert!(light < 50.0 * mib, "{light}");
    let touched = heavy - light;
    assert!((4.5 * mib..6.0 * mib).contains(&touched), "{touched}");
    drop(held);
}

fn trial(name: impl Into<String>, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        test();
        Ok::<(), Failed>(())
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the edge at which the environment is read"
)]
fn main() -> ExitCode {
    if std::env::var_os(WORKER_VARIABLE).is_some() {
        return perf::private::registered().main();
    }
    let mut trials: Vec<Trial> = COUNTED
        .iter()
        .map(|&(name, counted)| {
            trial(format!("counted_by_hand::{name}"), move || {
                as_counted_by_hand(name, counted)
            })
        })
        .collect();
    trials.extend([
        trial(
            "all_threads_of_a_shared_body_count",
            all_threads_of_a_shared_body_count,
        ),
        trial(
            "threads_that_a_body_starts_count",
            threads_that_a_body_starts_count,
        ),
        trial(
            "what_is_live_on_all_threads_makes_the_peak",
            what_is_live_on_all_threads_makes_the_peak,
        ),
        trial(
            "iterations_that_differ_are_told_apart",
            iterations_that_differ_are_told_apart,
        ),
    ]);
    if cfg!(target_os = "linux") {
        trials.extend([
            trial(
                "bytes_of_system_calls_are_exact",
                bytes_of_system_calls_are_exact,
            ),
            trial("faults_and_switches_are_seen", faults_and_switches_are_seen),
            trial(
                "the_memory_of_a_worker_is_its_own",
                the_memory_of_a_worker_is_its_own,
            ),
        ]);
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
