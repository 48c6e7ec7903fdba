use perf_harness as perf;

#[perf::bench(n = [])]
fn sort(b: perf::Bench, n: usize) {
    b.run(|| n);
}

#[perf::bench(n = 3)]
fn other(b: perf::Bench, n: usize) {
    b.run(|| n);
}

fn main() {}
