//! The shortest form: a function is a benchmark, and each call an iteration.

use perf_harness as perf;

// `input` hides a value from the optimiser, which could otherwise compute the answer at build time. What a benchmark
// returns is kept, and dropped after the clock has stopped.
#[perf::bench]
fn count() -> usize {
    wordy::count(perf::input("a few words of different lengths"))
}

#[perf::bench]
fn longest() -> Option<&'static str> {
    wordy::longest(perf::input("a few words of different lengths"))
}

// The path of modules is part of the name: `long::count`.
mod long {
    use super::perf;

    // With a `Bench`, what stands before `run` is not measured. `once` makes what all iterations share; `bytes` and `items`
    // say what each works through, and reports then show a rate.
    #[perf::bench]
    fn count(b: perf::Bench) {
        let text = b.once(|| wordy::sample(10_000));
        b.bytes(text.len()).run(|| wordy::count(perf::input(&text)));
    }
}

perf::main!();
