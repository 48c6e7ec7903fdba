//! What `#[perf::bench]` refuses, with its message, and what it registers.

use std::collections::HashMap;
use std::time::Duration;

use perf_harness as perf;

#[test]
fn misuse_is_an_error_at_the_users_own_line() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

mod text {
    #[perf_harness::bench]
    fn plain() -> u64 {
        1
    }
}

#[derive(Clone, Copy, Debug)]
enum Size {
    Small,
    Large,
}

#[perf::bench(n = [1, 2], size = [Size::Small, Size::Large], timeout = "2s", version = 3, fit = "n^2 over n")]
fn axes(b: perf::Bench, size: Size, n: u64) {
    // No semicolon: what `run` returns need not be looked at.
    b.run(|| perf::input(size as u64 + n))
}

#[perf::bench(threads = [1, 2], ignore)]
fn threads(b: perf::Bench) {
    b.run_shared(&(), |(), t| t.index());
}

const TWICE: usize = 8;

#[perf::bench(
    types = [
        Vec<u8>,
        HashMap< u8,u8 >,
    ],
    n = perf::log_range(1..=100, 3),
    consts = [4, TWICE],
)]
fn generic<T: Default, const N: usize>(b: perf::Bench, n: u64) {
    b.run(|| (T::default(), N as u64 + n));
}

#[perf::bench(N = [true], T = [Vec<u8>], U = [u8, ()], ignore = "needs a GPU")]
fn many_parameters<T: Default, U: Default, const N: bool>() -> (T, U, bool) {
    (T::default(), U::default(), N)
}

const FEW: u32 = 3;

#[perf::bench(
    allocs <= FEW,
    peak <= "64KiB",
    alloc_bytes <= 100_000,
    wall <= "1.5us",
    "latency-p99.9" <= Duration::from_millis(2),
    ratio <= 0.5,
    gate = "2.5%"
)]
fn budgets() {}
/// Polls once, which is enough here.
struct Once;

impl perf::Runtime for Once {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::pin!(future).poll(&mut context) {
            std::task::Poll::Ready(output) => output,
            std::task::Poll::Pending => panic!("it is not ready"),
        }
    }
}

#[perf::bench(runtime = Once, n = [1, 2])]
async fn later(n: u64) -> u64 {
    n
}

#[perf::command(text = ["a", "b"], version = 2)]
fn echo(text: &'static str) -> perf::Command {
    perf::Command::new("echo").arg(text)
}

#[perf::limit(n in 1..=1_000_000, wall = "2s", rss = "512MiB", algo = ["a", "b"], version = 2)]
fn largest(p: perf::Probe, algo: &'static str, n: u64) {
    // No semicolon: what `measure` returns need not be looked at.
    p.measure(|| n + algo.len() as u64)
}

#[perf::limit(
    deepest in 10..=1_000, stack = "1MiB", kind = recursion, precision = 0.1, repeats = 5, budget = "1min", fit = "n log n", types = [u8, ()], level = ["a"]
)]
fn deepest<T: Default>(p: perf::Probe, level: &'static str, deepest: u64) {
    p.measure(|| (T::default(), level, deepest));
}

#[perf::bench(under = [cpu(2), mem("70%"), io, fault], recovery = "2s", n = [1])]
fn in_a_crowd(b: perf::Bench, n: u64) {
    b.inject(|| ()).recover(|| ()).run(|| n);
}

#[perf::bench(under = [mem("512MiB")])]
fn in_little_memory() {}

#[test]
fn the_attribute_says_what_the_builder_says() {
    let registered = format!("{:?}", perf::private::registered());
    let mut suite = perf::Suite::new();
    suite.bench("text::plain").run(|b, _| drop(b.run(|| 1)));
    suite
        .bench("axes")
        .axis("n", [1_u64, 2])
        .axis("size", [Size::Small, Size::Large])
        .timeout(Duration::from_secs(2))
        .version(3)
        .fit("n^2 over n")
        .run(|b, case| drop(b.run(|| case.get::<u64>("n"))));
    suite
        .bench("threads")
        .threads([1, 2])
        .ignore()
        .run(|b, _| drop(b.run_shared(&(), |(), t| t.index())));
    suite
        .bench("generic")
        .axis_labelled("T", [("Vec<u8>", 0), ("HashMap<u8, u8>", 1)])
        .axis("n", [1_u64, 10, 100])
        .axis_labelled("N", [("4", 4_usize), ("8", TWICE)])
        .run(|b, _| drop(b.run(|| ())));
    suite
        .bench("many_parameters")
        .axis("N", [true])
        .axis_labelled("T", [("Vec<u8>", 0)])
        .axis_labelled("U", [("u8", 0), ("()", 1)])
        .ignore_because("needs a GPU")
        .run(|b, _| drop(b.run(|| ())));
    suite
        .bench("budgets")
        .at_most("allocs", 3)
        .at_most("peak", 65_536)
        .at_most("alloc-bytes", 100_000)
        .at_most("wall", Duration::from_nanos(1_500))
        .at_most("latency-p99.9", Duration::from_millis(2))
        .at_most("ratio", 0.5)
        .gate("2.5%")
        .run(|b, _| drop(b.run(|| ())));
    suite
        .bench("later")
        .axis("n", [1_u64, 2])
        .run(|b, case| drop(b.on(&Once).run(async || case.get::<u64>("n"))));
    suite
        .bench("echo")
        .axis("text", ["a", "b"])
        .version(2)
        .command(|case| perf::Command::new("echo").arg(case.get::<&str>("text")));
    suite
        .bench("largest")
        .axis("algo", ["a", "b"])
        .version(2)
        .limit("n", 1..=1_000_000)
        .wall(Duration::from_secs(2))
        .rss(512 << 20)
        .run(|p, n, _| assert_eq!(p.measure(|| n), n));
    suite
        .bench("deepest")
        .axis_labelled("T", [("u8", 0), ("()", 1)])
        .axis("level", ["a"])
        .limit("deepest", 10..=1_000)
        .stack(1 << 20)
        .kind(perf::LimitKind::Recursion)
        .precision(0.1)
        .repeats(5)
        .budget(Duration::from_secs(60))
        .fit("n log n")
        .run(|p, depth, _| assert_eq!(p.measure(|| depth), depth));
    suite
        .bench("in_a_crowd")
        .axis("n", [1_u64])
        .under([perf::Stress::Cpu(2), perf::Stress::MemoryPercent(70)])
        .under([perf::Stress::Io, perf::Stress::Fault])
        .recovery(Duration::from_secs(2))
        .run(|b, _| drop(b.run(|| ())));
    suite
        .bench("in_little_memory")
        .under([perf::Stress::Memory(512 << 20)])
        .run(|b, _| drop(b.run(|| ())));
    assert_eq!(registered, format!("{suite:?}"));
}
