//! A fresh input for each iteration, made before the clock starts and dropped after it has stopped.

use perf_harness as perf;
use wordy::Order;

const WORDS: usize = 1_000;

fn words() -> Vec<String> {
    let text = wordy::sample(WORDS);
    text.split(' ').map(str::to_owned).collect()
}

// By `&mut`: for code that changes its input. Without `input`, every iteration but the first would sort what is sorted.
#[perf::bench]
fn sort(b: perf::Bench) {
    let words = b.once(words);
    b.items(WORDS)
        .input(|| words.clone())
        .run_mut(|words| wordy::sort(words, Order::Alphabet));
}

// By value: for code that consumes its input. Dropping it is then part of what is measured.
#[perf::bench]
fn join(b: perf::Bench) {
    let words = b.once(words);
    b.items(WORDS)
        .input(|| words.clone())
        .run(|words| words.join(" "));
}

// By `&`: for code that looks at an input which should be another one each time.
#[perf::bench]
fn count(b: perf::Bench) {
    b.items(WORDS)
        .input(|| wordy::sample(WORDS))
        .run_ref(|text| wordy::count(text));
}

perf::main!();
