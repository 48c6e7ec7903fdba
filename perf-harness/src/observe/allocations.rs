//! What an iteration asks of the allocator.

use std::collections::BTreeMap;
use std::hint::black_box;

use perf_schema::metric::names;
use perf_schema::{MetricName, Observed, Unit};

use super::counting::{self, Tallied};
use crate::measure::{Batch, Meter};

/// The binary's allocator does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the bench target's allocator does not count: write `perf::main!(alloc = counting)`, or wrap your own in `perf::Counting`"
)]
pub(crate) struct NotCounting;

/// The figures as metrics. Where nobody counts, the reason stands once.
pub(super) fn metrics(seen: Result<Vec<Tallied>, NotCounting>) -> BTreeMap<MetricName, Observed> {
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => {
            let reason = error.to_string();
            return BTreeMap::from([(names::ALLOCS.to_owned(), Observed::Absent { reason })]);
        }
    };
    let each = |unit, pick: fn(&Tallied) -> u64| {
        Observed::exact_each(unit, seen.iter().map(|tallied| pick(tallied) as f64))
    };
    BTreeMap::from([
        (names::ALLOCS.to_owned(), each(Unit::COUNT, |t| t.calls)),
        (
            names::ALLOC_BYTES.to_owned(),
            each(Unit::BYTES, |t| t.bytes),
        ),
        (names::PEAK.to_owned(), each(Unit::BYTES, |t| t.peak)),
    ])
}

/// While this lives, its thread is at work for the harness.
pub(super) struct Aside;

impl Aside {
    pub(super) fn stand() -> Self {
        counting::stand_aside();
        Self
    }

    /// Whether anybody counts, seen by trying.
    pub(super) fn counts(&self) -> bool {
        counting::reset();
        counting::open();
        drop(black_box(Box::new(0_u8)));
        counting::close();
        counting::tallied().calls > 0
    }

    /// What each iteration asks for, between the moments at which `meter`'s watch opens and closes the counting. They are
    /// run one by one, so that what one leaves behind does not add to the next one's peak.
    pub(super) fn one_by_one(
        &self,
        body: &mut dyn Batch,
        meter: Meter,
        iterations: u64,
    ) -> Vec<Tallied> {
        let each = |_| {
            counting::reset();
            body.run(1, meter);
            counting::tallied()
        };
        (0..iterations).map(each).collect()
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        counting::rejoin();
    }
}
