//! The bodies under divan, with its own defaults.

use std::process::ExitCode;

use divan::Bencher;

use crate::answer::Answer;
use crate::bodies::{self, Costly, LINES, chain, costly_input};

/// The first argument of a process that is to do this.
pub const FLAG: &str = "--in-divan";

pub fn main() -> ExitCode {
    divan::Divan::default().run_benches();
    ExitCode::SUCCESS
}

#[divan::bench]
fn empty(b: Bencher) {
    b.bench_local(|| ());
}

#[divan::bench]
fn about_1_ns(b: Bencher) {
    let mut x = 1;
    b.bench_local(move || chain::<{ bodies::NS_1 }>(&mut x));
}

#[divan::bench]
fn about_10_ns(b: Bencher) {
    let mut x = 1;
    b.bench_local(move || chain::<{ bodies::NS_10 }>(&mut x));
}

#[divan::bench]
fn about_1_us(b: Bencher) {
    let mut x = 1;
    b.bench_local(move || chain::<{ bodies::US_1 }>(&mut x));
}

#[divan::bench]
fn about_1_ms(b: Bencher) {
    let mut x = 1;
    b.bench_local(move || chain::<{ bodies::MS_1 }>(&mut x));
}

#[divan::bench]
fn with_costly_input(b: Bencher) {
    let mut x = 1;
    b.with_inputs(costly_input)
        .bench_local_refs(move |_| chain::<{ bodies::NS_100 }>(&mut x));
}

#[divan::bench]
fn with_costly_drop(b: Bencher) {
    let mut x = 1;
    b.bench_local(move || Costly(chain::<{ bodies::NS_100 }>(&mut x)));
}

/// What divan answers for each line: the median of what it prints.
pub fn answers(printed: &str) -> Result<Vec<Answer>, String> {
    let find = |name: &str| {
        let columns = printed.lines().find_map(|line| {
            let (_, rest) = line.split_once("─ ")?;
            let rest = rest.trim_start().strip_prefix(name)?;
            rest.starts_with(' ')
                .then(|| rest.split('│').collect::<Vec<_>>())
        });
        columns
            .as_deref()
            .and_then(|columns| Answer::read(columns.get(2)?))
            .ok_or_else(|| format!("divan says nothing of {name}:\n{printed}"))
    };
    LINES.iter().map(|(name, _)| find(name)).collect()
}
