use perf_harness as perf;

#[perf::bench(ignored)]
fn sort() -> u64 {
    1
}

#[perf::bench(timeout = 5)]
fn slow() -> u64 {
    1
}

#[perf::bench(timeout = "0s")]
fn never() -> u64 {
    1
}

#[perf::bench(version = 1, version = 2)]
fn twice() -> u64 {
    1
}

#[perf::bench(ignore = 3)]
fn unreasonable() {}

#[perf::bench(ignore = " ")]
fn silent() {}

fn main() {}
