//! Several threads at once on one value. All start together; the time is from the first start to the last end.

use perf_harness as perf;
use wordy::Tally;

const WORDS: [&str; 4] = ["one", "two", "three", "four"];

// Every thread runs the body so many times; `items` counts what one of them does. The thread knows its number and has a
// random number generator of its own, which gives the same numbers in every batch.
#[perf::bench(threads = [1, 2, 4])]
fn add(b: perf::Bench) {
    let tally = b.once(Tally::default);
    b.items(1).run_shared(&tally, |tally, thread| {
        tally.add(WORDS[thread.rng().usize(..WORDS.len())]);
    });
}

// All read, and the first also writes.
#[perf::bench(threads = [2, 4])]
fn read_beside_a_writer(b: perf::Bench) {
    let tally = b.once(Tally::default);
    b.run_shared(&tally, |tally, thread| {
        if thread.index() == 0 {
            tally.add("word");
        }
        tally.get("word")
    });
}

perf::main!();
