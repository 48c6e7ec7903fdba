use divan::{Bencher, black_box, counter::ItemsCount};

#[divan::bench]
fn sum() -> u64 {
    subject::sum(black_box(&[1, 2, 3]))
}

#[divan::bench(args = [100, 10_000])]
fn sort(b: Bencher, n: usize) {
    b.counter(ItemsCount::new(n)).with_inputs(|| subject::noise(n)).bench_refs(|v| v.sort());
}

fn main() {
    divan::main();
}
