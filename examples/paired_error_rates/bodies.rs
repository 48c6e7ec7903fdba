//! The bodies under our harness, as large as [`MORE_VARIABLE`] says.

use perf_harness::Suite;

use crate::work;

/// How many pieces more, and so how many per cent.
pub(crate) const MORE_VARIABLE: &str = "PAIRED_MORE";

/// All bodies.
pub(crate) fn suite() -> Suite {
    let mut suite = Suite::new();
    let pieces = pieces();
    for (name, make) in work::ALL {
        suite.bench(name).run(move |b, _| {
            let body = b.once(|| make(pieces));
            b.run(body);
        });
    }
    suite
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge of a worker of ours"
)]
fn pieces() -> usize {
    let more = std::env::var(MORE_VARIABLE).ok();
    100 + more.and_then(|text| text.parse().ok()).unwrap_or(0)
}
