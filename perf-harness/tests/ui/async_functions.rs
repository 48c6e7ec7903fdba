use perf_harness as perf;

struct Runtime;

impl perf::Runtime for Runtime {
    fn block_on<F: Future>(&self, _: F) -> F::Output {
        unimplemented!()
    }
}

#[perf::bench]
async fn no_runtime() -> u64 {
    1
}

#[perf::bench(runtime = Runtime)]
fn not_async(b: perf::Bench) {
    b.run(|| 1);
}

#[perf::bench(runtime = Runtime)]
async fn takes_a_bench(b: perf::Bench) {
    b.run(|| 1);
}

#[perf::bench(runtime = Runtime, threads = [1, 2])]
async fn on_threads() {}

fn main() {}
