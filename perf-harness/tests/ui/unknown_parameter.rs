use perf_harness as perf;

#[perf::bench(n = [1, 2])]
fn sort(b: perf::Bench, n: usize, size: usize) {
    b.run(|| n + size);
}

fn main() {}
