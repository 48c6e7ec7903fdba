//! What is seen of a body besides its time: in a pass of its own, since looking on takes time.

mod instructions;
mod marks;
mod resident;

use std::collections::BTreeMap;

use perf_schema::metric::names;
use perf_schema::{MetricName, Observed};

use crate::measure::{Batch, Clock, Meter};
pub(crate) use instructions::prepare;
pub(crate) use marks::count;

/// Looks at some iterations of `body`, of which `batch` fill a sample.
pub(crate) fn observe(
    body: &mut dyn Batch,
    clock: Clock,
    batch: u64,
) -> BTreeMap<MetricName, Observed> {
    body.run(batch.clamp(1, 16), Meter::of(clock));
    let nobody_counts = Observed::Absent {
        reason: "nobody counts what the allocator is asked for".to_owned(),
    };
    let mut seen: BTreeMap<MetricName, Observed> = [names::ALLOCS, names::ALLOC_BYTES, names::PEAK]
        .map(|name| (name.to_owned(), nobody_counts.clone()))
        .into();
    seen.insert(
        names::INSTRUCTIONS.to_owned(),
        instructions::observe(body, clock, batch),
    );
    seen
}

/// What is known when the case is left.
pub(crate) fn at_the_end() -> BTreeMap<MetricName, Observed> {
    BTreeMap::from([(names::PEAK_RSS.to_owned(), resident::peak())])
}

#[cfg(test)]
mod tests {
    use perf_schema::metric::is_reserved;

    #[test]
    fn no_author_can_take_the_name_of_what_is_seen_here() {
        for name in super::at_the_end().keys() {
            assert!(is_reserved(name), "{name}");
        }
    }
}
