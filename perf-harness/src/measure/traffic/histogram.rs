//! Times sorted into buckets that grow with them.
//!
//! hdrhistogram, which single calls are counted with, is an optional dependency; limits of load are not.

/// Buckets for each doubling: a time is known to less than one per cent.
const PER_DOUBLING: u64 = 128;
const BITS: u32 = PER_DOUBLING.trailing_zeros();

/// How many times fell into which bucket.
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram {
    /// As many as the longest time needs.
    counts: Vec<u64>,
    count: u64,
    longest: u64,
}

impl Histogram {
    pub(super) fn add(&mut self, ns: u64) {
        self.add_many(ns, 1);
    }

    /// The same time, so many times.
    pub(super) fn add_many(&mut self, ns: u64, count: u64) {
        let bucket = bucket_of(ns);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += count;
        self.count += count;
        self.longest = self.longest.max(ns);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (own, others) in self.counts.iter_mut().zip(&other.counts) {
            *own += others;
        }
        self.count += other.count;
        self.longest = self.longest.max(other.longest);
    }

    /// The time that `percent` in a hundred did not exceed, by nearest rank and up to the width of a bucket; `None` where
    /// fewer than `least` were counted.
    pub(super) fn percentile(&self, percent: u64, least: u64) -> Option<u64> {
        if self.count < least.max(1) {
            return None;
        }
        let rank = self.count.saturating_mul(percent).div_ceil(100).max(1);
        let mut below = 0;
        let bucket = self.counts.iter().position(|&count| {
            below += count;
            below >= rank
        })?;
        Some(last_of(bucket).min(self.longest))
    }
}

/// Times below the first doubling each have a bucket of their own.
fn bucket_of(ns: u64) -> usize {
    let doublings = (u64::BITS - ns.leading_zeros()).saturating_sub(BITS + 1);
    let bucket = u64::from(doublings) * PER_DOUBLING + (ns >> doublings);
    // At most 58 doublings of 128.
    usize::try_from(bucket).unwrap_or(usize::MAX)
}

/// The longest time of a bucket.
fn last_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let doublings = (bucket / PER_DOUBLING).saturating_sub(1);
    let place = bucket - doublings * PER_DOUBLING;
    ((u128::from(place) + 1) << doublings)
        .saturating_sub(1)
        .try_into()
        .unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_its_times_and_is_narrow() {
        let mut rng = fastrand::Rng::with_seed(7);
        let some = (0..10_000).map(|_| rng.u64(..) >> rng.u32(0..64));
        for ns in (0..1000).chain(some).chain([u64::MAX]) {
            let last = last_of(bucket_of(ns));
            assert!(ns <= last, "{ns} in a bucket up to {last}");
            assert_eq!(bucket_of(last), bucket_of(ns));
            assert!(last - ns <= ns / PER_DOUBLING, "{ns} to {last}");
            if last < u64::MAX {
                assert_eq!(bucket_of(last + 1), bucket_of(ns) + 1);
            }
        }
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let mut rng = fastrand::Rng::with_seed(8);
        for count in [1_usize, 2, 9, 10, 99, 100, 101, 5000] {
            let mut times: Vec<u64> = (0..count).map(|_| rng.u64(0..10_000_000)).collect();
            let mut halves = [Histogram::default(), Histogram::default()];
            for (index, &ns) in times.iter().enumerate() {
                halves[index % 2].add(ns);
            }
            let [mut all, other] = halves;
            all.merge(&other);
            times.sort_unstable();
            for percent in [50, 90, 99, 100] {
                let exact = times[(count * percent).div_ceil(100) - 1];
                let told = all.percentile(percent as u64, 1).unwrap();
                assert!(
                    exact <= told && told <= exact + exact / 128,
                    "{exact} {told}"
                );
            }
            assert_eq!(all.percentile(100, 1), times.last().copied());
            assert_eq!(all.percentile(50, count as u64 + 1), None);
        }
        assert_eq!(Histogram::default().percentile(50, 0), None);
    }
}
