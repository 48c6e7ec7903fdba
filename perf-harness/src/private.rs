//! What the macros' code may name. Not part of the interface: it may change in any release.

use std::panic::AssertUnwindSafe;

pub use linkme;

use crate::{Benchmark, Suite};

/// One `#[perf::bench]` function, found again through the linker.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// `module_path!()` at the function.
    pub module: &'static str,
    /// The function's name.
    pub name: &'static str,
    /// `file!()`, `line!()`, `column!()` at the function.
    pub location: (&'static str, u32, u32),
    /// Says through the public builder what the attribute said.
    pub declare: fn(Benchmark<'_>),
}

/// All entries of the binary, in no promised order.
#[linkme::distributed_slice]
pub static ENTRIES: [Entry];

/// The suite of all entries, in the order of their declaration.
#[must_use]
pub fn registered() -> Suite {
    let mut entries: Vec<&Entry> = ENTRIES.iter().collect();
    entries.sort_by_key(|entry| entry.location);
    let mut suite = Suite::new();
    for entry in entries {
        // As libtest does, the crate's own name is left out.
        let module = entry.module.split_once("::").map_or("", |(_, inner)| inner);
        let name = if module.is_empty() {
            entry.name.to_owned()
        } else {
            format!("{module}::{}", entry.name)
        };
        let (file, line, _) = entry.location;
        let declare = || (entry.declare)(suite.bench_at(name.clone(), file, line));
        // The values of an axis are code of the user's. Its message is on standard error already.
        if std::panic::catch_unwind(AssertUnwindSafe(declare)).is_err() {
            suite.refuse(&name, file, line, "making the values of its axes panicked");
        }
    }
    suite
}
