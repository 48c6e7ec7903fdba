use perf_harness as perf;

#[perf::bench(m = [1, 2])]
fn sort(b: perf::Bench) {
    b.run(|| 1);
}

fn main() {}
