//! What is seen of a body besides its time: in a pass of its own, since looking on takes time.

mod resident;

use std::collections::BTreeMap;

use perf_schema::metric::names;
use perf_schema::{MetricName, Observed};

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
