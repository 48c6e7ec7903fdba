//! The same benchmark with several values: each combination is a case with a name of its own.

use perf_harness as perf;
use wordy::Order;

// `count[words=100]`, `count[words=10000]`. Put the smallest value first: `cargo test` runs only that one.
#[perf::bench(words = [100, 10_000])]
fn count(b: perf::Bench, words: usize) {
    let text = b.once(|| wordy::sample(words));
    b.items(words).run(|| wordy::count(perf::input(&text)));
}

// Axes multiply: `sort[words=100,order=Alphabet]` and three more. A value is named by its `Debug` text.
#[perf::bench(words = [100, 10_000], order = [Order::Alphabet, Order::Length])]
fn sort(b: perf::Bench, words: usize, order: Order) {
    let text = wordy::sample(words);
    let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    b.items(words.len())
        .input(|| words.clone())
        .run_mut(|words| wordy::sort(words, order));
}

perf::main!();
