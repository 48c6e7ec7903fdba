//! What is seen of a body besides its time: in a pass of its own, since looking on takes time.

mod allocations;
mod counting;
mod instructions;
#[cfg(feature = "latency")]
pub(crate) mod latency;
mod marks;
mod resident;
mod resources;

use std::collections::BTreeMap;

use perf_schema::metric::names;
use perf_schema::{MetricName, Observed};

use crate::measure::{Batch, Clock, Meter, Watch};
use allocations::{Aside, NotCounting};
pub use counting::Counting;
use counting::Tallied;
pub(crate) use instructions::prepare;
pub(crate) use marks::count;

/// Iterations that are looked at, at most.
const ITERATIONS: u64 = 16;

/// Looks at some iterations of `body`, of which `batch` fill a sample: no more than that, so that looking on takes about
/// as long as one sample.
pub(crate) fn observe(
    body: &mut dyn Batch,
    clock: Clock,
    batch: u64,
) -> BTreeMap<MetricName, Observed> {
    let iterations = batch.clamp(1, ITERATIONS);
    resources::begin();
    let allocations = allocations_of(body, clock, iterations);
    let mut metrics = resources::metrics(iterations);
    metrics.extend(allocations::metrics(allocations));
    metrics.insert(
        names::INSTRUCTIONS.to_owned(),
        instructions::observe(body, clock, iterations),
    );
    metrics
}

/// What each of `iterations` asks of the allocator, over all threads.
///
/// Inputs and what is kept of outputs are not counted. What other threads of the process do meanwhile is: for figures
/// that mean something nothing else may run in it, which in a worker is so.
///
/// # Errors
/// When nobody counts. The iterations were run all the same.
pub(crate) fn allocations_of(
    body: &mut dyn Batch,
    clock: Clock,
    iterations: u64,
) -> Result<Vec<Tallied>, NotCounting> {
    let aside = Aside::stand();
    let counts = aside.counts();
    let seen = aside.one_by_one(body, Meter::watching(clock, &Everything), iterations);
    if counts { Ok(seen) } else { Err(NotCounting) }
}

/// Looks at all there is, at the allocator from closest by.
struct Everything;

impl Watch for Everything {
    fn open(&self) {
        resources::open();
        counting::open();
    }

    fn close(&self) {
        counting::close();
        resources::close();
    }
}

/// What is known when the case is left.
pub(crate) fn at_the_end() -> BTreeMap<MetricName, Observed> {
    BTreeMap::from([(names::PEAK_RSS.to_owned(), resident::peak())])
}

/// The largest memory of this process in bytes, where the system tells it.
pub(crate) fn resident_peak() -> Option<u64> {
    resident::high_water_mark().ok()
}

#[cfg(test)]
mod tests {
    use perf_schema::metric::is_reserved;

    #[test]
    fn no_author_can_take_the_name_of_what_is_seen_here() {
        let used = super::resources::metrics(1);
        for name in super::at_the_end().keys().chain(used.keys()) {
            assert!(is_reserved(name), "{name}");
        }
    }
}
