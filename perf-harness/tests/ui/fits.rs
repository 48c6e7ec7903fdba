use perf_harness as perf;

#[perf::bench(n = [1, 10], fit = "n^4")]
fn no_law(n: u64) -> u64 {
    n
}

#[perf::bench(n = [1, 10], fit = n)]
fn no_text(n: u64) -> u64 {
    n
}

#[perf::bench(n = [1, 10], fit = "quickly over n")]
fn no_law_over_an_axis(n: u64) -> u64 {
    n
}

fn main() {}
