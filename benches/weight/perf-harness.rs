use perf_harness as perf;

#[perf::bench]
fn sum() -> u64 {
    subject::sum(perf::input(&[1, 2, 3]))
}

#[perf::bench(n = [100, 10_000])]
fn sort(b: perf::Bench, n: usize) {
    b.items(n).input(|| subject::noise(n)).run_mut(|v| v.sort());
}

perf::main!();
