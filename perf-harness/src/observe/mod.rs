//! What is seen of a body besides its time: in a pass of its own, since looking on takes time.

#[cfg(feature = "latency")]
pub(crate) mod latency;
mod resident;

use std::collections::BTreeMap;

use perf_schema::metric::names;
use perf_schema::{MetricName, Observed};

/// What is known when the case is left.
pub(crate) fn at_the_end() -> BTreeMap<MetricName, Observed> {
    BTreeMap::from([(names::PEAK_RSS.to_owned(), resident::peak())])
}

/// The largest memory of this process in bytes, where the system tells it.
pub(crate) fn resident_peak() -> Option<u64> {
    resident::high_water_mark().ok()
}
