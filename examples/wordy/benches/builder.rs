//! Without macros: the attribute expands to these calls, so whatever it can say can be said here, and computed.

use std::process::ExitCode;
use std::time::Duration;

use perf_harness::{Suite, input};
use wordy::Order;

fn main() -> ExitCode {
    let mut suite = Suite::new();

    suite.bench("plain::count").run(|b, _| {
        b.run(|| wordy::count(input("a few words of different lengths")));
    });

    // An axis whose values are computed: 10, 100, 1000.
    suite
        .bench("axes::count")
        .axis("words", (1..=3).map(|digits| 10_usize.pow(digits)))
        .timeout(Duration::from_secs(10))
        .run(|b, case| {
            let words: usize = case.get("words");
            let text = b.once(|| wordy::sample(words));
            b.items(words)
                .run(|| wordy::count(input(&text)))
                .check(|&count| count == words);
        });

    // A benchmark for each of several things: the names are the program's to make.
    for order in [Order::Alphabet, Order::Length] {
        suite.bench(format!("sort::{order:?}")).run(move |b, _| {
            let text = wordy::sample(1_000);
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            b.input(|| words.clone())
                .run_mut(|words| wordy::sort(words, order));
        });
    }

    suite.main()
}
