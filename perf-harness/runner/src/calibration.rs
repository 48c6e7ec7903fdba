//! How many iterations make a sample.

use std::time::Duration;

use perf_schema::wire::Order;

/// How many samples' time a batch may take with everything around it: making inputs, dropping outputs.
const AROUND: u64 = 40;

/// How a pilot looks for the batch size.
pub(crate) struct Calibration {
    pub(crate) order: Order,
    /// The size that an earlier run settled on.
    earlier: Option<u64>,
}

impl Calibration {
    /// Aims at samples as long as `sample`, and keeps the size of an `earlier` run where it can.
    pub(crate) fn to(sample: Duration, earlier: Option<u64>) -> Self {
        let sample_ns = u64::try_from(sample.as_nanos()).unwrap_or(u64::MAX);
        Self {
            order: Order::Calibrate {
                sample_ns,
                // A slow input generator ends the search, not the patience of the user.
                limit_ns: sample_ns.saturating_mul(AROUND),
            },
            earlier,
        }
    }

    /// The batch size and sample length to use, where the pilot found `found`.
    ///
    /// The size of an earlier run is kept, since it is part of what is measured: it decides how much memory a batch holds,
    /// and with it what the allocator and the caches do. Only code that has become several times slower or faster needs
    /// another.
    pub(crate) fn settle(&self, found: (u64, u64)) -> (u64, u64) {
        let Some(fixed) = self.earlier else {
            return found;
        };
        let length = u128::from(found.1) * u128::from(fixed) / u128::from(found.0.max(1));
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        let fits =
            |length: u64, target: u64| length <= target.saturating_mul(4) && length >= target / 4;
        if fits(length, found.1) {
            (fixed, length)
        } else {
            found
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_batch_of_an_earlier_run_is_kept_while_it_fits() {
        let settle = |earlier, found| {
            let order = Order::Finish;
            Calibration { order, earlier }.settle(found)
        };
        assert_eq!(settle(None, (100, 1_000_000)), (100, 1_000_000));
        assert_eq!(settle(Some(110), (100, 1_000_000)), (110, 1_100_000));
        assert_eq!(settle(Some(25), (100, 1_000_000)), (25, 250_000));
        assert_eq!(settle(Some(1000), (100, 1_000_000)), (100, 1_000_000));
        assert_eq!(settle(Some(1), (100, 1_000_000)), (100, 1_000_000));
    }
}
