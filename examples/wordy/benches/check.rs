//! The answer is checked, outside the clock: a fast wrong answer is a failure and no improvement.

use perf_harness as perf;
use wordy::{Order, Tally};

const WORDS: usize = 1_000;

// After `run` the check is given an output,
#[perf::bench]
fn count(b: perf::Bench) {
    let text = b.once(|| wordy::sample(WORDS));
    b.run(|| wordy::count(perf::input(&text)))
        .check(|&count| count == WORDS);
}

// after `run_mut` an input as the benchmark left it,
#[perf::bench]
fn sort(b: perf::Bench) {
    let text = wordy::sample(WORDS);
    let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    b.input(|| words.clone())
        .run_mut(|words| wordy::sort(words, Order::Length))
        .check(|words| words.is_sorted_by_key(String::len));
}

// and after `run_shared` what the threads shared.
#[perf::bench(threads = [1, 2])]
fn tally(b: perf::Bench) {
    let tally = b.once(Tally::default);
    b.run_shared(&tally, |tally, _| tally.add("word"))
        .check(|tally| tally.get("word") > 0);
}

perf::main!();
