//! The bodies under criterion, driven as a library with its own defaults.

use std::path::Path;
use std::process::ExitCode;

use criterion::{BatchSize, Criterion};

use crate::answer::Answer;
use crate::bodies::{self, Costly, LINES, chain, costly_input};

/// The first argument of a process that is to do this; the second one is the folder for what criterion writes.
pub const FLAG: &str = "--in-criterion";

pub fn main(folder: &str) -> ExitCode {
    let mut criterion = Criterion::default()
        .output_directory(Path::new(folder))
        .without_plots();
    criterion.bench_function("empty", |b| b.iter(|| ()));
    under::<{ bodies::NS_1 }>(&mut criterion, "about_1_ns");
    under::<{ bodies::NS_10 }>(&mut criterion, "about_10_ns");
    under::<{ bodies::US_1 }>(&mut criterion, "about_1_us");
    under::<{ bodies::MS_1 }>(&mut criterion, "about_1_ms");
    let mut x = 1;
    criterion.bench_function("with_costly_input", |b| {
        b.iter_batched_ref(
            costly_input,
            |_| chain::<{ bodies::NS_100 }>(&mut x),
            BatchSize::SmallInput,
        );
    });
    let mut x = 1;
    criterion.bench_function("with_costly_drop", |b| {
        b.iter_with_large_drop(|| Costly(chain::<{ bodies::NS_100 }>(&mut x)));
    });
    ExitCode::SUCCESS
}

fn under<const STEPS: usize>(criterion: &mut Criterion, name: &str) {
    criterion.bench_function(name, |b| {
        let mut x = 1;
        b.iter(move || chain::<STEPS>(&mut x));
    });
}

/// What criterion answers for each line: the slope where it fits one, else the mean, as in what it prints.
pub fn answers(folder: &Path) -> Result<Vec<Answer>, String> {
    let read = |name: &str| {
        let path = folder.join(name).join("new/estimates.json");
        let text = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let estimates: serde_json::Value =
            serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        let point = |which: &str| estimates[which]["point_estimate"].as_f64();
        point("slope")
            .or_else(|| point("mean"))
            .map(Answer::About)
            .ok_or_else(|| format!("{} has no estimate", path.display()))
    };
    LINES.iter().map(|(name, _)| read(name)).collect()
}
