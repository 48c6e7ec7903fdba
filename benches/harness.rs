//! The yardstick: bodies whose cost is known by how they are made, under our harness, criterion and divan.
//!
//! As a bench target it is like any other: `cargo perf run` and `cargo bench` measure the bodies. The comparison of the three
//! is made by
//!
//! ```sh
//! cargo bench --bench harness -- --yardstick 5
//! ```
//!
//! which runs each of them five times in a process of its own, in an order drawn anew each time, and prints the table that
//! stands in docs/METHOD.md. Each tool is used as its own documentation says, with its own defaults.

#[path = "harness/answer.rs"]
mod answer;
#[path = "harness/bodies.rs"]
mod bodies;
#[path = "harness/in_criterion.rs"]
mod in_criterion;
#[path = "harness/in_divan.rs"]
mod in_divan;
#[path = "harness/table.rs"]
mod table;
#[path = "harness/truth.rs"]
mod truth;
#[path = "harness/yardstick.rs"]
mod yardstick;

use std::process::ExitCode;

use bodies::{Costly, chain, costly_input};
use perf_harness as perf;

#[perf::bench]
fn empty() {}

#[perf::bench]
fn about_1_ns(b: perf::Bench) {
    let mut x = b.seed() | 1;
    b.run(move || chain::<{ bodies::NS_1 }>(&mut x));
}

#[perf::bench]
fn about_10_ns(b: perf::Bench) {
    let mut x = b.seed() | 1;
    b.run(move || chain::<{ bodies::NS_10 }>(&mut x));
}

#[perf::bench]
fn about_1_us(b: perf::Bench) {
    let mut x = b.seed() | 1;
    b.run(move || chain::<{ bodies::US_1 }>(&mut x));
}

#[perf::bench]
fn about_1_ms(b: perf::Bench) {
    let mut x = b.seed() | 1;
    b.run(move || chain::<{ bodies::MS_1 }>(&mut x));
}

#[perf::bench]
fn with_costly_input(b: perf::Bench) {
    let mut x = b.seed() | 1;
    b.input(costly_input)
        .run_ref(move |_| chain::<{ bodies::NS_100 }>(&mut x));
}

#[perf::bench]
fn with_costly_drop(b: perf::Bench) {
    let mut x = b.seed() | 1;
    b.run(move || Costly(chain::<{ bodies::NS_100 }>(&mut x)));
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *arguments.as_slice() {
        [yardstick::FLAG, rounds, ..] => yardstick::main(rounds),
        [in_criterion::FLAG, folder, ..] => in_criterion::main(folder),
        [in_divan::FLAG, ..] => in_divan::main(),
        _ => perf::private::registered().main(),
    }
}
