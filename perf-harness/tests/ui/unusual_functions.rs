use perf_harness as perf;

#[perf::bench]
unsafe fn careless() -> u64 {
    1
}

#[perf::bench]
struct NotAFunction;

#[perf::bench(threads = [1])]
fn alone() -> u64 {
    1
}

fn main() {}
