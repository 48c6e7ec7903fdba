//! Generic functions: each type and each constant is a case of its own, measured by an instance of its own.

use std::collections::{BTreeSet, HashSet};

use perf_harness as perf;

// `collect[T=Vec<&str>,words=10]`, and five more: types multiply with axes. The sizes are 10, 100 and 1000.
#[perf::bench(types = [Vec<&str>, HashSet<&str>], words = perf::log_range(10..=1_000, 3))]
fn collect<T: FromIterator<&'static str>>(b: perf::Bench, words: usize) {
    b.items(words).run(|| {
        perf::input("word ")
            .split(' ')
            .cycle()
            .take(words)
            .collect::<T>()
    });
}

// The only const parameter takes `consts`; of several parameters each takes a list under its own name.
#[perf::bench(consts = [16, 256])]
fn zero<const N: usize>() -> [u8; N] {
    perf::input([0; N])
}

#[perf::bench(S = [BTreeSet<String>], N = [1, 8])]
fn longest<S, const N: usize>(b: perf::Bench)
where
    S: FromIterator<String> + IntoIterator<Item = String>,
{
    let text = wordy::sample(100 * N);
    b.input(|| text.split(' ').map(str::to_owned).collect::<S>())
        .run(|words| words.into_iter().max_by_key(String::len));
}

perf::main!();
